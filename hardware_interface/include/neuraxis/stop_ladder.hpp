// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "neuraxis/config.hpp"
#include "neuraxis/types.hpp"

namespace neuraxis
{

enum class StopReason : std::uint8_t
{
  none,
  waiting_for_command,
  command_stale,
  state_stale,
  backend_error,
  tilt,
  operator_request,
  command_late,
};

inline constexpr std::array<const char *, 8> kStopReasonNames{
  "none", "waiting_for_command", "command_stale", "state_stale", "backend_error",
  "tilt", "operator_request", "command_late"};

/// Why the ladder stands where it stands; fixed size, so that the loop can copy it.
struct StopCause
{
  StopReason reason = StopReason::none;
  /// The measured quantity and the bound it passed; unit by reason (s, error code, rad).
  double value = 0.0;
  double bound = 0.0;
  /// Operator's words, zero-terminated.
  std::array<char, 96> text{};
};

/// Builds a cause from an operator's words, cut to what fits.
[[nodiscard]] auto operator_cause(const std::string & words) -> StopCause;

/// One line for people. Allocates: not for the loop.
[[nodiscard]] auto describe(const StopCause & cause) -> std::string;

/// Graded, latched stop: hold, controlled lowering, damping, zero torque. It only ever goes down;
/// `reset` is the sole way back, to an unlatched hold from which a valid command starts `run`.
class StopLadder
{
public:
  explicit StopLadder(const CordConfig & config);

  /// Latches at least `level`. @returns whether the level changed.
  auto trip(StopLevel level, const StopCause & cause, double now_s) noexcept -> bool;
  /// Moves down where the time of the present level is over. @returns whether it did.
  auto advance(double now_s) noexcept -> bool;
  /// Leaves an unlatched hold for run. @returns whether it did.
  auto engage() noexcept -> bool;
  /// Back to an unlatched hold.
  void reset(double now_s) noexcept;

  [[nodiscard]] auto level() const noexcept -> StopLevel { return level_; }
  [[nodiscard]] auto latched() const noexcept -> bool { return latched_; }
  [[nodiscard]] auto cause() const noexcept -> const StopCause & { return cause_; }
  [[nodiscard]] auto since_s() const noexcept -> double { return since_s_; }

private:
  std::array<double, 5> time_in_level_s_;
  StopLevel level_ = StopLevel::hold;
  bool latched_ = false;
  StopCause cause_{StopReason::waiting_for_command, 0.0, 0.0, {}};
  double since_s_ = 0.0;
};

}  // namespace neuraxis
