// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "neuraxis/rt.hpp"
#include "realtime_trap.hpp"
#include "wire_follower.hpp"
#include "wire_params.hpp"
#include "wire_space.hpp"
#include "wire_state.hpp"
#include "wire_writer.hpp"

namespace neuraxis
{
namespace
{

using Values = std::map<std::string, std::string>;

const std::vector<std::string> kLegJoints{"left_hip_pitch_joint", "left_knee_joint"};

[[nodiscard]] auto leg_values() -> Values
{
  return {
    {"groups", "leg"},
    {"leg.state_topic", "/leg/state"},
    {"leg.command_topic", "/leg/command"},
    {"leg.joints", "left_knee, left_hip_pitch"}};
}

[[nodiscard]] auto ankle_values(const std::string & gains) -> Values
{
  return {
    {"groups", "leg"},
    {"leg.state_topic", "/leg/state"},
    {"leg.command_topic", "/leg/command"},
    {"leg.joints", "motorA motorB tarsus"},
    {"linkages", "ankle"},
    {"ankle.kind", "a2_left_ankle"},
    {"ankle.joints", "toe_pitch toe_roll"},
    {"ankle.drives", "motorA motorB"},
    {"ankle.torque_speed", "50 8 12"},
    {"linkage_gains", gains}};
}

const std::vector<std::string> kAnkleJoints{"tarsus", "toe_pitch", "toe_roll"};

template <typename Function>
void expect_refusal(Function make, const std::vector<std::string> & words)
{
  try
  {
    make();
    ADD_FAILURE() << "nothing was refused";
  }
  catch (const std::invalid_argument & refusal)
  {
    for (const auto & word : words)
    {
      EXPECT_NE(std::string(refusal.what()).find(word), std::string::npos) << refusal.what();
    }
  }
}

TEST(WireParams, a_mistake_is_named_with_its_bound)
{
  const WireParams params(
    "body_drive", {{"rate", "fast"}, {"late", "9"}, {"order", "a, b\n c"}, {"mount", "0 0"}});
  expect_refusal([&] { (void)params.number("rate", 1, 0, 5); }, {"body_drive", "rate", "fast"});
  expect_refusal([&] { (void)params.number("late", 1, 0, 5); }, {"late", "[0, 5]"});
  expect_refusal([&] { (void)params.text("topic"); }, {"topic", "missing"});
  expect_refusal([&] { (void)params.choice("rate", "", {"a", "b"}); }, {"a, b"});
  expect_refusal([&] { (void)params.flag("late", true); }, {"late", "true or false"});
  expect_refusal([&] { (void)params.numbers("mount", {0, 0, 0}); }, {"mount", "3 numbers"});
  EXPECT_EQ(params.words("order"), (std::vector<std::string>{"a", "b", "c"}));
}

TEST(ResolveNames, order_and_suffix_do_not_matter)
{
  const WireSpace space(kLegJoints, {"x", leg_values()});
  std::vector<std::size_t> places;
  const auto & group = space.groups()[0];
  EXPECT_EQ(resolve_names(group, {}, {"left_hip_pitch_joint", "left_knee"}, places), "");
  EXPECT_EQ(places, (std::vector<std::size_t>{1, 0}));
  EXPECT_EQ(resolve_names(group, {}, {"", ""}, places), "");
  EXPECT_EQ(places, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(resolve_names(group, {"L1=left_knee"}, {"L1", "left_hip_pitch"}, places), "");
}

TEST(ResolveNames, wrong_missing_and_repeated_names_are_named)
{
  const WireSpace space(kLegJoints, {"x", leg_values()});
  std::vector<std::size_t> places;
  const auto & group = space.groups()[0];
  const auto wrong = resolve_names(group, {}, {"left_knee", "left_elbow"}, places);
  EXPECT_NE(wrong.find("'left_elbow'"), std::string::npos) << wrong;
  EXPECT_NE(wrong.find("/leg/state"), std::string::npos) << wrong;
  const auto missing = resolve_names(group, {}, {"left_knee"}, places);
  EXPECT_NE(missing.find("missing: left_hip_pitch"), std::string::npos) << missing;
  EXPECT_NE(resolve_names(group, {}, {"left_knee", "left_knee"}, places), "");
  EXPECT_NE(resolve_names(group, {}, {"left_knee", ""}, places), "");
}

TEST(WireSpace, joints_and_tables_must_fit)
{
  auto values = leg_values();
  expect_refusal(
    [&] { WireSpace({"left_knee_joint"}, {"x", values}); }, {"left_hip_pitch", "lacks"});
  expect_refusal(
    [&] { WireSpace({"left_hip_pitch_joint", "left_knee_joint", "grip"}, {"x", values}); },
    {"'grip'", "absent_joints"});
  values["absent_joints"] = "grip";
  EXPECT_NO_THROW(WireSpace({"left_hip_pitch_joint", "left_knee_joint", "grip"}, {"x", values}));
  auto chain = ankle_values("drive");
  chain["ankle.kind"] = "x1_ankle";
  expect_refusal([&] { WireSpace(kAnkleJoints, {"x", chain}); }, {"ankle.kind", "a2_left_ankle"});
  chain = ankle_values("drive");
  chain["ankle.drives"] = "motorA motorC";
  expect_refusal([&] { WireSpace(kAnkleJoints, {"x", chain}); }, {"motorB", "lacks"});
}

struct AnkleBench
{
  explicit AnkleBench(const std::string & gains) : space(kAnkleJoints, {"x", ankle_values(gains)})
  {
    in.pos = {0.3, -0.2, 0.1};
    in.vel = {0.0, 0.4, -0.3};
    in.state_usable = true;
    auto & target = in.output.target;
    target.pos = {0.3, -0.25, 0.05};
    target.effort = {1.0, 2.0, -1.0};
    target.kp = {100.0, 500.0, 400.0};
    target.kd = {1.0, 8.0, 6.0};
    for (std::size_t i = 0; i < 3; ++i)
    {
      in.output.effort_total[i] = target.effort[i] + target.kp[i] * (target.pos[i] - in.pos[i]) +
        target.kd[i] * (target.vel[i] - in.vel[i]);
    }
  }

  WireSpace space;
  WireOutput in;
  JointTuple wire;
};

TEST(WireSpace, drives_of_a_chain_produce_the_torque_of_the_joints)
{
  for (const auto * gains : {"drive", "host"})
  {
    AnkleBench bench(gains);
    bench.space.to_wire(bench.in, bench.wire);
    // What the drives would do with these five-tuples, seen from the joints.
    Linkage linkage(a2_ankle(Side::left));
    Pair drives{};
    ASSERT_TRUE(linkage.drives_of({-0.2, 0.1}, drives));
    ASSERT_TRUE(linkage.set_pose({-0.2, 0.1}, drives));
    const auto velocity = linkage.drive_velocity({0.4, -0.3});
    Pair torque{};
    for (std::size_t i = 0; i < 2; ++i)
    {
      torque[i] = bench.wire.effort[i] + bench.wire.kp[i] * (bench.wire.pos[i] - drives[i]) +
        bench.wire.kd[i] * (bench.wire.vel[i] - velocity[i]);
      EXPECT_EQ(bench.wire.kp[i] > 0.0, std::string(gains) == "drive");
    }
    const auto joint = linkage.joint_torque(torque);
    EXPECT_NEAR(joint[0], bench.in.output.effort_total[1], 1e-9);
    EXPECT_NEAR(joint[1], bench.in.output.effort_total[2], 1e-9);
    EXPECT_DOUBLE_EQ(bench.wire.pos[2], 0.3);
    EXPECT_DOUBLE_EQ(bench.wire.kp[2], 100.0);
  }
}

TEST(WireSpace, an_old_measurement_makes_no_torque)
{
  AnkleBench bench("drive");
  bench.in.state_usable = false;
  bench.space.to_wire(bench.in, bench.wire);
  EXPECT_DOUBLE_EQ(bench.wire.effort[0], 0.0);
  EXPECT_DOUBLE_EQ(bench.wire.effort[1], 0.0);
  EXPECT_GT(bench.wire.kd[0], 0.0);
}

TEST(WireSpace, a_chain_is_measured_in_joint_space)
{
  AnkleBench bench("drive");
  Linkage linkage(a2_ankle(Side::left));
  Pair drives{};
  ASSERT_TRUE(linkage.drives_of({-0.4, 0.2}, drives));
  ASSERT_TRUE(linkage.set_pose({-0.4, 0.2}, drives));
  const auto velocity = linkage.drive_velocity({0.5, 0.6});
  const auto torque = linkage.drive_torque({7.0, -3.0});
  WireState wire;
  wire.pos = {drives[0], drives[1], 0.9};
  wire.vel = {velocity[0], velocity[1], 0.0};
  wire.effort = {torque[0], torque[1], 0.0};
  wire.error[1] = 17;
  StateSample sample;
  ASSERT_TRUE(bench.space.to_joints(wire, sample));
  EXPECT_NEAR(sample.pos[1], -0.4, 1e-9);
  EXPECT_NEAR(sample.pos[2], 0.2, 1e-9);
  EXPECT_NEAR(sample.vel[1], 0.5, 1e-9);
  EXPECT_NEAR(sample.vel[2], 0.6, 1e-9);
  EXPECT_NEAR(sample.effort[1], 7.0, 1e-9);
  EXPECT_NEAR(sample.effort[2], -3.0, 1e-9);
  EXPECT_EQ(sample.joint_error[1], 17);
  EXPECT_EQ(sample.joint_error[2], 17);
  wire.pos[0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(bench.space.to_joints(wire, sample));
}

TEST(WireSpace, serial_drives_of_a_parallel_pair_are_limited_together)
{
  WireSpace space(
    {"left_ankle_pitch_joint", "left_ankle_roll_joint"},
    {"x",
     {{"groups", "leg"},
      {"leg.state_topic", "/s"},
      {"leg.joints", "left_ankle_pitch left_ankle_roll"},
      {"linkages", "ankle"},
      {"ankle.kind", "a3_left_ankle"},
      {"ankle.joints", "left_ankle_pitch left_ankle_roll"},
      {"ankle.torque_speed", "58 16.755161 23.561945"}}});
  WireOutput in;
  in.state_usable = true;
  in.output.target.effort = {118.2, 54.75};
  in.output.effort_total = {118.2, 54.75};
  JointTuple wire;
  space.to_wire(in, wire);
  const Linkage linkage(a3_ankle(Side::left));
  const auto drives = linkage.drive_torque({wire.effort[0], wire.effort[1]});
  EXPECT_LE(std::abs(drives[0]), 58.0 + 1e-6);
  EXPECT_LE(std::abs(drives[1]), 58.0 + 1e-6);
  EXPECT_LT(wire.effort[0], 118.0);
}

TEST(PositionFollower, reaches_its_target_within_speed_and_acceleration_without_overshoot)
{
  constexpr double kPeriod_s = 0.01;
  constexpr double kVelocity = 3.0;
  constexpr double kAcceleration = 6.28;
  for (const double target : {0.001, -0.05, 0.4, -2.5})
  {
    PositionFollower follower(kVelocity, kAcceleration);
    follower.reset(0, 0.0);
    double pos = 0.0;
    double vel = 0.0;
    for (int cycle = 0; cycle < 400; ++cycle)
    {
      const double next = follower.step(0, target, kPeriod_s);
      const double next_vel = (next - pos) / kPeriod_s;
      ASSERT_LE(std::abs(next_vel), kVelocity + 1e-9);
      ASSERT_LE(std::abs(next_vel - vel), kAcceleration * kPeriod_s + 1e-9);
      ASSERT_LE(next / target, 1.02) << target << " in cycle " << cycle;
      pos = next;
      vel = next_vel;
    }
    EXPECT_NEAR(pos, target, 1e-4) << target;
  }
}

TEST(WireWriter, an_output_is_on_the_wire_before_the_next_cycle_and_silence_stays_silence)
{
  WireWriter writer(1000.0, 5.0, 0);
  std::atomic<double> seen{0.0};
  writer.start([&](const WireOutput & out) { seen.store(out.output.target.pos[0]); });
  WireOutput output;
  output.output.target.pos[0] = 1.0;
  writer.post(output);
  for (int i = 0; i < 2000 && seen.load() != 1.0; ++i)
  {
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  EXPECT_DOUBLE_EQ(seen.load(), 1.0);
  const auto sent = writer.sent();
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  EXPECT_EQ(writer.sent(), sent);
  writer.stop();
}

TEST(WireWriter, hold_repeats_and_damp_lets_go_of_stiffness)
{
  WireWriter writer(500.0, 5.0, 0);
  std::atomic<double> stiffness{-1.0};
  std::atomic<double> damping{-1.0};
  std::atomic<std::uint64_t> unusable{0};
  writer.start(
    [&](const WireOutput & out)
    {
      stiffness.store(out.output.target.kp[0]);
      damping.store(out.output.target.kd[0]);
      unusable.fetch_add(out.state_usable ? 0 : 1);
    });
  WireOutput output;
  output.state_usable = true;
  output.output.target.kp[0] = 80.0;
  output.output.target.kd[0] = 2.0;
  writer.post(output);
  writer.set_mode(WriterMode::hold);
  const auto wait_for = [](const auto & met)
  {
    for (int i = 0; i < 2000 && !met(); ++i)
    {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  };
  wait_for([&] { return unusable.load() > 5; });
  EXPECT_GT(unusable.load(), 5U);
  EXPECT_DOUBLE_EQ(stiffness.load(), 80.0);
  writer.set_mode(WriterMode::damp);
  wait_for([&] { return stiffness.load() == 0.0; });
  EXPECT_DOUBLE_EQ(stiffness.load(), 0.0);
  EXPECT_DOUBLE_EQ(damping.load(), 5.0);
  writer.stop();
}

TEST(WireWriter, a_faster_loop_is_thinned_out_to_the_wire_rate)
{
  WireWriter writer(100.0, 5.0, 0);
  writer.start([](const WireOutput &) {});
  const auto start_ns = monotonic_ns();
  for (int cycle = 1; cycle <= 300; ++cycle)
  {
    writer.post(WireOutput{});
    sleep_until_ns(start_ns + cycle * 1'000'000LL);
  }
  const double lasted_s = static_cast<double>(monotonic_ns() - start_ns) * 1e-9;
  writer.stop();
  EXPECT_LE(static_cast<double>(writer.sent()), 100.0 * lasted_s + 2.0);
  EXPECT_GE(writer.sent(), 1U);
}

TEST(Wire, the_loop_side_and_the_maps_neither_allocate_nor_lock)
{
  AnkleBench bench("drive");
  WireReceiver receiver(bench.space, 0.03, false, true);
  WireWriter writer(500.0, 5.0, 0);
  writer.start([](const WireOutput &) {});
  WireState wire;
  StateSample sample;
  receiver.group_arrived(0, 1.0);
  test::clear_trap();
  test::arm_trap(true);
  for (int i = 0; i < 1000; ++i)
  {
    writer.post(bench.in);
    bench.space.to_wire(bench.in, bench.wire);
    (void)bench.space.to_joints(wire, sample);
    (void)receiver.read(1.0, 0.1, sample);
  }
  test::arm_trap(false);
  writer.stop();
  const auto counted = test::trapped();
  EXPECT_EQ(counted.allocations, 0U);
  EXPECT_EQ(counted.frees, 0U);
  EXPECT_EQ(counted.locks, 0U);
}

}  // namespace
}  // namespace neuraxis
