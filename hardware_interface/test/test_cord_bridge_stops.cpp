// SPDX-License-Identifier: Apache-2.0
// Stop, halt and reset through the GPIO, and what a dead link ends in.
#include <gtest/gtest.h>

#include "bridge_fixture.hpp"

namespace neuraxis::test
{
namespace
{

constexpr auto kKnee = 1;

TEST(CordBridgeStops, stop_reset_and_go_on)
{
  BridgeBench bench;
  bench.bridge.activate();
  bench.claim(all_of("hip"));
  bench.tuple("hip", 0.0);
  bench.pass(0.1);
  bench.ask("stop_level", 3.0);
  bench.cycle();
  EXPECT_EQ(bench.level(), StopLevel::damping);
  bench.ask("reset", 1.0);
  bench.cycle();
  EXPECT_EQ(bench.gpio("reset_answer"), -1.0) << "the stop is still asked for";
  EXPECT_EQ(
    bench.gpio("reset_refusal"), static_cast<double>(StopReason::operator_request));
  bench.ask("stop_level", 0.0);
  bench.pass(0.1);
  EXPECT_EQ(bench.level(), StopLevel::damping) << "latched";
  bench.ask("reset", 2.0);
  bench.pass(0.05);
  EXPECT_EQ(bench.gpio("reset_answer"), 2.0);
  EXPECT_EQ(bench.level(), StopLevel::run) << "commands went on";
}

TEST(CordBridgeStops, a_refused_reset_names_what_stands_and_not_what_was_first)
{
  BridgeBench bench;
  bench.bridge.activate();
  bench.claim({"hip/position"});
  bench.command("hip/position", 0.0);
  bench.pass(0.1);
  bench.command("hip/position", kNothing);
  bench.pass(0.3);
  ASSERT_EQ(bench.gpio("reason"), static_cast<double>(StopReason::command_stale));
  bench.ask("halt_level", 1.0);
  bench.ask("reset", 1.0);
  bench.cycle();
  EXPECT_EQ(bench.gpio("reset_refusal"), static_cast<double>(StopReason::operator_request));
}

TEST(CordBridgeStops, a_reset_value_counts_once)
{
  BridgeBench bench;
  bench.bridge.activate();
  bench.ask("reset", 5.0);
  bench.cycle();
  EXPECT_EQ(bench.gpio("reset_answer"), 5.0);
  bench.ask("stop_level", 1.0);
  bench.cycle();
  bench.ask("stop_level", kNothing);
  bench.pass(0.1);
  EXPECT_EQ(bench.gpio("latched"), 1.0);
}

TEST(CordBridgeStops, a_reset_is_refused_while_the_robot_lies)
{
  BridgeBench bench;
  bench.bridge.activate();
  bench.mock->set_tilt(1.5);
  bench.pass(0.3);
  ASSERT_EQ(bench.level(), StopLevel::damping);
  bench.ask("reset", 1.0);
  bench.cycle();
  EXPECT_EQ(bench.gpio("reset_answer"), -1.0);
  EXPECT_EQ(bench.gpio("reset_refusal"), static_cast<double>(StopReason::tilt));
  EXPECT_NEAR(bench.gpio("reset_refusal_bound"), 0.8, 1e-9);
}

TEST(CordBridgeStops, the_halt_level_stands_as_long_as_it_is_asked_for)
{
  BridgeBench bench;
  bench.bridge.activate();
  bench.ask("halt_level", 1.0);
  bench.cycle();
  EXPECT_EQ(bench.level(), StopLevel::hold);
  EXPECT_EQ(bench.gpio("latched"), 1.0);
  EXPECT_EQ(bench.gpio("reason_bound"), 1.0) << "tells the halt from the operator";
  bench.ask("reset", 1.0);
  bench.cycle();
  EXPECT_EQ(bench.gpio("reset_answer"), -1.0);
  bench.ask("halt_level", 0.0);
  bench.ask("reset", 2.0);
  bench.cycle();
  EXPECT_EQ(bench.gpio("reset_answer"), 2.0);
  EXPECT_EQ(bench.gpio("latched"), 0.0);
}

TEST(CordBridgeStops, a_joint_that_moved_while_it_was_damped_is_not_pulled_back)
{
  BridgeBench bench;
  bench.bridge.activate();
  bench.claim({"hip/position"});
  bench.command("hip/position", 0.0);
  bench.pass(0.1);
  bench.ask("stop_level", 3.0);
  bench.cycle();
  bench.ask("stop_level", 0.0);
  bench.mock->set_joint(kKnee, 0.8, 0.0);
  bench.pass(0.01);
  bench.ask("reset", 1.0);
  bench.pass(0.5);
  ASSERT_EQ(bench.level(), StopLevel::run);
  EXPECT_NEAR(bench.state("knee/position"), 0.8, 0.01);
}

TEST(CordBridgeStops, a_dead_link_is_an_error_once_nothing_is_left_to_do)
{
  auto spec = make_spec();
  spec.params["damping_time_s"] = "0.5";
  spec.params["dead_link_s"] = "1.0";
  BridgeBench bench(spec);
  bench.bridge.activate();
  bench.pass(0.1);
  bench.mock->set_fault(MockFault::silence, 0.0);
  EXPECT_TRUE(bench.pass(0.1));
  EXPECT_EQ(bench.level(), StopLevel::damping);
  EXPECT_TRUE(bench.pass(0.6));
  EXPECT_EQ(bench.level(), StopLevel::zero);
  EXPECT_FALSE(bench.pass(0.5));
  EXPECT_NO_THROW(bench.bridge.deactivate());
}

}  // namespace
}  // namespace neuraxis::test
