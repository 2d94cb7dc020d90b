// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/command_gate.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace neuraxis
{
namespace
{

/// Bounds are met up to rounding: a sender that clamps in float32 is not refused for it.
constexpr double kRelativeSlack = 1e-6;

[[nodiscard]] auto outside(double value, double lower, double upper) noexcept -> bool
{
  const double slack = kRelativeSlack * std::max(std::abs(lower), std::abs(upper));
  return !(value >= lower - slack && value <= upper + slack);
}

}  // namespace

auto describe(const Verdict & verdict, const std::string & joint) -> std::string
{
  if (verdict.accepted())
  {
    return {};
  }
  std::ostringstream text;
  text << kRejectionNames[static_cast<std::size_t>(verdict.reason)];
  if (!joint.empty())
  {
    text << ": joint '" << joint << "'";
  }
  if (verdict.reason == Rejection::nonfinite)
  {
    text << " got a value that is not finite";
  }
  else if (verdict.reason != Rejection::latched)
  {
    text << " got " << verdict.value << ", must be in [" << verdict.lower << ", " << verdict.upper
         << "]";
  }
  return text.str();
}

CommandGate::CommandGate(const CordConfig & config)
: count_(config.joints.size()),
  timeout_s_(config.command_timeout_s),
  future_tolerance_s_(config.future_tolerance_s),
  position_step_(config.position_step),
  margin_(config.limit_margin)
{
  for (std::size_t i = 0; i < count_; ++i)
  {
    const auto & joint = config.joints[i];
    lower_configured_[i] = lower_[i] = joint.lower;
    upper_configured_[i] = upper_[i] = joint.upper;
    velocity_max_[i] = joint.velocity_max;
    effort_max_[i] = joint.effort_max;
    kp_max_[i] = joint.kp_max;
    kd_max_[i] = joint.kd_max;
  }
}

void CommandGate::widen_to(const JointArray & pos) noexcept
{
  widened_ = false;
  for (std::size_t i = 0; i < count_; ++i)
  {
    const double lower = lower_configured_[i];
    const double upper = upper_configured_[i];
    lower_[i] = pos[i] >= lower - margin_ ? std::min(lower, pos[i]) : lower;
    upper_[i] = pos[i] <= upper + margin_ ? std::max(upper, pos[i]) : upper;
    widened_ = widened_ || lower_[i] < lower || upper_[i] > upper;
  }
}

void CommandGate::narrow_behind(const JointArray & pos) noexcept
{
  if (!widened_)
  {
    return;
  }
  widened_ = false;
  for (std::size_t i = 0; i < count_; ++i)
  {
    lower_[i] = std::clamp(pos[i], lower_[i], lower_configured_[i]);
    upper_[i] = std::clamp(pos[i], upper_configured_[i], upper_[i]);
    widened_ = widened_ || lower_[i] < lower_configured_[i] || upper_[i] > upper_configured_[i];
  }
}

auto CommandGate::check(const JointCommand & command, const GateContext & context) const noexcept
  -> Verdict
{
  const auto & target = command.target;
  for (std::size_t i = 0; i < count_; ++i)
  {
    const double sum =
      target.pos[i] + target.vel[i] + target.effort[i] + target.kp[i] + target.kd[i];
    if (!std::isfinite(sum))
    {
      return {Rejection::nonfinite, i, sum, 0.0, 0.0};
    }
  }
  if (const auto verdict = check_stamp(command.stamp_s, context); !verdict.accepted())
  {
    return verdict;
  }
  if (const auto verdict = check_limits(target); !verdict.accepted())
  {
    return verdict;
  }
  return check_rate(target, context);
}

auto CommandGate::check_stamp(double stamp_s, const GateContext & context) const noexcept -> Verdict
{
  if (!std::isfinite(stamp_s))
  {
    return {Rejection::nonfinite, count_, stamp_s, 0.0, 0.0};
  }
  const double oldest_s = context.now_s - timeout_s_;
  const double newest_s = context.now_s + future_tolerance_s_;
  if (stamp_s < oldest_s)
  {
    return {Rejection::stale, count_, stamp_s, oldest_s, newest_s};
  }
  if (stamp_s > newest_s)
  {
    return {Rejection::future, count_, stamp_s, oldest_s, newest_s};
  }
  if (stamp_s < context.last_stamp_s)
  {
    return {Rejection::out_of_order, count_, stamp_s, context.last_stamp_s, newest_s};
  }
  return {};
}

auto CommandGate::check_limits(const JointTuple & target) const noexcept -> Verdict
{
  for (std::size_t i = 0; i < count_; ++i)
  {
    if (outside(target.pos[i], lower_[i], upper_[i]))
    {
      return {Rejection::position, i, target.pos[i], lower_[i], upper_[i]};
    }
    if (outside(target.vel[i], -velocity_max_[i], velocity_max_[i]))
    {
      return {Rejection::velocity, i, target.vel[i], -velocity_max_[i], velocity_max_[i]};
    }
    if (outside(target.effort[i], -effort_max_[i], effort_max_[i]))
    {
      return {Rejection::effort, i, target.effort[i], -effort_max_[i], effort_max_[i]};
    }
    if (outside(target.kp[i], 0.0, kp_max_[i]))
    {
      return {Rejection::gain, i, target.kp[i], 0.0, kp_max_[i]};
    }
    if (outside(target.kd[i], 0.0, kd_max_[i]))
    {
      return {Rejection::gain, i, target.kd[i], 0.0, kd_max_[i]};
    }
  }
  return {};
}

auto CommandGate::check_rate(const JointTuple & target, const GateContext & context) const noexcept
  -> Verdict
{
  if (context.reference_pos == nullptr)
  {
    return {};
  }
  const double elapsed_s = std::clamp(context.since_reference_s, 0.0, timeout_s_);
  for (std::size_t i = 0; i < count_; ++i)
  {
    const double reference = (*context.reference_pos)[i];
    const double reach = position_step_ + velocity_max_[i] * elapsed_s;
    if (outside(target.pos[i], reference - reach, reference + reach))
    {
      return {Rejection::rate, i, target.pos[i], reference - reach, reference + reach};
    }
  }
  return {};
}

}  // namespace neuraxis
