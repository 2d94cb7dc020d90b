// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "fixture.hpp"

namespace neuraxis::test
{
namespace
{

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

auto ladder_config() -> CordConfig
{
  auto config = make_config();
  config.hold_time_s = 0.5;
  config.lowering_time_s = 1.0;
  config.damping_time_s = 0.5;
  return config;
}

TEST(SpinalCord, holds_the_measured_position_until_the_first_command)
{
  auto config = make_config();
  SpinalCord cord(config);
  StateSample sample;
  sample.pos = {0.2, -0.3, 0.4};
  cord.start(0.0, sample);
  const auto & output = cord.update(0.001);
  EXPECT_EQ(cord.status().level, StopLevel::hold);
  EXPECT_FALSE(cord.status().latched);
  for (std::size_t i = 0; i < 3; ++i)
  {
    EXPECT_DOUBLE_EQ(output.target.pos[i], sample.pos[i]);
    EXPECT_DOUBLE_EQ(output.target.kp[i], config.joints[i].kp_hold);
    EXPECT_DOUBLE_EQ(output.effort_total[i], 0.0);
  }
}

TEST(SpinalCord, takes_over_slightly_outside_the_limits_without_a_jerk)
{
  const auto config = make_config();
  SpinalCord cord(config);
  StateSample sample;
  const double outside = config.joints[0].upper + 0.077;
  sample.pos = {outside, 0.0, 0.0};
  cord.start(0.0, sample);
  EXPECT_DOUBLE_EQ(cord.update(0.001).effort_total[0], 0.0);

  auto command = make_command(0.001, 0.0);
  command.target.pos[0] = outside;
  EXPECT_TRUE(cord.submit(0.001, command).accepted());
  command.target.pos[0] = outside + 0.01;
  EXPECT_EQ(cord.submit(0.001, command).reason, Rejection::position);
  command.target.pos[0] = config.joints[0].upper + 0.05;
  EXPECT_TRUE(cord.submit(0.002, command).accepted());
  command.target.pos[0] = outside;
  EXPECT_EQ(cord.submit(0.003, command).reason, Rejection::position);
}

TEST(SpinalCord, goes_to_the_limit_from_beyond_the_margin)
{
  const auto config = make_config();
  SpinalCord cord(config);
  StateSample sample;
  sample.pos = {config.joints[0].upper + 0.2, 0.0, 0.0};
  cord.start(0.0, sample);
  EXPECT_DOUBLE_EQ(cord.update(0.001).target.pos[0], config.joints[0].upper);
}

TEST(SpinalCord, applies_the_five_tuple_law)
{
  CordBench bench(make_config());
  bench.sample.pos[1] = 0.01;
  bench.sample.vel[1] = 0.5;
  auto command = make_command(0.0, 0.03);
  command.target.vel[1] = 0.2;
  command.target.effort[1] = 1.5;
  for (int i = 0; i < 100; ++i)
  {
    command.stamp_s = bench.now_s;
    ASSERT_TRUE(bench.cord.submit(bench.now_s, command).accepted());
    bench.pass(0.01);
  }
  const double expected = 1.5 + 80.0 * (0.03 - 0.01) + 4.0 * (0.2 - 0.5);
  EXPECT_EQ(bench.level(), StopLevel::run);
  EXPECT_NEAR(bench.output.effort_total[1], expected, 1e-9);
}

TEST(SpinalCord, interpolates_commands_of_100_Hz_to_1_kHz)
{
  CordBench bench(make_config());
  bench.command(0.0);
  constexpr double kSlope_rad_s = 1.0;
  double last = 0.0;
  for (int k = 0; k < 60; ++k)
  {
    ASSERT_TRUE(bench.command(kSlope_rad_s * bench.now_s).accepted());
    for (int i = 0; i < 10; ++i)
    {
      bench.cycle();
      const double step = bench.output.target.pos[0] - last;
      last = bench.output.target.pos[0];
      if (k > 30)
      {
        EXPECT_NEAR(step, kSlope_rad_s * kPeriod_s, 0.1 * kSlope_rad_s * kPeriod_s);
      }
    }
  }
}

TEST(SpinalCord, commands_of_1_kHz_pass_without_delay)
{
  CordBench bench(make_config());
  for (int i = 0; i < 200; ++i)
  {
    ASSERT_TRUE(bench.command(1e-3 * i).accepted());
    bench.cycle();
  }
  EXPECT_NEAR(bench.output.target.pos[0], 1e-3 * 199, 1.1e-3);
}

TEST(SpinalCord, a_refused_command_changes_nothing_and_is_counted)
{
  CordBench bench(make_config());
  bench.command(0.02);
  bench.pass(0.05);
  auto bad = make_command(bench.now_s, 0.02);
  bad.target.effort[2] = kNan;
  EXPECT_EQ(bench.cord.submit(bench.now_s, bad).reason, Rejection::nonfinite);
  bench.pass(0.01);
  EXPECT_NEAR(bench.output.target.pos[2], 0.02, 1e-12);
  const auto & counters = bench.cord.status().counters;
  EXPECT_EQ(counters.commands_accepted, 1U);
  EXPECT_EQ(counters.commands_rejected[static_cast<std::size_t>(Rejection::nonfinite)], 1U);
  EXPECT_EQ(bench.cord.status().last_rejection.joint, 2U);
}

TEST(SpinalCord, refused_commands_do_not_feed_the_watchdog)
{
  const auto config = make_config();
  CordBench bench(config);
  bench.command(0.02);
  auto bad = make_command(0.0, 9.0);
  for (int i = 0; i < 30; ++i)
  {
    bench.pass(0.01);
    bad.stamp_s = bench.now_s;
    bench.cord.submit(bench.now_s, bad);
  }
  EXPECT_EQ(bench.level(), StopLevel::hold);
  EXPECT_EQ(bench.cord.status().cause.reason, StopReason::command_stale);
}

TEST(SpinalCord, a_stale_command_latches_hold_at_the_last_accepted_position_without_feedforward)
{
  const auto config = make_config();
  CordBench bench(config);
  auto command = make_command(0.0, 0.04);
  command.target.effort[0] = 6.0;
  bench.cord.submit(0.0, command);
  bench.pass(config.command_timeout_s);
  EXPECT_EQ(bench.level(), StopLevel::run);
  EXPECT_NEAR(bench.output.target.effort[0], 6.0, 1e-9);
  bench.cycle();
  EXPECT_EQ(bench.level(), StopLevel::hold);
  EXPECT_TRUE(bench.cord.status().latched);
  bench.pass(config.fade_time_s / 2);
  EXPECT_NEAR(bench.output.target.effort[0], 3.0, 0.1);
  bench.pass(config.fade_time_s / 2);
  EXPECT_DOUBLE_EQ(bench.output.target.effort[0], 0.0);
  EXPECT_DOUBLE_EQ(bench.output.target.pos[0], 0.04);
  EXPECT_DOUBLE_EQ(bench.output.target.kp[0], config.joints[0].kp_hold);
}

/// Commands every 10 ms until the cord knows their pace; the last one comes now.
void walk_along(CordBench & bench, JointCommand command)
{
  for (int k = 0; k <= 40; ++k)
  {
    bench.pass(k == 0 ? 0.0 : 0.01);
    command.stamp_s = bench.now_s;
    ASSERT_TRUE(bench.cord.submit(bench.now_s, command).accepted());
  }
  ASSERT_EQ(bench.cord.status().counters.bridges, 0U);
}

TEST(SpinalCord, within_20_ms_a_missing_command_is_bridged_on_the_last_one_and_reported)
{
  const auto config = make_config();
  CordBench bench(config);
  auto command = make_command(0.0, 0.04);
  command.target.vel[0] = 0.5;
  command.target.effort[0] = 6.0;
  walk_along(bench, command);
  bench.pass(0.01 + config.late_margin_s);
  EXPECT_FALSE(bench.cord.status().bridging);
  EXPECT_EQ(bench.cord.status().cause.reason, StopReason::none);
  bench.cycle();
  const auto & status = bench.cord.status();
  EXPECT_TRUE(status.bridging);
  EXPECT_EQ(status.cause.reason, StopReason::command_late);
  EXPECT_NEAR(status.cause.value, 0.018, 1e-9);
  EXPECT_NEAR(status.cause.bound, 0.017, 1e-6);
  EXPECT_EQ(status.level, StopLevel::run);
  EXPECT_FALSE(status.latched);
  bench.pass(0.1);
  EXPECT_NEAR(bench.output.target.pos[0], 0.04, 1e-12);
  EXPECT_NEAR(bench.output.target.effort[0], 6.0, 1e-12);
  EXPECT_DOUBLE_EQ(bench.output.target.vel[0], 0.0);
  EXPECT_DOUBLE_EQ(bench.output.target.kp[0], command.target.kp[0]);
  EXPECT_EQ(status.counters.bridges, 1U);
}

TEST(SpinalCord, a_command_ends_the_bridge_and_none_until_the_timeout_latches_hold)
{
  const auto config = make_config();
  CordBench bench(config);
  walk_along(bench, make_command(0.0, 0.04));
  bench.pass(0.1);
  ASSERT_TRUE(bench.cord.status().bridging);
  ASSERT_TRUE(bench.command(0.05).accepted());
  bench.cycle();
  EXPECT_FALSE(bench.cord.status().bridging);
  EXPECT_EQ(bench.cord.status().cause.reason, StopReason::none);
  bench.pass(config.command_timeout_s - 2 * kPeriod_s);
  EXPECT_TRUE(bench.cord.status().bridging);
  bench.pass(3 * kPeriod_s);
  EXPECT_FALSE(bench.cord.status().bridging);
  EXPECT_EQ(bench.level(), StopLevel::hold);
  EXPECT_EQ(bench.cord.status().cause.reason, StopReason::command_stale);
}

TEST(SpinalCord, a_jump_that_is_said_again_and_again_is_never_followed_and_ends_in_hold)
{
  const auto config = make_config();
  CordBench bench(config);
  walk_along(bench, make_command(0.0, 0.0));
  // Within what the joint could do in the whole timeout, and so within the limits of a gap.
  const double jump = config.position_step + 0.15 * config.joints[0].velocity_max;
  for (int k = 0; k < 25 && bench.level() == StopLevel::run; ++k)
  {
    bench.pass(0.01);
    ASSERT_FALSE(bench.command(jump).accepted()) << "after " << k;
    ASSERT_NEAR(bench.output.target.pos[0], 0.0, 1e-12);
  }
  EXPECT_EQ(bench.level(), StopLevel::hold);
  EXPECT_EQ(bench.cord.status().cause.reason, StopReason::command_stale);
}

TEST(SpinalCord, one_command_that_is_refused_does_not_make_the_next_one_a_jump)
{
  const auto config = make_config();
  CordBench bench(config);
  walk_along(bench, make_command(0.0, 0.0));
  bench.pass(0.01);
  ASSERT_FALSE(bench.command(1.0).accepted());
  bench.pass(0.01);
  EXPECT_TRUE(bench.command(config.joints[0].velocity_max * 0.02).accepted());
}

TEST(SpinalCord, after_a_gap_a_far_target_is_reached_no_faster_than_the_joint_may_go)
{
  const auto config = make_config();
  CordBench bench(config);
  walk_along(bench, make_command(0.0, 0.0));
  bench.pass(0.1);
  const double fastest = config.joints[0].velocity_max;
  const double goal = config.position_step + 0.09 * fastest;
  double before = bench.output.target.pos[0];
  for (int k = 0; k < 12; ++k)
  {
    ASSERT_TRUE(bench.command(goal).accepted());
    for (int cycle = 0; cycle < 10; ++cycle)
    {
      bench.cycle();
      const double now = bench.output.target.pos[0];
      // The last step may be the one that is always allowed.
      const double longest = goal - before > config.position_step + fastest * 0.02
                               ? 1.6 * fastest * kPeriod_s
                               : config.position_step;
      ASSERT_LE(now - before, longest) << "after " << k << ", " << cycle;
      before = now;
    }
  }
  EXPECT_NEAR(before, goal, 1e-6);
}

TEST(SpinalCord, answers_to_a_state_that_was_answered_before_do_not_end_a_bridge)
{
  CordBench bench(make_config());
  walk_along(bench, make_command(0.0, 0.04));
  const auto again = make_command(bench.now_s, 0.04);
  for (int k = 0; k < 5; ++k)
  {
    bench.pass(0.01);
    EXPECT_TRUE(bench.cord.submit(bench.now_s, again).accepted());
  }
  bench.cycle();
  EXPECT_TRUE(bench.cord.status().bridging);
  EXPECT_EQ(bench.cord.status().counters.bridges, 1U);
}

TEST(SpinalCord, commands_that_jitter_by_a_few_ms_are_not_late)
{
  CordBench bench(make_config());
  walk_along(bench, make_command(0.0, 0.04));
  for (const double gap_s : {0.014, 0.006, 0.015, 0.005, 0.011, 0.013, 0.008, 0.016})
  {
    bench.pass(gap_s);
    ASSERT_TRUE(bench.command(0.04).accepted());
  }
  EXPECT_EQ(bench.cord.status().counters.bridges, 0U);
}

TEST(SpinalCord, the_same_stamp_again_and_again_goes_stale)
{
  CordBench bench(make_config());
  for (int i = 0; i < 30; ++i)
  {
    bench.cord.submit(bench.now_s, make_command(0.0, 0.0));
    bench.pass(0.01);
  }
  EXPECT_EQ(bench.level(), StopLevel::hold);
  EXPECT_EQ(bench.cord.status().cause.reason, StopReason::command_stale);
}

TEST(SpinalCord, walks_down_the_ladder_smoothly)
{
  const auto config = ladder_config();
  CordBench bench(config);
  bench.command(0.0);
  bench.pass(config.command_timeout_s + kPeriod_s);
  ASSERT_EQ(bench.level(), StopLevel::hold);
  bench.pass(config.hold_time_s);
  ASSERT_EQ(bench.level(), StopLevel::lowering);
  double last = bench.output.target.pos[0];
  // Peak of a minimum-jerk profile: 15/8 of the mean speed.
  const double step_max =
    1.01 * 15.0 / 8.0 * config.joints[0].lowering_pos / config.lowering_time_s * kPeriod_s;
  while (bench.level() == StopLevel::lowering)
  {
    EXPECT_LE(std::abs(bench.output.target.pos[0] - last), step_max);
    last = bench.output.target.pos[0];
    bench.cycle();
  }
  EXPECT_NEAR(last, config.joints[0].lowering_pos, 1e-4);
  EXPECT_EQ(bench.level(), StopLevel::damping);
  EXPECT_DOUBLE_EQ(bench.output.target.kp[0], 0.0);
  EXPECT_DOUBLE_EQ(bench.output.target.kd[0], config.joints[0].kd_damping);
  bench.sample.vel[0] = 0.5;
  bench.cycle();
  EXPECT_DOUBLE_EQ(bench.output.effort_total[0], -0.5 * config.joints[0].kd_damping);
  bench.pass(config.damping_time_s);
  EXPECT_EQ(bench.level(), StopLevel::zero);
  EXPECT_DOUBLE_EQ(bench.output.effort_total[0], 0.0);
  EXPECT_DOUBLE_EQ(bench.output.target.kd[0], 0.0);
}

TEST(SpinalCord, silence_of_the_robot_damps_and_gives_no_torque)
{
  const auto config = make_config();
  CordBench bench(config);
  auto command = make_command(0.0, 0.04);
  command.target.effort[0] = 10.0;
  bench.cord.submit(0.0, command);
  bench.sample.vel[0] = 0.3;
  bench.pass(0.1);
  EXPECT_GT(bench.output.effort_total[0], 5.0);
  bench.fresh = false;
  bench.pass(config.state_timeout_s + 2 * kPeriod_s);
  EXPECT_EQ(bench.level(), StopLevel::damping);
  EXPECT_EQ(bench.cord.status().cause.reason, StopReason::state_stale);
  EXPECT_DOUBLE_EQ(bench.output.effort_total[0], 0.0);
  EXPECT_DOUBLE_EQ(bench.output.target.effort[0], 0.0);
  EXPECT_DOUBLE_EQ(bench.output.target.kp[0], 0.0);
  EXPECT_DOUBLE_EQ(bench.output.target.kd[0], config.joints[0].kd_damping);
}

TEST(SpinalCord, a_measurement_that_is_not_finite_is_no_measurement)
{
  const auto config = make_config();
  CordBench bench(config);
  bench.command(0.0);
  bench.pass(0.02);
  bench.sample.vel[1] = kNan;
  bench.pass(config.state_timeout_s + 2 * kPeriod_s);
  EXPECT_EQ(bench.level(), StopLevel::damping);
  EXPECT_GT(bench.cord.status().counters.state_nonfinite, 0U);
  EXPECT_DOUBLE_EQ(bench.output.effort_total[1], 0.0);
}

TEST(SpinalCord, an_error_of_the_backend_damps_at_once_and_keeps_its_code)
{
  CordBench bench(make_config());
  bench.command(0.0);
  bench.pass(0.02);
  bench.cord.measure(bench.now_s, {ReadStatus::error, 42}, bench.sample);
  bench.cord.update(bench.now_s);
  EXPECT_EQ(bench.level(), StopLevel::damping);
  EXPECT_EQ(bench.cord.status().cause.reason, StopReason::backend_error);
  EXPECT_DOUBLE_EQ(bench.cord.status().cause.value, 42.0);
}

TEST(SpinalCord, a_fall_damps_also_from_hold)
{
  const auto config = make_config();
  CordBench bench(config);
  constexpr double kRate_rad_s = 2.0;
  bench.sample.imu.gyro_B_rad_s = {kRate_rad_s, 0.0, 0.0};
  const double fall_s = config.tilt_limit_rad / kRate_rad_s;
  // The filter leans back to the (here constant) vertical while it integrates.
  bench.pass(fall_s * 0.8);
  EXPECT_EQ(bench.level(), StopLevel::hold);
  bench.pass(fall_s * 0.6);
  EXPECT_EQ(bench.level(), StopLevel::damping);
  EXPECT_EQ(bench.cord.status().cause.reason, StopReason::tilt);
}

TEST(SpinalCord, an_imu_that_repeats_itself_is_frozen_where_this_is_watched)
{
  auto config = make_config();
  config.frozen_timeout_s = 0.1;
  CordBench bench(config);
  for (int i = 0; i < 500; ++i)
  {
    bench.sample.imu.gyro_B_rad_s[2] = 1e-6 * (i % 2);
    bench.cycle();
  }
  EXPECT_EQ(bench.level(), StopLevel::hold);
  bench.pass(config.frozen_timeout_s + 2 * kPeriod_s);
  EXPECT_EQ(bench.level(), StopLevel::damping);
}

TEST(SpinalCord, a_latched_cord_refuses_commands_until_reset)
{
  CordBench bench(make_config());
  bench.command(0.0);
  bench.cord.request_stop(bench.now_s, StopLevel::hold, operator_cause("stop"));
  EXPECT_EQ(bench.command(0.0).reason, Rejection::latched);
  EXPECT_TRUE(bench.cord.reset_stop(bench.now_s).accepted);
  EXPECT_EQ(bench.level(), StopLevel::hold);
  EXPECT_TRUE(bench.command(0.0).accepted());
  bench.cycle();
  EXPECT_EQ(bench.level(), StopLevel::run);
}

TEST(SpinalCord, a_command_from_before_the_reset_does_not_count)
{
  CordBench bench(make_config());
  const auto old = make_command(bench.now_s, 0.0);
  bench.pass(0.01);
  bench.cord.request_stop(bench.now_s, StopLevel::hold, operator_cause("stop"));
  ASSERT_TRUE(bench.cord.reset_stop(bench.now_s).accepted);
  EXPECT_EQ(bench.cord.submit(bench.now_s, old).reason, Rejection::out_of_order);
}

TEST(SpinalCord, reset_is_refused_while_the_danger_lasts)
{
  const auto config = make_config();
  CordBench bench(config);
  bench.fresh = false;
  bench.pass(2 * config.state_timeout_s);
  const auto refused = bench.cord.reset_stop(bench.now_s);
  EXPECT_FALSE(refused.accepted);
  EXPECT_EQ(refused.refusal.reason, StopReason::state_stale);
  EXPECT_EQ(bench.level(), StopLevel::damping);
  bench.fresh = true;
  bench.cycle();
  EXPECT_TRUE(bench.cord.reset_stop(bench.now_s).accepted);
}

TEST(SpinalCord, reset_after_damping_holds_where_the_robot_lies)
{
  CordBench bench(make_config());
  bench.cord.request_stop(bench.now_s, StopLevel::damping, operator_cause("down"));
  bench.sample.pos = {0.7, 0.6, 99.0};
  bench.pass(0.1);
  ASSERT_TRUE(bench.cord.reset_stop(bench.now_s).accepted);
  bench.cycle();
  EXPECT_DOUBLE_EQ(bench.output.target.pos[0], 0.7);
  EXPECT_DOUBLE_EQ(bench.output.target.pos[2], make_config().joints[2].upper);
}

TEST(SpinalCord, reset_after_hold_keeps_the_targets_of_a_robot_that_stands)
{
  const auto config = make_config();
  CordBench bench(config);
  bench.command(0.04);
  bench.pass(config.command_timeout_s + config.fade_time_s + 0.01);
  bench.sample.pos[0] = 0.03;
  bench.cycle();
  ASSERT_TRUE(bench.cord.reset_stop(bench.now_s).accepted);
  bench.cycle();
  EXPECT_NEAR(bench.output.target.pos[0], 0.04, 1e-12);
}

TEST(SpinalCord, starting_without_a_measurement_gives_no_torque)
{
  SpinalCord cord(make_config());
  StateSample none;
  none.stamp_s = kNan;
  cord.start(0.0, none);
  const auto & output = cord.update(0.001);
  EXPECT_EQ(cord.status().level, StopLevel::damping);
  EXPECT_DOUBLE_EQ(output.effort_total[0], 0.0);
}

}  // namespace
}  // namespace neuraxis::test
