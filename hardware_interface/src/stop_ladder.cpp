// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/stop_ladder.hpp"

#include <algorithm>
#include <limits>
#include <sstream>

namespace neuraxis
{

auto operator_cause(const std::string & words) -> StopCause
{
  StopCause cause;
  cause.reason = StopReason::operator_request;
  std::copy_n(words.begin(), std::min(words.size(), cause.text.size() - 1), cause.text.begin());
  return cause;
}

auto describe(const StopCause & cause) -> std::string
{
  std::ostringstream text;
  text << kStopReasonNames[static_cast<std::size_t>(cause.reason)];
  switch (cause.reason)
  {
    case StopReason::none:
      return {};
    case StopReason::waiting_for_command:
      break;
    case StopReason::command_late:
    case StopReason::command_stale:
    case StopReason::state_stale:
      text << ": age " << cause.value << " s, limit " << cause.bound << " s";
      break;
    case StopReason::backend_error:
      text << ": code " << cause.value;
      break;
    case StopReason::tilt:
      text << ": " << cause.value << " rad, limit " << cause.bound << " rad";
      break;
    case StopReason::operator_request:
      text << ": " << cause.text.data();
      break;
  }
  return text.str();
}

StopLadder::StopLadder(const CordConfig & config)
: time_in_level_s_{
    std::numeric_limits<double>::infinity(), config.hold_time_s, config.lowering_time_s,
    config.damping_time_s, std::numeric_limits<double>::infinity()}
{
}

auto StopLadder::trip(StopLevel level, const StopCause & cause, double now_s) noexcept -> bool
{
  const bool deeper = level > level_;
  if (level == StopLevel::run || !(deeper || !latched_))
  {
    return false;
  }
  level_ = std::max(level, level_);
  latched_ = true;
  cause_ = cause;
  since_s_ = now_s;
  return true;
}

auto StopLadder::advance(double now_s) noexcept -> bool
{
  const auto index = static_cast<std::size_t>(level_);
  if (!latched_ || !(now_s - since_s_ >= time_in_level_s_[index]))
  {
    return false;
  }
  level_ = static_cast<StopLevel>(index + 1);
  since_s_ = now_s;
  return true;
}

auto StopLadder::engage() noexcept -> bool
{
  if (latched_ || level_ != StopLevel::hold)
  {
    return false;
  }
  level_ = StopLevel::run;
  cause_ = StopCause{};
  return true;
}

void StopLadder::reset(double now_s) noexcept
{
  level_ = StopLevel::hold;
  latched_ = false;
  cause_ = StopCause{};
  cause_.reason = StopReason::waiting_for_command;
  since_s_ = now_s;
}

}  // namespace neuraxis
