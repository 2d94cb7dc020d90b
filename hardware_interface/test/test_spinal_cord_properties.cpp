// SPDX-License-Identifier: Apache-2.0
// Random robots, commands, faults and operators; what must hold in every cycle of every run.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include "fixture.hpp"

namespace neuraxis::test
{
namespace
{

constexpr double kSlack = 1.0 + 2e-6;

class Storm
{
public:
  explicit Storm(std::uint64_t seed) : random_(seed), config_(make_config(5)), cord_(config_)
  {
    config_.hold_time_s = uniform(0.05, 0.5);
    config_.lowering_time_s = uniform(0.05, 0.5);
    config_.damping_time_s = uniform(0.05, 0.5);
    cord_ = SpinalCord(config_);
    cord_.start(now_s_, sample_);
  }

  void cycle()
  {
    now_s_ += kPeriod_s;
    was_latched_ = cord_.status().latched;
    was_level_ = cord_.status().level;
    was_reset_ = false;
    measure();
    if (chance(0.1))
    {
      command();
    }
    if (chance(0.0005))
    {
      const auto level = static_cast<StopLevel>(std::uniform_int_distribution<int>(0, 4)(random_));
      cord_.request_stop(now_s_, level, operator_cause("storm"));
    }
    if (chance(0.01))
    {
      was_reset_ = cord_.reset_stop(now_s_).accepted;
    }
    output_ = cord_.update(now_s_);
  }

  void check() const
  {
    check_values();
    check_levels();
  }

  [[nodiscard]] auto level() const -> StopLevel { return cord_.status().level; }

private:
  [[nodiscard]] auto uniform(double lower, double upper) -> double
  {
    return std::uniform_real_distribution<double>(lower, upper)(random_);
  }
  [[nodiscard]] auto chance(double p) -> bool { return uniform(0.0, 1.0) < p; }
  [[nodiscard]] auto poison(double value) -> double
  {
    if (!chance(0.0005))
    {
      return value;
    }
    constexpr std::array<double, 4> kPoison{
      std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), 1e300,
      -1e300};
    return kPoison[static_cast<std::size_t>(uniform(0.0, 3.999))];
  }

  void measure()
  {
    silent_cycles_ = silent_cycles_ > 0 ? silent_cycles_ - 1 : chance(0.001) ? 80 : 0;
    if (silent_cycles_ > 0 || chance(0.02))
    {
      const bool error = chance(0.001);
      cord_.measure(now_s_, {error ? ReadStatus::error : ReadStatus::silent, 7}, sample_);
      return;
    }
    auto next = sample_;
    next.stamp_s = now_s_ - (chance(0.05) ? uniform(0.0, 0.1) : 0.0);
    for (std::size_t i = 0; i < config_.joints.size(); ++i)
    {
      next.pos[i] = poison(uniform(-1.5, 2.0));
      next.vel[i] = poison(uniform(-15.0, 15.0));
      next.effort[i] = poison(uniform(-30.0, 30.0));
    }
    next.imu.gyro_B_rad_s = {uniform(-3.0, 3.0), uniform(-3.0, 3.0), poison(uniform(-3.0, 3.0))};
    next.imu.accel_B_m_s2 = {uniform(-2.0, 2.0), uniform(-2.0, 2.0), uniform(8.0, 11.0)};
    cord_.measure(now_s_, {ReadStatus::fresh, 0}, next);
  }

  void command()
  {
    auto command = make_command(now_s_ - uniform(-0.002, 0.03), 0.0, config_.joints.size());
    for (std::size_t i = 0; i < config_.joints.size(); ++i)
    {
      command.target.pos[i] = poison(uniform(-0.1, 0.1));
      command.target.vel[i] = poison(uniform(-8.0, 8.0));
      command.target.effort[i] = poison(uniform(-19.0, 19.0));
      command.target.kp[i] = std::abs(poison(uniform(0.0, 450.0)));
      command.target.kd[i] = std::abs(poison(uniform(0.0, 45.0)));
    }
    const bool was_latched = cord_.status().latched;
    const auto verdict = cord_.submit(now_s_, command);
    if (verdict.accepted())
    {
      EXPECT_FALSE(was_latched);
      accepted_stamp_s_ = std::min(command.stamp_s, now_s_);
      accepted_s_ = now_s_;
    }
  }

  void check_values() const
  {
    const auto & state = cord_.sample();
    const bool stale = now_s_ - state.stamp_s > config_.state_timeout_s + 1e-6;
    for (std::size_t i = 0; i < config_.joints.size(); ++i)
    {
      const auto & joint = config_.joints[i];
      const TorqueSpeedCurve curve{joint.effort_max, joint.knee_speed, joint.no_load_speed};
      const double effort = output_.effort_total[i];
      const auto & target = output_.target;
      ASSERT_TRUE(std::isfinite(effort));
      ASSERT_TRUE(std::isfinite(
        target.pos[i] + target.vel[i] + target.effort[i] + target.kp[i] + target.kd[i]));
      ASSERT_LE(std::abs(effort), joint.effort_max);
      if (effort * state.vel[i] > 0.0)
      {
        ASSERT_LE(std::abs(effort), curve.driving_limit(std::abs(state.vel[i])));
      }
      ASSERT_GE(target.kp[i], 0.0);
      ASSERT_LE(target.kp[i], joint.kp_max * kSlack);
      ASSERT_GE(target.kd[i], 0.0);
      ASSERT_LE(target.kd[i], joint.kd_max * kSlack);
      ASSERT_LE(std::abs(target.effort[i]), joint.effort_max * kSlack);
      if (cord_.status().level < StopLevel::damping)
      {
        ASSERT_GE(target.pos[i], (joint.lower - config_.limit_margin) * kSlack);
        ASSERT_LE(target.pos[i], (joint.upper + config_.limit_margin) * kSlack);
        ASSERT_FALSE(stale);
      }
      if (cord_.status().level == StopLevel::damping)
      {
        ASSERT_EQ(target.kp[i], 0.0);
        ASSERT_EQ(target.effort[i], 0.0);
        ASSERT_LE(effort * state.vel[i], 0.0);
      }
      if (stale || cord_.status().level == StopLevel::zero)
      {
        ASSERT_EQ(effort, 0.0);
      }
    }
  }

  void check_levels() const
  {
    const auto & status = cord_.status();
    if (was_latched_ && !was_reset_)
    {
      ASSERT_TRUE(status.latched);
      ASSERT_GE(status.level, was_level_);
    }
    if (status.level == StopLevel::run)
    {
      ASSERT_FALSE(status.latched);
      ASSERT_LE(now_s_ - accepted_stamp_s_, config_.command_timeout_s + 1e-6);
      const double longest_s = config_.command_period_max_s + config_.late_margin_s;
      ASSERT_TRUE(status.bridging || now_s_ - accepted_s_ <= longest_s + 1e-6);
    }
    ASSERT_EQ(status.bridging, status.cause.reason == StopReason::command_late);
    if (status.bridging)
    {
      ASSERT_EQ(status.level, StopLevel::run);
    }
    if (status.level > StopLevel::hold)
    {
      ASSERT_TRUE(status.latched);
    }
    if (status.latched)
    {
      ASSERT_NE(status.cause.reason, StopReason::none);
      ASSERT_NE(status.cause.reason, StopReason::waiting_for_command);
    }
  }

  std::mt19937_64 random_;
  CordConfig config_;
  SpinalCord cord_;
  StateSample sample_;
  ActuatorOutput output_;
  double now_s_ = 0.0;
  double accepted_stamp_s_ = -1.0;
  double accepted_s_ = -1.0;
  int silent_cycles_ = 0;
  bool was_latched_ = false;
  bool was_reset_ = false;
  StopLevel was_level_ = StopLevel::hold;
};

TEST(SpinalCordProperties, hold_in_every_cycle_of_every_storm)
{
  std::array<int, 5> visits{};
  for (std::uint64_t seed = 1; seed <= 40; ++seed)
  {
    Storm storm(seed);
    for (int i = 0; i < 5000; ++i)
    {
      storm.cycle();
      storm.check();
      if (::testing::Test::HasFatalFailure())
      {
        FAIL() << "seed " << seed << ", cycle " << i;
      }
      ++visits[static_cast<std::size_t>(storm.level())];
    }
  }
  for (std::size_t level = 0; level < visits.size(); ++level)
  {
    EXPECT_GT(visits[level], 100) << name_of(static_cast<StopLevel>(level));
  }
}

}  // namespace
}  // namespace neuraxis::test
