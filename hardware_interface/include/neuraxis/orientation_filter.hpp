// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "neuraxis/types.hpp"

namespace neuraxis
{

/// Complementary filter on the rotation group (Mahony, Hamel, Pflimlin 2008, eq. 32 without the
/// bias term): integrates the gyro and leans towards the accelerometer's vertical, the less so
/// the further the specific force is from 1 g. Yaw is the gyro's integral alone.
class OrientationFilter
{
public:
  explicit OrientationFilter(double gain_1_s) : gain_1_s_(gain_1_s) {}

  /// Starts from a measured orientation where there is one, else from the accelerometer, yaw 0.
  void reset(const ImuSample & imu) noexcept;
  void update(const ImuSample & imu, double dt_s) noexcept;

  /// Orientation of base_link in the world, order (w, x, y, z).
  [[nodiscard]] auto quat_wxyz() const noexcept -> const std::array<double, 4> & { return q_; }
  /// Angle between the base's z axis and the vertical.
  [[nodiscard]] auto tilt_rad() const noexcept -> double { return tilt_rad_; }

private:
  void refresh() noexcept;

  double gain_1_s_;
  double tilt_rad_ = 0.0;
  std::array<double, 4> q_{1.0, 0.0, 0.0, 0.0};
};

}  // namespace neuraxis
