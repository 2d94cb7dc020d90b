// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <memory>

#include "wire_backend.hpp"
#include "wire_follower.hpp"

namespace neuraxis
{

/// What both cooperative wires have in common.
class CooperativeBackend : public WireBackend
{
protected:
  explicit CooperativeBackend(const BackendRequest & request)
  : WireBackend(request),
    follower_(
      params_.number("velocity_max", 3.0, 0.01, 20.0),
      params_.number("acceleration_max", 6.28, 0.01, 200.0)),
    period_s_(1.0 / params_.number("wire_rate_hz", 100.0, 1.0, 2000.0))
  {
  }

  /// Next positions of the commanded groups into `wire_.pos`, speed into `wire_.vel`.
  /// @returns false where the arms are to be let go.
  [[nodiscard]] auto follow(const WireOutput & output) noexcept -> bool
  {
    space_.to_wire(output, wire_);
    const double now_s = time_s();
    for (const auto & group : space_.groups())
    {
      for (std::size_t i = group.first; i < group.first + group.names.size(); ++i)
      {
        if (!group.command_topic.empty() && !(wire_.kp[i] > 0.0))
        {
          following_ = false;
          return false;
        }
      }
    }
    const double dt_s = std::clamp(now_s - last_s_, 0.1 * period_s_, 3.0 * period_s_);
    for (const auto & group : space_.groups())
    {
      for (std::size_t i = group.first; i < group.first + group.names.size(); ++i)
      {
        if (!following_)
        {
          follower_.reset(i, output.pos[space_.joint_of(i)]);
        }
        wire_.pos[i] = follower_.step(i, wire_.pos[i], following_ ? dt_s : period_s_);
        wire_.vel[i] = follower_.velocity(i);
      }
    }
    following_ = true;
    last_s_ = now_s;
    return true;
  }

private:
  PositionFollower follower_;
  double period_s_;
  double last_s_ = 0.0;
  bool following_ = false;
};

/// @throws std::invalid_argument where the parameters do not fit.
[[nodiscard]] auto make_upper_body(const BackendRequest & request) -> std::unique_ptr<Backend>;

}  // namespace neuraxis
