// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/interpolator.hpp"

#include <algorithm>

namespace neuraxis
{
namespace
{

[[nodiscard]] auto fraction(double elapsed_s, double duration_s) noexcept -> double
{
  return duration_s > 0.0 ? std::clamp(elapsed_s / duration_s, 0.0, 1.0) : 1.0;
}

}  // namespace

void Interpolator::reset(const JointTuple & at, double now_s) noexcept
{
  start_ = at;
  goal_ = at;
  start_s_ = now_s;
  duration_s_ = 0.0;
  fade_s_ = 0.0;
  smooth_ = false;
}

void Interpolator::go_to(const JointTuple & goal, double now_s, double duration_s) noexcept
{
  JointTuple from;
  evaluate(now_s, from);
  start_ = from;
  goal_ = goal;
  start_s_ = now_s;
  duration_s_ = duration_s;
  fade_s_ = duration_s;
  smooth_ = false;
}

void Interpolator::go_to_smoothly(
  const JointTuple & goal, double now_s, double duration_s, double fade_s) noexcept
{
  go_to(goal, now_s, duration_s);
  fade_s_ = fade_s;
  smooth_ = true;
}

void Interpolator::evaluate(double now_s, JointTuple & out) const noexcept
{
  const double elapsed_s = now_s - start_s_;
  const double s = fraction(elapsed_s, duration_s_);
  const double along = smooth_ ? s * s * s * (10.0 + s * (-15.0 + 6.0 * s)) : s;
  const double fade = fraction(elapsed_s, fade_s_);
  const double overtime = duration_s_ > 0.0 ? elapsed_s / duration_s_ - 1.0 : 2.0;
  const double vel_scale = std::clamp(2.0 - overtime, 0.0, 1.0);
  for (std::size_t i = 0; i < count_; ++i)
  {
    out.pos[i] = start_.pos[i] + along * (goal_.pos[i] - start_.pos[i]);
    out.vel[i] = vel_scale * (start_.vel[i] + fade * (goal_.vel[i] - start_.vel[i]));
    out.effort[i] = start_.effort[i] + fade * (goal_.effort[i] - start_.effort[i]);
    out.kp[i] = start_.kp[i] + fade * (goal_.kp[i] - start_.kp[i]);
    out.kd[i] = start_.kd[i] + fade * (goal_.kd[i] - start_.kd[i]);
  }
}

}  // namespace neuraxis
