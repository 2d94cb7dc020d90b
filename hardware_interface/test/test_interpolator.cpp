// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "neuraxis/interpolator.hpp"

namespace neuraxis
{
namespace
{

auto tuple(double pos, double vel) -> JointTuple
{
  JointTuple out;
  out.pos[0] = pos;
  out.vel[0] = vel;
  out.effort[0] = pos * 2.0;
  out.kp[0] = 10.0 * pos;
  return out;
}

auto at(const Interpolator & interpolator, double now_s) -> JointTuple
{
  JointTuple out;
  interpolator.evaluate(now_s, out);
  return out;
}

TEST(Interpolator, goes_linearly_and_stays_at_the_goal)
{
  Interpolator interpolator(1);
  interpolator.reset(tuple(1.0, 0.0), 0.0);
  interpolator.go_to(tuple(3.0, 0.0), 5.0, 0.01);
  EXPECT_DOUBLE_EQ(at(interpolator, 5.0).pos[0], 1.0);
  EXPECT_NEAR(at(interpolator, 5.005).pos[0], 2.0, 1e-9);
  EXPECT_NEAR(at(interpolator, 5.005).effort[0], 4.0, 1e-9);
  EXPECT_NEAR(at(interpolator, 5.005).kp[0], 20.0, 1e-8);
  EXPECT_DOUBLE_EQ(at(interpolator, 6.0).pos[0], 3.0);
}

TEST(Interpolator, a_new_goal_in_between_starts_where_it_is)
{
  Interpolator interpolator(1);
  interpolator.reset(tuple(0.0, 0.0), 0.0);
  interpolator.go_to(tuple(1.0, 0.0), 0.0, 0.01);
  const double before = at(interpolator, 0.004).pos[0];
  interpolator.go_to(tuple(-1.0, 0.0), 0.004, 0.01);
  EXPECT_DOUBLE_EQ(at(interpolator, 0.004).pos[0], before);
}

TEST(Interpolator, velocity_of_a_missing_command_fades_within_three_periods)
{
  Interpolator interpolator(1);
  interpolator.reset(tuple(0.0, 0.0), 0.0);
  interpolator.go_to(tuple(0.1, 2.0), 0.0, 0.01);
  EXPECT_NEAR(at(interpolator, 0.015).vel[0], 2.0, 1e-9);
  EXPECT_NEAR(at(interpolator, 0.025).vel[0], 1.0, 1e-9);
  EXPECT_DOUBLE_EQ(at(interpolator, 0.031).vel[0], 0.0);
}

TEST(Interpolator, smooth_motion_starts_and_ends_at_rest)
{
  Interpolator interpolator(1);
  interpolator.reset(tuple(0.0, 0.0), 0.0);
  interpolator.go_to_smoothly(tuple(1.0, 0.0), 0.0, 2.0, 0.2);
  constexpr double kStep_s = 1e-3;
  const auto speed = [&](double t_s)
  { return (at(interpolator, t_s + kStep_s).pos[0] - at(interpolator, t_s).pos[0]) / kStep_s; };
  EXPECT_LT(speed(0.0), 1e-4);
  EXPECT_LT(speed(2.0 - kStep_s), 1e-4);
  // A minimum-jerk profile peaks at 15/8 of the mean speed.
  EXPECT_NEAR(speed(1.0), 15.0 / 8.0 / 2.0, 1e-3);
  EXPECT_NEAR(at(interpolator, 0.2).kp[0], 10.0, 1e-9);
}

}  // namespace
}  // namespace neuraxis
