// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace neuraxis
{

/// Capacity of every per-joint array; fixed so that the loop never allocates.
inline constexpr std::size_t kMaxJoints = 64;
/// Capacity, in scalars, of the extra sensors a backend passes through.
inline constexpr std::size_t kMaxExtra = 64;

using JointArray = std::array<double, kMaxJoints>;

[[nodiscard]] constexpr auto filled(double value) noexcept -> JointArray
{
  JointArray out{};
  for (auto & element : out)
  {
    element = value;
  }
  return out;
}

/// Five-tuple per joint: the actuator applies `effort + kp (pos - q) + kd (vel - dq)`.
/// Revolute joints: rad, rad/s, Nm, Nm/rad, Nm s/rad. Prismatic: m, m/s, N, N/m, N s/m.
struct JointTuple
{
  JointArray pos{};
  JointArray vel{};
  JointArray effort{};
  JointArray kp{};
  JointArray kd{};
};

/// A five-tuple and the loop time at which its maker looked at the robot.
struct JointCommand
{
  double stamp_s = 0.0;
  JointTuple target;
};

/// IMU in the axes of base_link (suffix B).
struct ImuSample
{
  /// Orientation of base_link in the world, order (w, x, y, z); valid where `has_quat`.
  std::array<double, 4> quat_wxyz{1.0, 0.0, 0.0, 0.0};
  std::array<double, 3> gyro_B_rad_s{};
  /// Specific force: (0, 0, +9.81) when upright and at rest.
  std::array<double, 3> accel_B_m_s2{0.0, 0.0, 9.81};
  bool has_quat = false;
};

/// The battery as its management system sees it; not a number where the wire carries none.
struct BatterySample
{
  /// Charge in [0, 1].
  double charge = std::numeric_limits<double>::quiet_NaN();
  double voltage_V = std::numeric_limits<double>::quiet_NaN();
  /// Positive while charging.
  double current_A = std::numeric_limits<double>::quiet_NaN();
  double temperature_C = std::numeric_limits<double>::quiet_NaN();
};

/// One measurement of the whole robot.
struct StateSample
{
  double stamp_s = 0.0;
  JointArray pos{};
  JointArray vel{};
  JointArray effort{};
  ImuSample imu;
  /// Normal force under the (left, right) foot.
  std::array<double, 2> foot_force_N{};
  /// Drive temperatures; not a number where the wire carries none.
  JointArray temperature_C = filled(std::numeric_limits<double>::quiet_NaN());
  /// The drives' own fault codes, 0 for none.
  std::array<std::int32_t, kMaxJoints> joint_error{};
  BatterySample battery;
  /// The vendor's safety state as it comes over the wire, 0 for none.
  std::int32_t safety_state = 0;
  /// Sensors the spinal cord passes on without looking at them.
  std::array<double, kMaxExtra> extra{};
};

/// What goes to the actuators. Drives that close the loop themselves take `target`; drives that
/// take torque use `effort_total`, which already carries the torque-speed limit.
struct ActuatorOutput
{
  JointTuple target;
  JointArray effort_total{};
};

/// Levels of the stop ladder, from free to powerless.
enum class StopLevel : std::uint8_t
{
  run,
  hold,
  lowering,
  damping,
  zero,
};

inline constexpr std::array<const char *, 5> kStopLevelNames{
  "run", "hold", "lowering", "damping", "zero"};

[[nodiscard]] constexpr auto name_of(StopLevel level) -> const char *
{
  return kStopLevelNames[static_cast<std::size_t>(level)];
}

}  // namespace neuraxis
