// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "fixture.hpp"
#include "neuraxis/command_gate.hpp"

namespace neuraxis::test
{
namespace
{

constexpr double kNow_s = 10.0;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

class CommandGateTest : public ::testing::Test
{
protected:
  [[nodiscard]] auto check(const JointCommand & command) const -> Rejection
  {
    return CommandGate(config_).check(command, context_).reason;
  }

  CordConfig config_ = make_config();
  JointArray reference_{};
  GateContext context_{kNow_s, kNow_s - 0.01, &reference_, 0.01};
  JointCommand good_ = make_command(kNow_s, 0.05);
};

TEST_F(CommandGateTest, accepts_a_command_within_all_bounds)
{
  EXPECT_EQ(check(good_), Rejection::none);
}

TEST_F(CommandGateTest, refuses_anything_not_finite_in_any_field)
{
  for (const double bad : {kNan, kInfinity, -kInfinity})
  {
    for (auto field :
         {&JointTuple::pos, &JointTuple::vel, &JointTuple::effort, &JointTuple::kp,
          &JointTuple::kd})
    {
      auto command = good_;
      (command.target.*field)[1] = bad;
      const auto verdict = CommandGate(config_).check(command, context_);
      EXPECT_EQ(verdict.reason, Rejection::nonfinite);
      EXPECT_EQ(verdict.joint, 1U);
    }
    auto command = good_;
    command.stamp_s = bad;
    EXPECT_EQ(check(command), Rejection::nonfinite);
  }
}

TEST_F(CommandGateTest, ignores_what_lies_beyond_the_joint_count)
{
  good_.target.pos[config_.joints.size()] = kNan;
  EXPECT_EQ(check(good_), Rejection::none);
}

TEST_F(CommandGateTest, judges_the_stamp)
{
  good_.stamp_s = kNow_s - config_.command_timeout_s - 0.001;
  EXPECT_EQ(check(good_), Rejection::stale);
  good_.stamp_s = kNow_s + config_.future_tolerance_s + 0.001;
  EXPECT_EQ(check(good_), Rejection::future);
  good_.stamp_s = context_.last_stamp_s - 0.001;
  EXPECT_EQ(check(good_), Rejection::out_of_order);
  good_.stamp_s = context_.last_stamp_s;
  EXPECT_EQ(check(good_), Rejection::none);
}

TEST_F(CommandGateTest, names_joint_value_and_bounds_of_a_violation)
{
  const auto & joint = config_.joints[2];
  good_.target.pos[2] = joint.upper + 0.1;
  const auto verdict = CommandGate(config_).check(good_, context_);
  EXPECT_EQ(verdict.reason, Rejection::position);
  EXPECT_EQ(verdict.joint, 2U);
  EXPECT_DOUBLE_EQ(verdict.value, joint.upper + 0.1);
  EXPECT_DOUBLE_EQ(verdict.lower, joint.lower);
  EXPECT_DOUBLE_EQ(verdict.upper, joint.upper);
}

TEST_F(CommandGateTest, refuses_each_field_just_outside_its_bound_and_takes_it_at_the_bound)
{
  struct Case
  {
    JointArray JointTuple::* field;
    double bound;
    Rejection reason;
  };
  const auto & joint = config_.joints[0];
  for (const auto & c :
       {Case{&JointTuple::vel, joint.velocity_max, Rejection::velocity},
        Case{&JointTuple::vel, -joint.velocity_max, Rejection::velocity},
        Case{&JointTuple::effort, joint.effort_max, Rejection::effort},
        Case{&JointTuple::effort, -joint.effort_max, Rejection::effort},
        Case{&JointTuple::kp, joint.kp_max, Rejection::gain},
        Case{&JointTuple::kd, joint.kd_max, Rejection::gain}})
  {
    auto command = good_;
    (command.target.*c.field)[0] = c.bound;
    EXPECT_EQ(check(command), Rejection::none);
    (command.target.*c.field)[0] = c.bound * 1.001;
    EXPECT_EQ(check(command), c.reason);
  }
  good_.target.kd[0] = -0.01;
  EXPECT_EQ(check(good_), Rejection::gain);
}

TEST_F(CommandGateTest, refuses_a_step_that_the_joint_cannot_follow)
{
  const double reach = config_.position_step + config_.joints[0].velocity_max * 0.01;
  good_.target.pos[0] = reach * 0.999;
  EXPECT_EQ(check(good_), Rejection::none);
  good_.target.pos[0] = reach * 1.001;
  EXPECT_EQ(check(good_), Rejection::rate);
  context_.since_reference_s = 0.02;
  EXPECT_EQ(check(good_), Rejection::none);
}

TEST_F(CommandGateTest, what_it_accepts_is_within_every_bound_whatever_comes)
{
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> wide(-1.3, 1.3);
  std::uniform_int_distribution<int> special(0, 60);
  const auto value = [&](double scale)
  {
    const int kind = special(random);
    return kind == 0 ? kNan : kind == 1 ? kInfinity : kind == 2 ? 1e300 : scale * wide(random);
  };
  const CommandGate gate(config_);
  int accepted = 0;
  for (int round = 0; round < 50000; ++round)
  {
    auto command = good_;
    command.stamp_s = kNow_s + value(0.01);
    for (std::size_t i = 0; i < config_.joints.size(); ++i)
    {
      command.target.pos[i] = value(0.15);
      command.target.vel[i] = value(9.0);
      command.target.effort[i] = value(18.0);
      command.target.kp[i] = std::abs(value(400.0));
      command.target.kd[i] = std::abs(value(40.0));
    }
    if (!gate.check(command, context_).accepted())
    {
      continue;
    }
    ++accepted;
    for (std::size_t i = 0; i < config_.joints.size(); ++i)
    {
      const auto & joint = config_.joints[i];
      constexpr double kSlack = 1.0 + 2e-6;
      EXPECT_GE(command.target.pos[i], joint.lower * kSlack);
      EXPECT_LE(command.target.pos[i], joint.upper * kSlack);
      EXPECT_LE(std::abs(command.target.vel[i]), joint.velocity_max * kSlack);
      EXPECT_LE(std::abs(command.target.effort[i]), joint.effort_max * kSlack);
      EXPECT_LE(command.target.kp[i], joint.kp_max * kSlack);
      EXPECT_LE(command.target.kd[i], joint.kd_max * kSlack);
    }
  }
  EXPECT_GT(accepted, 100);
}

}  // namespace
}  // namespace neuraxis::test
