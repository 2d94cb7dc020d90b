// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/orientation_filter.hpp"

#include <algorithm>
#include <cmath>

namespace neuraxis
{
namespace
{

using Vector3 = std::array<double, 3>;

constexpr double kGravity_m_s2 = 9.80665;
/// Relative departure from 1 g at which the accelerometer says nothing about the vertical.
constexpr double kAccelTrust = 0.3;
constexpr double kTiny = 1e-9;

[[nodiscard]] auto norm(const Vector3 & v) noexcept -> double
{
  return std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

[[nodiscard]] auto cross(const Vector3 & a, const Vector3 & b) noexcept -> Vector3
{
  return {
    a[1] * b[2] - a[2] * b[1],
    a[2] * b[0] - a[0] * b[2],
    a[0] * b[1] - a[1] * b[0],
  };
}

/// World's z axis in body axes.
[[nodiscard]] auto up_B(const std::array<double, 4> & q) noexcept -> Vector3
{
  return {
    2.0 * (q[1] * q[3] - q[0] * q[2]),
    2.0 * (q[2] * q[3] + q[0] * q[1]),
    1.0 - 2.0 * (q[1] * q[1] + q[2] * q[2]),
  };
}

void normalize(std::array<double, 4> & q) noexcept
{
  const double length = std::sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
  if (!(length > kTiny))
  {
    q = {1.0, 0.0, 0.0, 0.0};
    return;
  }
  for (auto & component : q)
  {
    component /= length;
  }
}

}  // namespace

void OrientationFilter::reset(const ImuSample & imu) noexcept
{
  if (imu.has_quat)
  {
    q_ = imu.quat_wxyz;
    refresh();
    return;
  }
  const double length = norm(imu.accel_B_m_s2);
  if (!(length > kTiny))
  {
    q_ = {1.0, 0.0, 0.0, 0.0};
    refresh();
    return;
  }
  const double roll = std::atan2(imu.accel_B_m_s2[1], imu.accel_B_m_s2[2]);
  const double pitch = std::asin(std::clamp(-imu.accel_B_m_s2[0] / length, -1.0, 1.0));
  const double cr = std::cos(roll / 2.0);
  const double sr = std::sin(roll / 2.0);
  const double cp = std::cos(pitch / 2.0);
  const double sp = std::sin(pitch / 2.0);
  q_ = {cp * cr, cp * sr, sp * cr, -sp * sr};
  refresh();
}

void OrientationFilter::update(const ImuSample & imu, double dt_s) noexcept
{
  Vector3 rate = imu.gyro_B_rad_s;
  const double length = norm(imu.accel_B_m_s2);
  const double departure = std::abs(length / kGravity_m_s2 - 1.0);
  if (length > kTiny && departure < kAccelTrust)
  {
    const double gain = gain_1_s_ * (1.0 - departure / kAccelTrust) / length;
    const auto error = cross(imu.accel_B_m_s2, up_B(q_));
    for (std::size_t i = 0; i < 3; ++i)
    {
      rate[i] += gain * error[i];
    }
  }
  const double angle = norm(rate) * dt_s;
  const double half = 0.5 * angle;
  // sin(x/2)/x, by its series where the quotient would lose digits
  const double scale = angle > 1e-6 ? std::sin(half) / angle * dt_s : 0.5 * dt_s;
  const double w = std::cos(half);
  const Vector3 v{rate[0] * scale, rate[1] * scale, rate[2] * scale};
  const auto q = q_;
  q_ = {
    q[0] * w - q[1] * v[0] - q[2] * v[1] - q[3] * v[2],
    q[0] * v[0] + q[1] * w + q[2] * v[2] - q[3] * v[1],
    q[0] * v[1] - q[1] * v[2] + q[2] * w + q[3] * v[0],
    q[0] * v[2] + q[1] * v[1] - q[2] * v[0] + q[3] * w,
  };
  refresh();
}

void OrientationFilter::refresh() noexcept
{
  normalize(q_);
  tilt_rad_ = std::acos(std::clamp(up_B(q_)[2], -1.0, 1.0));
}

}  // namespace neuraxis
