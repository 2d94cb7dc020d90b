// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "bridge_fixture.hpp"

namespace neuraxis::test
{
namespace
{

constexpr auto kHip = 0;
constexpr auto kKnee = 1;

[[nodiscard]] auto names_in(CommandSet set) -> std::vector<std::string>
{
  std::vector<std::string> out;
  const auto all = all_of("hip");
  for (std::size_t i = 0; i < kCommandBits; ++i)
  {
    if (has(set, static_cast<CommandBit>(i)))
    {
      out.push_back(all[i]);
    }
  }
  return out;
}

TEST(CordBridgeModes, exactly_the_table_is_accepted)
{
  const BridgeBench bench;
  int accepted = 0;
  for (CommandSet set = 1; set < 32; ++set)
  {
    const auto refusal = bench.bridge.check_switch(names_in(set), {});
    EXPECT_EQ(refusal.empty(), is_mode(set)) << refusal;
    accepted += refusal.empty() ? 1 : 0;
    if (!refusal.empty())
    {
      EXPECT_NE(refusal.find("joint 'hip'"), std::string::npos) << refusal;
    }
  }
  EXPECT_EQ(accepted, static_cast<int>(kCommandModes.size()));
}

TEST(CordBridgeModes, half_a_mode_is_refused_with_what_is_missing)
{
  BridgeBench bench;
  EXPECT_EQ(
    bench.bridge.check_switch({"knee/position", "knee/kp"}, {}),
    "joint 'knee': command interfaces [position, kp]: 'kp' needs 'kd'");
  EXPECT_EQ(
    bench.bridge.check_switch({"knee/kp", "knee/kd"}, {}),
    "joint 'knee': command interfaces [kp, kd]: gains need 'position'");
  bench.claim(all_of("knee"));
  EXPECT_NE(bench.bridge.check_switch({}, {"knee/kd"}).find("'kp' needs 'kd'"), std::string::npos);
  EXPECT_EQ(bench.bridge.check_switch({}, all_of("knee")), "");
  EXPECT_EQ(bench.bridge.check_switch({"knee/position"}, all_of("knee")), "");
  EXPECT_EQ(bench.bridge.check_switch({"spinal_cord/reset", "other/position"}, {}), "");
}

TEST(CordBridge, holds_the_measured_pose_after_activation)
{
  BridgeBench bench;
  bench.mock->set_joint(kKnee, 0.3, 0.0);
  bench.bridge.activate();
  bench.pass(0.5);
  EXPECT_EQ(bench.level(), StopLevel::hold);
  EXPECT_EQ(bench.gpio("latched"), 0.0);
  EXPECT_NEAR(bench.state("knee/position"), 0.3, 1e-9);
  EXPECT_EQ(bench.target().pos[kKnee], 0.3);
  EXPECT_EQ(bench.target().kp[kKnee], 100.0);
}

TEST(CordBridge, takes_over_slightly_outside_the_limits_without_a_jerk)
{
  BridgeBench bench;
  bench.mock->set_joint(kHip, -1.07, 0.0);
  bench.bridge.activate();
  bench.pass(0.2);
  EXPECT_NEAR(bench.state("hip/position"), -1.07, 1e-9);
  EXPECT_EQ(bench.mock->last_output().effort_total[kHip], 0.0);
}

TEST(CordBridge, refuses_to_take_over_far_outside_the_limits)
{
  BridgeBench bench;
  bench.mock->set_joint(kHip, -1.2, 0.0);
  try
  {
    bench.bridge.activate();
    FAIL();
  }
  catch (const std::runtime_error & error)
  {
    const std::string text = error.what();
    const auto * const words = "joint 'hip' stands at -1.2, outside [-1, 1.5]";
    EXPECT_NE(text.find(words), std::string::npos) << text;
  }
  EXPECT_FALSE(bench.bridge.active());
}

TEST(CordBridge, says_what_did_not_answer)
{
  BridgeBench bench;
  bench.mock->set_fault(MockFault::silence, 0.0);
  EXPECT_THROW(bench.bridge.activate(), std::runtime_error);
  bench.mock->set_fault(MockFault::nan, 1.0);
  try
  {
    bench.bridge.activate();
    FAIL();
  }
  catch (const std::runtime_error & error)
  {
    EXPECT_NE(std::string(error.what()).find("no finite position of joint 'knee'"),
              std::string::npos);
  }
}

TEST(CordBridge, refuses_a_backend_with_other_joints)
{
  CordBridge bridge(make_spec());
  EXPECT_THROW(
    bridge.attach(std::make_unique<MockBackend>(std::vector<std::string>{"knee", "hip"})),
    std::invalid_argument);
  EXPECT_THROW(
    bridge.attach(std::make_unique<MockBackend>(std::vector<std::string>{"hip"})),
    std::invalid_argument);
  EXPECT_FALSE(bridge.attached());
}

TEST(CordBridge, commands_reach_the_wire_in_the_cycle_they_come)
{
  BridgeBench bench;
  bench.bridge.activate();
  bench.claim(all_of("hip"));
  bench.tuple("hip", 0.0);
  bench.pass(0.2);
  ASSERT_EQ(bench.level(), StopLevel::run);
  bench.tuple("hip", 0.005, 90.0, 3.0);
  bench.cycle();
  EXPECT_NEAR(bench.target().pos[kHip], 0.005, 1e-4);
  EXPECT_NEAR(bench.target().kp[kHip], 90.0, 0.5);
  EXPECT_NEAR(bench.target().kd[kHip], 3.0, 0.1);
}

TEST(CordBridge, joints_that_nobody_claims_hold_with_configured_gains)
{
  BridgeBench bench;
  bench.mock->set_joint(kKnee, 0.3, 0.0);
  bench.bridge.activate();
  bench.claim({"hip/position"});
  bench.command("hip/position", 0.0);
  bench.pass(0.2);
  EXPECT_EQ(bench.level(), StopLevel::run);
  EXPECT_EQ(bench.target().pos[kKnee], 0.3);
  EXPECT_EQ(bench.target().kp[kKnee], 100.0);
  EXPECT_EQ(bench.target().kd[kKnee], 5.0);
}

TEST(CordBridge, a_joint_that_is_let_go_keeps_its_target)
{
  BridgeBench bench;
  bench.bridge.activate();
  bench.claim({"hip/position"});
  for (int i = 0; i < 300; ++i)
  {
    bench.command("hip/position", 0.001 * i);
    bench.cycle();
  }
  bench.claim({}, {"hip/position"});
  bench.pass(0.5);
  EXPECT_EQ(bench.level(), StopLevel::run);
  EXPECT_NEAR(bench.state("hip/position"), 0.299, 5e-3);
  EXPECT_EQ(bench.target().kp[kHip], 100.0);
}

TEST(CordBridge, a_joint_without_a_target_is_held_where_it_was_let_go)
{
  BridgeBench bench;
  bench.bridge.activate();
  bench.claim({"hip/velocity"});
  bench.command("hip/velocity", 0.5);
  bench.pass(0.4);
  const double there = bench.state("hip/position");
  EXPECT_GT(there, 0.05);
  bench.claim({}, {"hip/velocity"});
  bench.pass(1.0);
  EXPECT_NEAR(bench.state("hip/position"), there, 0.05);
  EXPECT_NEAR(bench.state("hip/velocity"), 0.0, 1e-3);
}

TEST(CordBridge, effort_alone_has_no_stiffness_and_velocity_alone_only_damping)
{
  BridgeBench bench;
  bench.bridge.activate();
  bench.claim({"hip/effort", "knee/velocity"});
  bench.command("hip/effort", 0.2);
  bench.command("knee/velocity", 0.1);
  bench.pass(0.1);
  EXPECT_NEAR(bench.mock->last_output().effort_total[kHip], 0.2, 1e-9);
  EXPECT_EQ(bench.target().kp[kHip], 0.0);
  EXPECT_EQ(bench.target().kd[kHip], 0.0);
  EXPECT_EQ(bench.target().kp[kKnee], 0.0);
  EXPECT_EQ(bench.target().kd[kKnee], 5.0);
}

TEST(CordBridge, not_a_number_is_no_command_and_ends_in_a_latched_hold)
{
  BridgeBench bench;
  bench.bridge.activate();
  bench.claim(all_of("hip"));
  bench.pass(1.0);
  EXPECT_EQ(bench.gpio("latched"), 0.0) << "nothing was commanded yet";
  bench.tuple("hip", 0.0);
  bench.pass(0.1);
  ASSERT_EQ(bench.level(), StopLevel::run);
  bench.command("hip/kd", kNothing);
  bench.pass(0.1);
  EXPECT_EQ(bench.level(), StopLevel::run);
  bench.pass(0.2);
  EXPECT_EQ(bench.level(), StopLevel::hold);
  EXPECT_EQ(bench.gpio("latched"), 1.0);
  EXPECT_EQ(bench.gpio("reason"), static_cast<double>(StopReason::command_stale));
  EXPECT_GT(bench.gpio("reason_value"), bench.gpio("reason_bound"));
}

TEST(CordBridge, a_new_owner_does_not_inherit_commands)
{
  BridgeBench bench;
  bench.bridge.activate();
  bench.claim(all_of("hip"));
  bench.tuple("hip", 0.0);
  bench.pass(0.1);
  const double accepted = bench.gpio("accepted");
  bench.claim({"hip/position"}, all_of("hip"));
  bench.cycle();
  EXPECT_EQ(bench.gpio("accepted"), accepted);
  EXPECT_TRUE(std::isnan(*bench.commands["hip/position"]));
}

TEST(CordBridge, a_jump_is_refused_and_explained)
{
  BridgeBench bench;
  bench.bridge.activate();
  bench.claim({"hip/position"});
  bench.command("hip/position", 0.0);
  bench.pass(0.1);
  bench.command("hip/position", 1.0);
  bench.cycle();
  EXPECT_EQ(bench.gpio("last_rejection"), static_cast<double>(Rejection::rate));
  EXPECT_EQ(bench.gpio("last_rejection_joint"), kHip);
  EXPECT_EQ(bench.gpio("last_rejection_value"), 1.0);
  EXPECT_NEAR(bench.gpio("last_rejection_upper"), 0.01 + 10.0 * 0.001, 1e-6);
}

TEST(CordBridge, shows_errors_sensors_and_durations)
{
  BridgeBench bench;
  bench.bridge.activate();
  bench.pass(2.1);
  EXPECT_EQ(bench.state("imu_link/orientation.w"), 1.0);
  EXPECT_NEAR(bench.state("imu_link/linear_acceleration.z"), 9.80665, 1e-9);
  EXPECT_EQ(bench.state("left_sole/force.z"), 0.0);
  EXPECT_TRUE(std::isnan(bench.gpio("battery_charge")));
  EXPECT_TRUE(std::isnan(bench.state("battery/voltage")));
  EXPECT_GT(bench.gpio("cycle_us_p50"), 0.0);
  EXPECT_GE(bench.gpio("cycle_us_max"), bench.gpio("cycle_us_p999"));
  EXPECT_GT(bench.gpio("period_us_p50"), 0.0);
  bench.mock->set_fault(MockFault::error_code, 42.0);
  bench.pass(0.01);
  EXPECT_EQ(bench.gpio("error_code"), 42.0);
  EXPECT_EQ(bench.level(), StopLevel::damping);
}

TEST(CordBridge, half_a_cycle_is_no_duration)
{
  BridgeBench bench;
  bench.bridge.activate();
  bench.bridge.write();
  bench.pass(1.1);
  EXPECT_GT(bench.gpio("cycle_us_max"), 0.0);
  EXPECT_LT(bench.gpio("cycle_us_max"), 1e6);
}

TEST(CordBridge, lives_through_its_states_in_any_order)
{
  BridgeBench bench;
  EXPECT_TRUE(bench.cycle()) << "attached, not active: only reads";
  EXPECT_EQ(bench.mock->time_s(), 0.0);
  bench.bridge.activate();
  bench.claim(all_of("hip"));
  bench.bridge.deactivate();
  bench.bridge.activate();
  bench.pass(0.1);
  EXPECT_EQ(bench.gpio("accepted"), 0.0) << "claims end with the activity they were made in";
  bench.bridge.detach();
  EXPECT_TRUE(bench.cycle());
  bench.bridge.attach(std::make_unique<MockBackend>(bench.bridge.joint_names()));
  bench.bridge.activate();
  EXPECT_TRUE(bench.cycle());
}

}  // namespace
}  // namespace neuraxis::test
