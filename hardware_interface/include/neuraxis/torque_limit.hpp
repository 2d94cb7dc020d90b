// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>

namespace neuraxis
{

/// Torque-speed curve of one actuator. Units as in JointTuple.
struct TorqueSpeedCurve
{
  double effort_max = 0.0;
  double knee_speed = 0.0;
  double no_load_speed = 0.0;

  /// Largest magnitude the motor can give when it pushes along its motion at `speed` >= 0: flat
  /// up to the knee, linear to zero at no load.
  [[nodiscard]] auto driving_limit(double speed) const noexcept -> double
  {
    if (!(speed > knee_speed))
    {
      return effort_max;
    }
    if (speed >= no_load_speed)
    {
      return 0.0;
    }
    return effort_max * (no_load_speed - speed) / (no_load_speed - knee_speed);
  }

  /// Clamps an effort at a joint velocity; braking keeps the full effort. Not-a-number gives 0.
  [[nodiscard]] auto clamp(double effort, double velocity) const noexcept -> double
  {
    if (!std::isfinite(effort) || !std::isfinite(velocity))
    {
      return 0.0;
    }
    const double upper = velocity > 0.0 ? driving_limit(velocity) : effort_max;
    const double lower = velocity < 0.0 ? -driving_limit(-velocity) : -effort_max;
    return std::clamp(effort, lower, upper);
  }
};

}  // namespace neuraxis
