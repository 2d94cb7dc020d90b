// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "neuraxis/orientation_filter.hpp"

namespace neuraxis
{
namespace
{

constexpr double kGravity_m_s2 = 9.80665;
constexpr double kPeriod_s = 1e-3;

auto rolled(double roll_rad) -> ImuSample
{
  ImuSample imu;
  imu.accel_B_m_s2 = {0.0, kGravity_m_s2 * std::sin(roll_rad), kGravity_m_s2 * std::cos(roll_rad)};
  return imu;
}

auto pitched(double pitch_rad) -> ImuSample
{
  ImuSample imu;
  imu.accel_B_m_s2 = {
    -kGravity_m_s2 * std::sin(pitch_rad), 0.0, kGravity_m_s2 * std::cos(pitch_rad)};
  return imu;
}

TEST(OrientationFilter, starts_from_the_accelerometer)
{
  OrientationFilter filter(0.5);
  filter.reset(rolled(0.4));
  EXPECT_NEAR(filter.quat_wxyz()[1], std::sin(0.2), 1e-12);
  EXPECT_NEAR(filter.tilt_rad(), 0.4, 1e-9);
  filter.reset(pitched(-0.3));
  EXPECT_NEAR(filter.quat_wxyz()[2], std::sin(-0.15), 1e-12);
}

TEST(OrientationFilter, starts_from_a_measured_orientation_where_there_is_one)
{
  auto imu = rolled(0.0);
  imu.has_quat = true;
  imu.quat_wxyz = {2.0 * std::cos(0.5), 0.0, 0.0, 2.0 * std::sin(0.5)};
  OrientationFilter filter(0.5);
  filter.reset(imu);
  EXPECT_NEAR(filter.quat_wxyz()[3], std::sin(0.5), 1e-12);
  EXPECT_NEAR(filter.tilt_rad(), 0.0, 1e-6);
}

TEST(OrientationFilter, integrates_a_turn_about_z)
{
  OrientationFilter filter(0.5);
  filter.reset(rolled(0.0));
  auto imu = rolled(0.0);
  imu.gyro_B_rad_s = {0.0, 0.0, 1.0};
  for (int i = 0; i < 1000; ++i)
  {
    filter.update(imu, kPeriod_s);
  }
  EXPECT_NEAR(2.0 * std::atan2(filter.quat_wxyz()[3], filter.quat_wxyz()[0]), 1.0, 1e-9);
}

TEST(OrientationFilter, follows_a_fast_fall_by_the_gyro)
{
  OrientationFilter filter(0.5);
  filter.reset(rolled(0.0));
  double roll_rad = 0.0;
  for (int i = 0; i < 500; ++i)
  {
    roll_rad += 2.0 * kPeriod_s;
    auto imu = rolled(roll_rad);
    imu.gyro_B_rad_s = {2.0, 0.0, 0.0};
    filter.update(imu, kPeriod_s);
  }
  EXPECT_NEAR(filter.tilt_rad(), roll_rad, 1e-3);
}

TEST(OrientationFilter, leans_to_the_vertical_at_its_gain)
{
  constexpr double kGain_1_s = 2.0;
  OrientationFilter filter(kGain_1_s);
  filter.reset(rolled(0.1));
  for (int i = 0; i < 1000; ++i)
  {
    filter.update(rolled(0.0), kPeriod_s);
  }
  // For small angles the error decays exponentially.
  EXPECT_NEAR(filter.tilt_rad(), 0.1 * std::exp(-kGain_1_s), 5e-4);
}

TEST(OrientationFilter, does_not_believe_an_accelerometer_that_is_shaken)
{
  OrientationFilter filter(2.0);
  filter.reset(rolled(0.0));
  auto shaken = rolled(1.0);
  for (auto & axis : shaken.accel_B_m_s2)
  {
    axis *= 1.5;
  }
  for (int i = 0; i < 1000; ++i)
  {
    filter.update(shaken, kPeriod_s);
  }
  EXPECT_NEAR(filter.tilt_rad(), 0.0, 1e-9);
}

TEST(OrientationFilter, free_fall_from_the_start_is_no_division_by_zero)
{
  ImuSample falling;
  falling.accel_B_m_s2 = {0.0, 0.0, 0.0};
  OrientationFilter filter(0.5);
  filter.reset(falling);
  filter.update(falling, kPeriod_s);
  EXPECT_DOUBLE_EQ(filter.tilt_rad(), 0.0);
}

}  // namespace
}  // namespace neuraxis
