// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>
#include <thread>

#include "fixture.hpp"
#include "neuraxis/loop.hpp"
#include "neuraxis/mock_backend.hpp"

namespace neuraxis::test
{
namespace
{

auto wait_for(const std::function<bool()> & condition) -> bool
{
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < deadline)
  {
    if (condition())
    {
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

class LoopTest : public ::testing::Test
{
protected:
  void send(double pos)
  {
    loop_.command(make_command(loop_.state().sample.stamp_s, pos, config_.joints.size()));
  }
  void run_lockstep(double pos, int commands)
  {
    for (int i = 0; i < commands; ++i)
    {
      send(pos);
      loop_.step(10);
    }
  }
  [[nodiscard]] auto level() -> StopLevel { return loop_.state().status.level; }
  [[nodiscard]] auto cause() -> StopReason { return loop_.state().status.cause.reason; }

  CordConfig config_ = make_config();
  std::shared_ptr<MockBackend> mock_ = std::make_shared<MockBackend>(names_of(config_));
  Loop loop_{config_, mock_, kPeriod_s};
};

TEST_F(LoopTest, moves_the_joints_in_lockstep)
{
  run_lockstep(0.05, 200);
  const auto state = loop_.state();
  EXPECT_EQ(state.status.level, StopLevel::run);
  EXPECT_NEAR(state.time_s, 2.0, 1e-9);
  EXPECT_DOUBLE_EQ(state.sample.stamp_s, state.time_s);
  for (std::size_t i = 0; i < config_.joints.size(); ++i)
  {
    EXPECT_NEAR(state.sample.pos[i], 0.05, 1e-3);
  }
}

TEST_F(LoopTest, every_fault_of_the_robot_ends_in_damping_without_torque_against_its_motion)
{
  struct Case
  {
    MockFault fault;
    double value;
    StopReason reason;
  };
  for (const auto & c :
       {Case{MockFault::silence, 0.0, StopReason::state_stale},
        Case{MockFault::nan, 1.0, StopReason::state_stale},
        Case{MockFault::stuck, 0.0, StopReason::state_stale},
        Case{MockFault::delayed, 0.1, StopReason::state_stale},
        Case{MockFault::error_code, 17.0, StopReason::backend_error}})
  {
    mock_->set_fault(MockFault::none, 0.0);
    loop_.step(200);
    loop_.restart();
    run_lockstep(0.05, 10);
    ASSERT_EQ(level(), StopLevel::run);
    mock_->set_fault(c.fault, c.value);
    run_lockstep(0.05, 10);
    EXPECT_EQ(level(), StopLevel::damping);
    EXPECT_EQ(cause(), c.reason);
    const auto & output = mock_->last_output();
    for (std::size_t i = 0; i < config_.joints.size(); ++i)
    {
      EXPECT_TRUE(std::isfinite(output.effort_total[i]));
      EXPECT_DOUBLE_EQ(output.target.kp[i], 0.0);
    }
    EXPECT_FALSE(loop_.reset_stop().accepted);
  }
}

TEST_F(LoopTest, a_short_delay_is_no_fault)
{
  mock_->set_fault(MockFault::delayed, config_.state_timeout_s / 2);
  loop_.step(100);
  run_lockstep(0.02, 20);
  EXPECT_EQ(level(), StopLevel::run);
}

TEST_F(LoopTest, a_tilted_base_damps_and_resets_only_when_upright)
{
  run_lockstep(0.0, 5);
  mock_->set_tilt(config_.tilt_limit_rad + 0.2);
  loop_.step(20);
  EXPECT_EQ(cause(), StopReason::tilt);
  const auto refused = loop_.reset_stop();
  EXPECT_FALSE(refused.accepted);
  EXPECT_EQ(refused.refusal.reason, StopReason::tilt);
  mock_->set_tilt(0.0);
  loop_.step(20);
  EXPECT_TRUE(loop_.reset_stop().accepted);
  EXPECT_EQ(level(), StopLevel::hold);
}

TEST_F(LoopTest, the_deepest_of_several_stop_requests_wins_and_none_is_lost)
{
  loop_.request_stop(StopLevel::zero, operator_cause("power off"));
  loop_.request_stop(StopLevel::hold, operator_cause("wait"));
  loop_.step(1);
  EXPECT_EQ(level(), StopLevel::zero);
  EXPECT_EQ(describe(loop_.state().status.cause), "operator_request: power off");
  EXPECT_THROW(loop_.request_stop(StopLevel::run, StopCause{}), std::invalid_argument);
}

TEST_F(LoopTest, the_thread_runs_paced_answers_resets_and_stops)
{
  loop_.start(1.0, 0);
  EXPECT_TRUE(loop_.running());
  EXPECT_THROW(loop_.step(1), std::logic_error);
  EXPECT_THROW(loop_.start(1.0, 0), std::logic_error);
  EXPECT_THROW(loop_.restart(), std::logic_error);
  EXPECT_TRUE(wait_for([&] { return loop_.state().time_s > 0.05; }));
  loop_.request_stop(StopLevel::hold, operator_cause("stop"));
  EXPECT_TRUE(wait_for([&] { return loop_.state().status.latched; }));
  EXPECT_TRUE(loop_.reset_stop().accepted);
  EXPECT_FALSE(loop_.state().status.latched);
  loop_.stop();
  EXPECT_FALSE(loop_.running());
  const auto stats = loop_.stats();
  EXPECT_EQ(stats.cycle.count, loop_.state().status.counters.cycles);
  EXPECT_GT(stats.wake.count, 0U);
  EXPECT_EQ(stats.wake.count + stats.overruns + stats.rebased, stats.cycle.count);
  EXPECT_FALSE(stats.realtime_note.empty());
  loop_.step(1);
}

TEST_F(LoopTest, real_time_priority_is_granted_or_the_note_says_what_to_do)
{
  loop_.start(1.0, 80);
  loop_.stop();
  const auto note = loop_.stats().realtime_note;
  const bool granted = note.rfind("SCHED_FIFO 80", 0) == 0;
  EXPECT_TRUE(granted || note.find("limits.conf") != std::string::npos) << note;
}

TEST_F(LoopTest, free_running_time_is_not_wall_time)
{
  loop_.start(0.0, 80);
  EXPECT_TRUE(wait_for([&] { return loop_.state().time_s > 1.0; }));
  loop_.stop();
  EXPECT_EQ(loop_.stats().wake.count, 0U);
}

TEST_F(LoopTest, stands_still_at_its_horizon_and_still_hears_the_operator)
{
  for (const double speed : {0.0, 1.0})
  {
    const double horizon_s = loop_.state().time_s + 0.05;
    loop_.set_horizon(horizon_s);
    loop_.start(speed, 0);
    EXPECT_TRUE(wait_for([&] { return loop_.state().time_s >= horizon_s; }));
    loop_.request_stop(StopLevel::hold, operator_cause("stop"));
    EXPECT_TRUE(wait_for([&] { return loop_.state().status.latched; }));
    EXPECT_TRUE(loop_.reset_stop().accepted);
    EXPECT_FALSE(loop_.state().status.latched);
    EXPECT_NEAR(loop_.state().time_s, horizon_s, 1.5 * kPeriod_s);
    loop_.set_horizon(std::numeric_limits<double>::infinity());
    EXPECT_TRUE(wait_for([&] { return loop_.state().time_s > horizon_s + 0.01; }));
    loop_.stop();
  }
}

TEST_F(LoopTest, a_slow_backend_slows_time_instead_of_bursting)
{
  class SlowBackend : public MockBackend
  {
  public:
    using MockBackend::MockBackend;
    void advance(double period_s) noexcept override
    {
      std::this_thread::sleep_for(std::chrono::milliseconds(12));
      MockBackend::advance(period_s);
    }
  };
  Loop loop(config_, std::make_shared<SlowBackend>(names_of(config_)), kPeriod_s);
  loop.start(1.0, 0);
  EXPECT_TRUE(wait_for([&] { return loop.state().status.counters.cycles >= 10; }));
  loop.stop();
  EXPECT_GE(loop.stats().rebased, 5U);
}

TEST_F(LoopTest, refuses_what_does_not_fit_together)
{
  EXPECT_THROW(Loop(config_, nullptr, kPeriod_s), std::invalid_argument);
  EXPECT_THROW(Loop(config_, mock_, 0.0), std::invalid_argument);
  EXPECT_THROW(Loop(make_config(2), mock_, kPeriod_s), std::invalid_argument);
  auto renamed = config_;
  renamed.joints[1].name = "elsewhere";
  EXPECT_THROW(Loop(renamed, mock_, kPeriod_s), std::invalid_argument);
  EXPECT_THROW(loop_.start(-1.0, 0), std::invalid_argument);
  EXPECT_THROW(loop_.start(1.0, 100), std::invalid_argument);
}

TEST(MockBackend, refuses_faults_out_of_range)
{
  MockBackend mock({"a", "b"});
  EXPECT_THROW(mock.set_fault(MockFault::nan, 2.0), std::invalid_argument);
  EXPECT_THROW(mock.set_fault(MockFault::delayed, 9.0), std::invalid_argument);
  EXPECT_THROW(mock.set_joint(2, 0.0, 0.0), std::invalid_argument);
  EXPECT_THROW(MockBackend({}), std::invalid_argument);
}

}  // namespace
}  // namespace neuraxis::test
