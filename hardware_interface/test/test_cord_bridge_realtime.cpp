// SPDX-License-Identifier: Apache-2.0
// `read`, `write` and `perform_switch` neither allocate nor free nor lock, whatever happens.
#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "bridge_fixture.hpp"
#include "command_mailbox.hpp"
#ifdef NEURAXIS_HAS_MUJOCO
#include "neuraxis/mujoco_backend.hpp"
#include "pendulum.hpp"
#endif
#include "realtime_trap.hpp"

namespace neuraxis::test
{
namespace
{

void expect_clean(const std::function<void()> & action)
{
  clear_trap();
  arm_trap(true);
  action();
  arm_trap(false);
  const auto seen = trapped();
  EXPECT_EQ(seen.allocations, 0U);
  EXPECT_EQ(seen.frees, 0U);
  EXPECT_EQ(seen.locks, 0U);
}

TEST(CordBridgeRealtime, is_clean_over_a_mock_under_all_faults)
{
  std::vector<std::string> joints;
  for (int i = 0; i < 33; ++i)
  {
    joints.push_back("joint_" + std::to_string(i));
  }
  BridgeBench bench(make_spec(joints));
  bench.bridge.activate();
  const auto claims = all_of("joint_7");
  auto * const reset = bench.commands.at("spinal_cord/reset");
  auto * const stop = bench.commands.at("spinal_cord/stop_level");
  auto * const pos = bench.commands.at("joint_7/position");
  bench.claim(claims);
  bench.tuple("joint_7", 0.0);
  for (const auto fault :
       {MockFault::none, MockFault::nan, MockFault::stuck, MockFault::silence,
        MockFault::error_code, MockFault::none})
  {
    bench.mock->set_fault(fault, 1.0);
    expect_clean(
      [&]
      {
        for (int i = 0; i < 1500; ++i)
        {
          *pos = i == 100 ? 9.0 : i == 200 ? kNothing : 0.0;
          *stop = i == 1200 ? 2.0 : 0.0;
          *reset = i > 1300 ? i : 0.0;
          (void)bench.bridge.read();
          bench.bridge.write();
        }
      });
  }
  const std::vector<std::string> nothing;
  expect_clean(
    [&]
    {
      bench.bridge.perform_switch(nothing, claims);
      bench.bridge.write();
      bench.bridge.perform_switch(claims, nothing);
      bench.bridge.write();
    });
}

#ifdef NEURAXIS_HAS_MUJOCO
TEST(CordBridgeRealtime, is_clean_over_mujoco)
{
  const PendulumFile file;
  auto spec = make_spec({"shoulder", "finger"});
  CordBridge bridge(spec);
  bridge.attach(
    std::make_unique<MujocoBackend>(
      file.path(), bridge.joint_names(), MujocoSensors{"quat", "gyro", "accel", {}, {}}));
  bridge.activate();
  expect_clean(
    [&]
    {
      for (int i = 0; i < 3000; ++i)
      {
        (void)bridge.read();
        bridge.write();
      }
    });
  EXPECT_EQ(bridge.status().counters.cycles, 3000U);
}
#endif

TEST(CommandMailboxRealtime, sampling_is_clean)
{
  CommandMailbox mailbox({"hip"}, 0.2);
  const std::vector<std::string> name{"hip"};
  const std::vector<double> zero{0.0};
  JointTuple out;
  for (int i = 0; i < 100; ++i)
  {
    ASSERT_EQ(mailbox.post(0.001 * i, {name, zero, zero, zero, zero, zero}), "");
    expect_clean([&] { (void)mailbox.sample(0.001 * i, out); });
  }
}

}  // namespace
}  // namespace neuraxis::test
