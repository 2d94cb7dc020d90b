// SPDX-License-Identifier: Apache-2.0
// The loop neither allocates, frees nor locks, in no level of the ladder and under no fault.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <memory>
#include <mutex>
#include <thread>

#include "fixture.hpp"
#include "neuraxis/loop.hpp"
#include "neuraxis/mock_backend.hpp"
#include "neuraxis/mujoco_backend.hpp"
#include "pendulum.hpp"
#include "realtime_trap.hpp"

namespace neuraxis::test
{
namespace
{

/// A backend whose `advance` arms or disarms the trap on the thread that runs the loop.
template <typename Base>
class TrappedBackend : public Base
{
public:
  using Base::Base;

  void advance(double period_s) noexcept override
  {
    arm_trap(wanted_.load());
    Base::advance(period_s);
    cycles_.fetch_add(1);
  }
  /// Waits until the loop has seen the wish and run some more cycles.
  void arm(bool wanted)
  {
    wanted_.store(wanted);
    wait_cycles(3);
  }
  void wait_cycles(std::uint64_t count) const
  {
    const auto goal = cycles_.load() + count;
    while (cycles_.load() < goal)
    {
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  }

private:
  std::atomic<bool> wanted_{false};
  std::atomic<std::uint64_t> cycles_{0};
};

void expect_nothing_trapped()
{
  const auto seen = trapped();
  EXPECT_EQ(seen.allocations, 0U);
  EXPECT_EQ(seen.frees, 0U);
  EXPECT_EQ(seen.locks, 0U);
}

TEST(RealtimeTrap, sees_allocations_and_locks)
{
  clear_trap();
  std::mutex mutex;
  arm_trap(true);
  // Volatile, because a compiler may drop an allocation that nobody looks at.
  double * volatile block = new double(1.0);
  delete block;
  void * volatile aligned = std::aligned_alloc(64, 640);
  std::free(aligned);
  mutex.lock();
  mutex.unlock();
  arm_trap(false);
  const auto seen = trapped();
  EXPECT_EQ(seen.allocations, 2U);
  EXPECT_EQ(seen.frees, 2U);
  EXPECT_EQ(seen.locks, 1U);
}

TEST(RealtimeTrap, sees_allocations_inside_libmujoco)
{
  const PendulumFile file;
  clear_trap();
  arm_trap(true);
  {
    const MujocoBackend backend(file.path(), {"shoulder", "finger"}, {});
  }
  arm_trap(false);
  EXPECT_GT(trapped().allocations, 100U);
}

TEST(RealtimeSafety, the_cord_alone_is_clean_through_all_levels)
{
  auto config = make_config(31);
  config.hold_time_s = 0.1;
  config.lowering_time_s = 0.2;
  config.damping_time_s = 0.1;
  CordBench bench(config);
  clear_trap();
  arm_trap(true);
  for (int i = 0; i < 10000; ++i)
  {
    const int phase = i % 1000;
    bench.fresh = phase < 700 || phase > 800;
    bench.sample.vel[3] = phase == 650 ? std::numeric_limits<double>::quiet_NaN() : 0.1;
    bench.cycle();
    if (phase < 300 && i % 10 == 0)
    {
      auto command = make_command(bench.now_s, phase == 50 ? 99.0 : 0.01, 31);
      bench.cord.submit(bench.now_s, command);
    }
    if (phase == 999)
    {
      bench.cord.reset_stop(bench.now_s);
    }
  }
  arm_trap(false);
  expect_nothing_trapped();
  const auto & counters = bench.cord.status().counters;
  EXPECT_GT(counters.commands_accepted, 200U);
  EXPECT_GT(counters.state_silent, 900U);
}

template <typename BackendType>
void disturb(Loop & loop, BackendType & backend, int round)
{
  for (int i = 0; i < 20; ++i)
  {
    const double pos = i == 7 ? 99.0 : 0.001 * i;
    loop.command(make_command(loop.state().sample.stamp_s, pos, loop.joint_count()));
    backend.wait_cycles(5);
  }
  if (round % 2 == 1)
  {
    loop.request_stop(static_cast<StopLevel>(1 + round % 4), operator_cause("test"));
  }
  backend.wait_cycles(100);
  (void)loop.reset_stop();
}

TEST(RealtimeSafety, the_running_loop_is_clean_under_all_faults)
{
  const auto config = make_config(31);
  const auto mock = std::make_shared<TrappedBackend<MockBackend>>(names_of(config));
  Loop loop(config, mock, kPeriod_s);
  loop.start(0.0, 0);
  clear_trap();
  mock->arm(true);
  int round = 0;
  for (const auto fault :
       {MockFault::none, MockFault::silence, MockFault::nan, MockFault::stuck, MockFault::delayed,
        MockFault::error_code, MockFault::none})
  {
    mock->set_fault(fault, fault == MockFault::delayed ? 0.1 : 1.0);
    disturb(loop, *mock, round++);
  }
  mock->set_tilt(1.5);
  disturb(loop, *mock, round);
  mock->arm(false);
  loop.stop();
  expect_nothing_trapped();
  EXPECT_GT(loop.state().status.counters.cycles, 1000U);
}

TEST(RealtimeSafety, the_paced_loop_is_clean)
{
  const auto config = make_config(31);
  const auto mock = std::make_shared<TrappedBackend<MockBackend>>(names_of(config));
  Loop loop(config, mock, kPeriod_s);
  loop.start(2.0, 50);
  clear_trap();
  mock->arm(true);
  mock->wait_cycles(500);
  mock->arm(false);
  loop.stop();
  expect_nothing_trapped();
}

TEST(RealtimeSafety, the_loop_with_mujoco_is_clean)
{
  const PendulumFile file;
  auto config = make_config(2);
  config.joints[0].name = "shoulder";
  config.joints[1].name = "finger";
  const auto world = std::make_shared<TrappedBackend<MujocoBackend>>(
    file.path(), names_of(config), MujocoSensors{"quat", "gyro", "accel", {}, {"extra"}});
  Loop loop(config, world, kPeriod_s);
  loop.start(0.0, 0);
  clear_trap();
  world->arm(true);
  for (int round = 0; round < 5; ++round)
  {
    world->set_external_wrench("base", {50.0 * round, 0.0, 0.0, 0.0, 0.0, 0.0});
    disturb(loop, *world, round);
    (void)world->snapshot();
  }
  world->set_external_wrench("base", {1e200, 0.0, 0.0, 0.0, 0.0, 0.0});
  disturb(loop, *world, 0);
  EXPECT_GT(world->warning_count(), 0);
  world->arm(false);
  loop.stop();
  expect_nothing_trapped();
}

}  // namespace
}  // namespace neuraxis::test
