// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "neuraxis/types.hpp"

namespace neuraxis
{

/// Carries the five-tuple from where it is to a goal in a given time, linearly in every field.
/// After arrival the position stays; the velocity reference is kept for one more duration and
/// fades in the next, so that a late command neither jerks the joint nor lets it drift.
class Interpolator
{
public:
  explicit Interpolator(std::size_t joint_count) : count_(joint_count) {}

  void reset(const JointTuple & at, double now_s) noexcept;
  void go_to(const JointTuple & goal, double now_s, double duration_s) noexcept;
  /// As go_to, but position starts and ends with zero speed and acceleration (minimum jerk), and
  /// feed-forward and gains are there after `fade_s`.
  void go_to_smoothly(
    const JointTuple & goal, double now_s, double duration_s, double fade_s) noexcept;
  void evaluate(double now_s, JointTuple & out) const noexcept;

  [[nodiscard]] auto goal() const noexcept -> const JointTuple & { return goal_; }

private:
  std::size_t count_;
  JointTuple start_;
  JointTuple goal_;
  double start_s_ = 0.0;
  double duration_s_ = 0.0;
  double fade_s_ = 0.0;
  bool smooth_ = false;
};

}  // namespace neuraxis
