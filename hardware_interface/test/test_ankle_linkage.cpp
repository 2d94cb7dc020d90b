// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "neuraxis/ankle_linkage.hpp"

namespace neuraxis
{
namespace
{

struct Case
{
  std::string name;
  LinkageGeometry geometry;
  Pair lower;
  Pair upper;
};

// Ranges: URDF limits of the joints; of the A2's wrist the practical range.
[[nodiscard]] auto cases() -> std::vector<Case>
{
  return {
    {"a2_left_ankle", a2_ankle(Side::left), {-1.0472, -0.4887}, {0.5236, 0.4887}},
    {"a2_right_ankle", a2_ankle(Side::right), {-1.0472, -0.4887}, {0.5236, 0.4887}},
    {"a2_left_wrist", a2_wrist(Side::left), {-0.45, -0.35}, {0.45, 0.35}},
    {"a2_right_wrist", a2_wrist(Side::right), {-0.45, -0.35}, {0.45, 0.35}},
    {"a3_left_ankle", a3_ankle(Side::left), {-0.9, -0.3}, {0.4, 0.3}},
    {"a3_right_ankle", a3_ankle(Side::right), {-0.9, -0.3}, {0.4, 0.3}},
    {"a3_waist", a3_waist(), {-0.3, -0.3}, {0.3, 0.3}},
  };
}

[[nodiscard]] auto product(const Pair & a, const Pair & b) -> double
{
  return a[0] * b[0] + a[1] * b[1];
}

void at_many_poses(
  const std::function<void(const Case &, Linkage &, const Pair &, const Pair &)> & check)
{
  std::mt19937_64 random(11);
  for (const auto & chain : cases())
  {
    SCOPED_TRACE(chain.name);
    Linkage linkage(chain.geometry);
    for (int i = 0; i < 2000; ++i)
    {
      Pair joints{};
      for (std::size_t k = 0; k < 2; ++k)
      {
        joints[k] = std::uniform_real_distribution<double>(chain.lower[k], chain.upper[k])(random);
      }
      Pair drives{};
      ASSERT_TRUE(linkage.drives_of(joints, drives)) << joints[0] << ", " << joints[1];
      ASSERT_TRUE(linkage.set_pose(joints, drives));
      check(chain, linkage, joints, drives);
    }
  }
}

TEST(Linkage, zero_pose_is_zero_on_both_sides)
{
  for (const auto & chain : cases())
  {
    SCOPED_TRACE(chain.name);
    const Linkage linkage(chain.geometry);
    Pair drives{1.0, 1.0};
    ASSERT_TRUE(linkage.drives_of({0.0, 0.0}, drives));
    EXPECT_NEAR(drives[0], 0.0, 1e-9);
    EXPECT_NEAR(drives[1], 0.0, 1e-9);
  }
}

TEST(Linkage, there_and_back_over_the_whole_range_from_a_cold_start)
{
  at_many_poses(
    [](const Case &, Linkage & linkage, const Pair & joints, const Pair & drives)
    {
      Pair found{};
      ASSERT_TRUE(linkage.joints_of(drives, found)) << joints[0] << ", " << joints[1];
      EXPECT_NEAR(found[0], joints[0], 1e-9);
      EXPECT_NEAR(found[1], joints[1], 1e-9);
    });
}

TEST(Linkage, jacobian_agrees_with_finite_differences)
{
  constexpr double kStep = 1e-6;
  at_many_poses(
    [](const Case &, Linkage & linkage, const Pair & joints, const Pair &)
    {
      for (std::size_t k = 0; k < 2; ++k)
      {
        Pair ahead = joints;
        Pair behind = joints;
        ahead[k] += kStep;
        behind[k] -= kStep;
        Pair drives_ahead{};
        Pair drives_behind{};
        ASSERT_TRUE(linkage.drives_of(ahead, drives_ahead));
        ASSERT_TRUE(linkage.drives_of(behind, drives_behind));
        for (std::size_t i = 0; i < 2; ++i)
        {
          const double slope = (drives_ahead[i] - drives_behind[i]) / (2.0 * kStep);
          EXPECT_NEAR(linkage.inverse_jacobian()[i][k], slope, 1e-6);
        }
      }
    });
}

TEST(Linkage, power_is_the_same_on_both_sides)
{
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> any(-10.0, 10.0);
  at_many_poses(
    [&](const Case &, Linkage & linkage, const Pair &, const Pair &)
    {
      const Pair torque{any(random), any(random)};
      const Pair velocity{any(random), any(random)};
      const double power = product(torque, velocity);
      const double driven =
        product(linkage.drive_torque(torque), linkage.drive_velocity(velocity));
      EXPECT_NEAR(driven, power, 1e-9 * (1.0 + std::abs(power)));
      const auto back = linkage.joint_torque(linkage.drive_torque(torque));
      EXPECT_NEAR(back[0], torque[0], 1e-9);
      EXPECT_NEAR(back[1], torque[1], 1e-9);
      const auto speed = linkage.joint_velocity(linkage.drive_velocity(velocity));
      EXPECT_NEAR(speed[0], velocity[0], 1e-9);
      EXPECT_NEAR(speed[1], velocity[1], 1e-9);
    });
}

TEST(Linkage, gains_give_the_torque_of_the_joint_law)
{
  at_many_poses(
    [](const Case &, Linkage & linkage, const Pair &, const Pair &)
    {
      constexpr Pair kGain{500.0, 400.0};
      const Pair error{1e-3, -2e-3};
      const auto wanted = linkage.drive_torque({kGain[0] * error[0], kGain[1] * error[1]});
      const auto gain = linkage.drive_gain(kGain);
      const auto drive_error = linkage.drive_velocity(error);
      for (std::size_t i = 0; i < 2; ++i)
      {
        EXPECT_NEAR(product(gain[i], drive_error), wanted[i], 1e-9 * (1.0 + std::abs(wanted[i])));
        EXPECT_GT(gain[i][i], 0.0);
      }
      EXPECT_NEAR(gain[0][1], gain[1][0], 1e-6 * std::abs(gain[0][0]));
    });
}

void expect_jacobian(const LinkageGeometry & geometry, const Matrix2 & expected, double tolerance)
{
  const Linkage linkage(geometry);
  for (std::size_t row = 0; row < 2; ++row)
  {
    for (std::size_t column = 0; column < 2; ++column)
    {
      EXPECT_NEAR(linkage.jacobian()[row][column], expected[row][column], tolerance)
        << row << ", " << column;
    }
  }
}

TEST(Linkage, zero_pose_jacobians_are_those_of_the_public_models)
{
  expect_jacobian(a2_ankle(Side::left), {Pair{0.5, 0.5}, Pair{-1.0, 1.0}}, 1e-12);
  expect_jacobian(a2_ankle(Side::right), {Pair{0.5, 0.5}, Pair{1.0, -1.0}}, 1e-12);
  expect_jacobian(
    a3_ankle(Side::left), {Pair{0.431996, -0.433023}, Pair{-0.778361, -0.77484}}, 1e-5);
  expect_jacobian(a3_waist(), {Pair{-0.36991, 0.36991}, Pair{0.908197, 0.908197}}, 1e-5);
}

TEST(Linkage, the_strokes_of_the_wrist_cover_its_range)
{
  for (const auto side : {Side::left, Side::right})
  {
    const Linkage linkage(a2_wrist(side));
    for (const double first : {-0.3, 0.3})
    {
      for (const double second : {-0.2, 0.2})
      {
        Pair strokes{};
        ASSERT_TRUE(linkage.drives_of({first, second}, strokes));
        EXPECT_LE(std::abs(strokes[0]), 0.01204);
        EXPECT_LE(std::abs(strokes[1]), 0.01204);
      }
    }
  }
}

// PFP78 as in the A3's facts: 58 Nm to 16.76 rad/s, nothing from 23.56 rad/s.
constexpr TorqueSpeedCurve kDrive{58.0, 16.755161, 23.561945};

TEST(LimitTorque, one_joint_alone_may_use_its_limit_but_not_both_at_once)
{
  const Linkage linkage(a3_ankle(Side::left));
  const auto pitch = limit_torque(linkage, kDrive, {118.2, 0.0}, {0.0, 0.0});
  EXPECT_NEAR(pitch[0], 118.2, 1e-9);
  const auto both = limit_torque(linkage, kDrive, {118.2, 54.75}, {0.0, 0.0});
  EXPECT_LT(both[0], 118.0);
  const auto drives = linkage.drive_torque(both);
  EXPECT_LE(std::abs(drives[0]), 58.0 + 1e-9);
  EXPECT_LE(std::abs(drives[1]), 58.0 + 1e-9);
}

TEST(LimitTorque, drives_keep_to_their_curve_at_every_pose_and_speed)
{
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> torque(-300.0, 300.0);
  std::uniform_real_distribution<double> speed(-20.0, 20.0);
  at_many_poses(
    [&](const Case &, Linkage & linkage, const Pair &, const Pair &)
    {
      const Pair velocity{speed(random), speed(random)};
      const auto limited =
        limit_torque(linkage, kDrive, {torque(random), torque(random)}, velocity);
      const auto drives = linkage.drive_torque(limited);
      const auto speeds = linkage.drive_velocity(velocity);
      for (std::size_t i = 0; i < 2; ++i)
      {
        EXPECT_NEAR(kDrive.clamp(drives[i], speeds[i]), drives[i], 1e-6);
      }
    });
}

TEST(Linkage, unreachable_and_undefined_input_is_refused_and_changes_nothing)
{
  const Linkage linkage(a2_ankle(Side::left));
  Pair drives{};
  EXPECT_FALSE(Linkage(a3_waist()).drives_of({1.2, 1.2}, drives));
  Pair joints{0.1, 0.2};
  EXPECT_FALSE(linkage.joints_of({1.5, -1.5}, joints));
  EXPECT_FALSE(linkage.joints_of({std::numeric_limits<double>::quiet_NaN(), 0.0}, joints));
  EXPECT_EQ(joints, (Pair{0.1, 0.2}));
}

TEST(Linkage, a_geometry_that_does_not_close_is_refused)
{
  auto geometry = a2_ankle(Side::left);
  geometry.rods[1].length = 0.2;
  EXPECT_THROW(Linkage{geometry}, std::invalid_argument);
}

}  // namespace
}  // namespace neuraxis
