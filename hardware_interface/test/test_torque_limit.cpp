// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "neuraxis/torque_limit.hpp"

namespace neuraxis
{
namespace
{

constexpr TorqueSpeedCurve kCurve{30.0, 4.0, 10.0};

TEST(TorqueSpeedCurve, is_flat_to_the_knee_and_zero_at_no_load)
{
  EXPECT_DOUBLE_EQ(kCurve.driving_limit(0.0), 30.0);
  EXPECT_DOUBLE_EQ(kCurve.driving_limit(4.0), 30.0);
  EXPECT_DOUBLE_EQ(kCurve.driving_limit(7.0), 15.0);
  EXPECT_DOUBLE_EQ(kCurve.driving_limit(10.0), 0.0);
  EXPECT_DOUBLE_EQ(kCurve.driving_limit(50.0), 0.0);
}

TEST(TorqueSpeedCurve, braking_keeps_the_full_effort)
{
  EXPECT_DOUBLE_EQ(kCurve.clamp(-99.0, 12.0), -30.0);
  EXPECT_DOUBLE_EQ(kCurve.clamp(99.0, -12.0), 30.0);
  EXPECT_DOUBLE_EQ(kCurve.clamp(99.0, 12.0), 0.0);
  EXPECT_DOUBLE_EQ(kCurve.clamp(-99.0, -7.0), -15.0);
}

TEST(TorqueSpeedCurve, not_a_number_gives_no_torque)
{
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_DOUBLE_EQ(kCurve.clamp(kNan, 1.0), 0.0);
  EXPECT_DOUBLE_EQ(kCurve.clamp(1.0, kNan), 0.0);
  EXPECT_DOUBLE_EQ(kCurve.clamp(std::numeric_limits<double>::infinity(), 1.0), 0.0);
}

TEST(TorqueSpeedCurve, without_a_speed_limit_it_only_clamps)
{
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_DOUBLE_EQ((TorqueSpeedCurve{30.0, kInfinity, kInfinity}.clamp(99.0, 1e6)), 30.0);
}

TEST(TorqueSpeedCurve, never_exceeds_the_effort_nor_the_motor_power)
{
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> effort(-200.0, 200.0);
  std::uniform_real_distribution<double> velocity(-25.0, 25.0);
  // Between knee and no load the power effort * speed peaks at half the no-load speed.
  const double peak_speed = std::max(kCurve.knee_speed, kCurve.no_load_speed / 2.0);
  const double power_max = kCurve.driving_limit(peak_speed) * peak_speed;
  for (int i = 0; i < 100000; ++i)
  {
    const double wanted = effort(random);
    const double speed = velocity(random);
    const double given = kCurve.clamp(wanted, speed);
    ASSERT_LE(std::abs(given), kCurve.effort_max);
    ASSERT_LE(given * speed, power_max + 1e-9);
    ASSERT_LE(std::abs(given), std::abs(wanted));
    ASSERT_GE(given * wanted, 0.0);
  }
}

}  // namespace
}  // namespace neuraxis
