// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "neuraxis/types.hpp"

namespace neuraxis
{

/// Follows position targets within a speed and an acceleration, for wires that take positions only.
class PositionFollower
{
public:
  PositionFollower(double velocity_max, double acceleration_max)
  : velocity_max_(velocity_max), acceleration_max_(acceleration_max)
  {
  }

  void reset(std::size_t joint, double pos) noexcept
  {
    pos_[joint] = pos;
    vel_[joint] = 0.0;
  }

  auto step(std::size_t joint, double target, double dt_s) noexcept -> double
  {
    const double error = target - pos_[joint];
    const double distance = std::abs(error);
    // Fast enough to stop at the target, counted from where the next step ends.
    const double braking = 0.5 * acceleration_max_ * dt_s;
    const double stoppable =
      std::sqrt(braking * braking + 2.0 * acceleration_max_ * distance) - braking;
    const double wanted =
      std::copysign(std::min({velocity_max_, stoppable, distance / dt_s}), error);
    const double change = acceleration_max_ * dt_s;
    vel_[joint] += std::clamp(wanted - vel_[joint], -change, change);
    pos_[joint] += vel_[joint] * dt_s;
    return pos_[joint];
  }

  [[nodiscard]] auto velocity(std::size_t joint) const noexcept -> double { return vel_[joint]; }

private:
  double velocity_max_;
  double acceleration_max_;
  JointArray pos_{};
  JointArray vel_{};
};

}  // namespace neuraxis
