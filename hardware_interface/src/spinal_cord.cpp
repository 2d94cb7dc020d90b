// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/spinal_cord.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace neuraxis
{
namespace
{

[[nodiscard]] auto checked(const CordConfig & config) -> const CordConfig &
{
  validate(config);
  return config;
}

}  // namespace

SpinalCord::SpinalCord(const CordConfig & config)
: count_(checked(config).joints.size()),
  config_(config),
  gate_(config),
  interpolator_(count_),
  ladder_(config),
  filter_(config.filter_gain_1_s),
  command_watchdog_(config.command_timeout_s),
  pace_(config.command_period_max_s, config.late_margin_s),
  state_watchdog_(config.state_timeout_s),
  frozen_watchdog_(config.frozen_timeout_s)
{
  for (std::size_t i = 0; i < count_; ++i)
  {
    const auto & joint = config.joints[i];
    curves_[i] = {joint.effort_max, joint.knee_speed, joint.no_load_speed};
  }
}

void SpinalCord::hold_goal(const JointArray & pos, JointTuple & goal) const noexcept
{
  for (std::size_t i = 0; i < count_; ++i)
  {
    const auto & joint = config_.joints[i];
    goal.pos[i] = gate_.clamp(i, pos[i]);
    goal.vel[i] = 0.0;
    goal.effort[i] = 0.0;
    goal.kp[i] = joint.kp_hold;
    goal.kd[i] = joint.kd_hold;
  }
}

void SpinalCord::start(double now_s, const StateSample & sample) noexcept
{
  sample_ = finite(sample) ? sample : StateSample{};
  status_ = CordStatus{};
  error_code_ = 0;
  error_s_ = -std::numeric_limits<double>::infinity();
  ladder_.reset(now_s);
  filter_.reset(sample_.imu);
  command_watchdog_.restart(now_s);
  state_watchdog_.restart(finite(sample) ? now_s : now_s - 2.0 * config_.state_timeout_s);
  frozen_watchdog_.restart(now_s);
  gate_.widen_to(sample_.pos);
  hold_goal(sample_.pos, scratch_);
  interpolator_.reset(scratch_, now_s);
  output_ = ActuatorOutput{};
  output_.target = scratch_;
  last_stamp_s_ = now_s;
  accepted_s_ = now_s;
  heard_stamp_s_ = now_s;
  heard_s_ = now_s;
  update_s_ = now_s;
  pace_.restart(now_s);
  refresh_status();
}

auto SpinalCord::finite(const StateSample & sample) const noexcept -> bool
{
  double sum = sample.stamp_s;
  for (std::size_t i = 0; i < count_; ++i)
  {
    sum += sample.pos[i] + sample.vel[i] + sample.effort[i];
  }
  for (std::size_t i = 0; i < 3; ++i)
  {
    sum += sample.imu.gyro_B_rad_s[i] + sample.imu.accel_B_m_s2[i];
  }
  for (const double component : sample.imu.quat_wxyz)
  {
    sum += component;
  }
  sum += sample.foot_force_N[0] + sample.foot_force_N[1];
  return std::isfinite(sum);
}

void SpinalCord::measure(
  double now_s, const ReadResult & result, const StateSample & sample) noexcept
{
  switch (result.status)
  {
    case ReadStatus::silent:
      ++status_.counters.state_silent;
      return;
    case ReadStatus::error:
      ++status_.counters.backend_errors;
      error_code_ = result.error_code;
      error_s_ = now_s;
      return;
    case ReadStatus::fresh:
      break;
  }
  if (!finite(sample))
  {
    ++status_.counters.state_nonfinite;
    return;
  }
  const double dt_s = sample.stamp_s - sample_.stamp_s;
  if (!(dt_s > 0.0))
  {
    return;
  }
  if (
    sample.imu.gyro_B_rad_s != sample_.imu.gyro_B_rad_s ||
    sample.imu.accel_B_m_s2 != sample_.imu.accel_B_m_s2)
  {
    frozen_watchdog_.feed(sample.stamp_s);
  }
  filter_.update(sample.imu, dt_s);
  state_watchdog_.feed(sample.stamp_s);
  sample_ = sample;
}

/// Time for which a target may have moved on: that since the last accepted command. While commands
/// come, it is no more than they may be apart, or a jump that is repeated would pass in the end.
auto SpinalCord::since_reference_s(double now_s) const noexcept -> double
{
  const double silent_s = now_s - heard_s_;
  return std::min(now_s - accepted_s_, std::max(silent_s, config_.command_period_max_s));
}

void SpinalCord::hear(double now_s, double stamp_s) noexcept
{
  if (stamp_s > heard_stamp_s_ && stamp_s <= now_s + config_.future_tolerance_s)
  {
    heard_stamp_s_ = stamp_s;
    heard_s_ = now_s;
  }
}

/// Shortest time to a target that the gate has let through: after a gap it may be far.
auto SpinalCord::way_s(const JointTuple & target) noexcept -> double
{
  interpolator_.evaluate(update_s_, scratch_);
  double way_s = 0.0;
  for (std::size_t i = 0; i < count_; ++i)
  {
    const double step = std::abs(target.pos[i] - scratch_.pos[i]) - config_.position_step;
    way_s = std::max(way_s, step / config_.joints[i].velocity_max);
  }
  return way_s;
}

auto SpinalCord::submit(double now_s, const JointCommand & command) noexcept -> Verdict
{
  Verdict verdict{Rejection::latched, count_, 0.0, 0.0, 0.0};
  if (!ladder_.latched())
  {
    GateContext context;
    context.now_s = now_s;
    context.last_stamp_s = last_stamp_s_;
    context.reference_pos = &interpolator_.goal().pos;
    context.since_reference_s = since_reference_s(now_s);
    verdict = gate_.check(command, context);
  }
  hear(now_s, command.stamp_s);
  if (!verdict.accepted())
  {
    ++status_.counters.commands_rejected[static_cast<std::size_t>(verdict.reason)];
    status_.last_rejection = verdict;
    return verdict;
  }
  ++status_.counters.commands_accepted;
  if (ladder_.engage())
  {
    pace_.restart(now_s);
  }
  else if (command.stamp_s > last_stamp_s_)
  {
    // The answer to a state that was answered before brings nothing new: it does not end a gap.
    pace_.arrive(now_s);
    status_.bridging = false;
  }
  const double duration_s = std::max(pace_.period_s(), way_s(command.target));
  interpolator_.go_to(command.target, update_s_, duration_s);
  gate_.narrow_behind(command.target.pos);
  command_watchdog_.feed(std::min(command.stamp_s, now_s));
  last_stamp_s_ = command.stamp_s;
  accepted_s_ = now_s;
  return verdict;
}

void SpinalCord::request_stop(double now_s, StopLevel level, const StopCause & cause) noexcept
{
  trip(now_s, level, cause);
  refresh_status();
}

auto SpinalCord::present_danger(double now_s) const noexcept -> StopCause
{
  StopCause cause;
  if (now_s - error_s_ < config_.state_timeout_s)
  {
    cause.reason = StopReason::backend_error;
    cause.value = error_code_;
    return cause;
  }
  for (const auto * watchdog : {&state_watchdog_, &frozen_watchdog_})
  {
    if (watchdog->expired(now_s))
    {
      cause.reason = StopReason::state_stale;
      cause.value = watchdog->age_s(now_s);
      cause.bound = watchdog->timeout_s();
      return cause;
    }
  }
  if (filter_.tilt_rad() > config_.tilt_limit_rad)
  {
    cause.reason = StopReason::tilt;
    cause.value = filter_.tilt_rad();
    cause.bound = config_.tilt_limit_rad;
  }
  return cause;
}

auto SpinalCord::reset_stop(double now_s) noexcept -> ResetResult
{
  const auto danger = present_danger(now_s);
  if (danger.reason != StopReason::none)
  {
    return {false, danger};
  }
  // A robot that stands in hold keeps its targets; one that was let go is held where it lies.
  const bool keep = ladder_.level() <= StopLevel::hold;
  if (!keep)
  {
    gate_.widen_to(sample_.pos);
  }
  hold_goal(keep ? interpolator_.goal().pos : sample_.pos, scratch_);
  if (keep)
  {
    interpolator_.go_to(scratch_, update_s_, config_.fade_time_s);
  }
  else
  {
    interpolator_.reset(scratch_, now_s);
  }
  ladder_.reset(now_s);
  last_stamp_s_ = now_s;
  accepted_s_ = now_s;
  refresh_status();
  return {true, {}};
}

void SpinalCord::trip(double now_s, StopLevel level, const StopCause & cause) noexcept
{
  const auto before = ladder_.level();
  if (ladder_.trip(level, cause, now_s) && ladder_.level() != before)
  {
    on_level(now_s);
  }
}

void SpinalCord::on_level(double now_s) noexcept
{
  switch (ladder_.level())
  {
    case StopLevel::hold:
      hold_goal(interpolator_.goal().pos, scratch_);
      interpolator_.go_to(scratch_, update_s_, config_.fade_time_s);
      break;
    case StopLevel::lowering:
      for (std::size_t i = 0; i < count_; ++i)
      {
        scratch_.pos[i] = config_.joints[i].lowering_pos;
      }
      hold_goal(scratch_.pos, scratch_);
      interpolator_.go_to_smoothly(scratch_, now_s, config_.lowering_time_s, config_.fade_time_s);
      break;
    case StopLevel::run:
    case StopLevel::damping:
    case StopLevel::zero:
      break;
  }
}

void SpinalCord::watch(double now_s) noexcept
{
  const auto danger = present_danger(now_s);
  if (danger.reason != StopReason::none)
  {
    trip(now_s, StopLevel::damping, danger);
  }
  if (ladder_.level() == StopLevel::run)
  {
    watch_commands(now_s);
  }
  if (ladder_.advance(now_s))
  {
    on_level(now_s);
  }
}

void SpinalCord::watch_commands(double now_s) noexcept
{
  StopCause cause;
  if (command_watchdog_.expired(now_s))
  {
    cause.reason = StopReason::command_stale;
    cause.value = command_watchdog_.age_s(now_s);
    cause.bound = command_watchdog_.timeout_s();
    trip(now_s, StopLevel::hold, cause);
    return;
  }
  // Late: the interpolator goes on to the last targets at rest, with their feed-forward and gains.
  if (pace_.late(now_s))
  {
    status_.counters.bridges += status_.bridging ? 0U : 1U;
    status_.bridging = true;
    late_.reason = StopReason::command_late;
    late_.value = pace_.age_s(now_s);
    late_.bound = pace_.bound_s();
  }
}

void SpinalCord::fill_target(double now_s) noexcept
{
  auto & target = output_.target;
  if (ladder_.level() < StopLevel::damping)
  {
    interpolator_.evaluate(now_s, target);
    return;
  }
  const bool damped = ladder_.level() == StopLevel::damping;
  for (std::size_t i = 0; i < count_; ++i)
  {
    target.pos[i] = sample_.pos[i];
    target.vel[i] = 0.0;
    target.effort[i] = 0.0;
    target.kp[i] = 0.0;
    target.kd[i] = damped ? config_.joints[i].kd_damping : 0.0;
  }
}

void SpinalCord::limit_output(bool state_usable) noexcept
{
  const auto & target = output_.target;
  bool limited = false;
  for (std::size_t i = 0; i < count_; ++i)
  {
    const double wanted = target.effort[i] + target.kp[i] * (target.pos[i] - sample_.pos[i]) +
      target.kd[i] * (target.vel[i] - sample_.vel[i]);
    const double given = state_usable ? curves_[i].clamp(wanted, sample_.vel[i]) : 0.0;
    output_.effort_total[i] = given;
    limited = limited || given != wanted;
    status_.counters.outputs_nonfinite += std::isfinite(wanted) ? 0U : 1U;
  }
  status_.counters.outputs_limited += limited ? 1U : 0U;
}

auto SpinalCord::update(double now_s) noexcept -> const ActuatorOutput &
{
  watch(now_s);
  fill_target(now_s);
  // Without a measurement a torque is a guess: drives with their own loop still damp.
  limit_output(!state_watchdog_.expired(now_s));
  update_s_ = now_s;
  ++status_.counters.cycles;
  refresh_status();
  return output_;
}

void SpinalCord::refresh_status() noexcept
{
  status_.level = ladder_.level();
  status_.latched = ladder_.latched();
  status_.bridging = status_.bridging && ladder_.level() == StopLevel::run;
  status_.cause = status_.bridging ? late_ : ladder_.cause();
  status_.tilt_rad = filter_.tilt_rad();
  status_.filter_quat_wxyz = filter_.quat_wxyz();
}

}  // namespace neuraxis
