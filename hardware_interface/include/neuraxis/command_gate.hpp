// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "neuraxis/config.hpp"
#include "neuraxis/types.hpp"

namespace neuraxis
{

/// Why a command was not accepted, in the order of the checks.
enum class Rejection : std::uint8_t
{
  none,
  nonfinite,
  stale,
  future,
  out_of_order,
  position,
  velocity,
  effort,
  gain,
  rate,
  latched,
};

inline constexpr std::size_t kRejectionCount = 11;
inline constexpr std::array<const char *, kRejectionCount> kRejectionNames{
  "none",     "nonfinite", "stale", "future", "out_of_order", "position",
  "velocity", "effort",    "gain",  "rate",   "latched"};

/// A refusal and the numbers behind it.
struct Verdict
{
  Rejection reason = Rejection::none;
  /// Index of the joint, or the joint count where no single joint is at fault.
  std::size_t joint = kMaxJoints;
  double value = 0.0;
  double lower = 0.0;
  double upper = 0.0;

  [[nodiscard]] auto accepted() const noexcept -> bool { return reason == Rejection::none; }
};

/// One line for people; empty where the command was accepted. Allocates: not for the loop.
/// @param joint Name of the joint at fault; empty where it is not known.
[[nodiscard]] auto describe(const Verdict & verdict, const std::string & joint) -> std::string;

/// What the gate compares a command with.
struct GateContext
{
  double now_s = 0.0;
  /// Stamp of the last accepted command; minus infinity before the first.
  double last_stamp_s = 0.0;
  /// Position targets in force and the time since they were commanded.
  const JointArray * reference_pos = nullptr;
  double since_reference_s = 0.0;
};

/// Decides on one command: finite? fresh? within limits? reachable at the joint's speed?
class CommandGate
{
public:
  explicit CommandGate(const CordConfig & config);

  [[nodiscard]] auto check(const JointCommand & command, const GateContext & context) const noexcept
    -> Verdict;

  /// Limits from now on: the configured ones, and out to `pos` where that lies outside them by no
  /// more than the margin.
  void widen_to(const JointArray & pos) noexcept;
  /// Takes widened limits back in behind a target that came closer to the configured ones.
  void narrow_behind(const JointArray & pos) noexcept;
  [[nodiscard]] auto clamp(std::size_t joint, double pos) const noexcept -> double
  {
    return std::clamp(pos, lower_[joint], upper_[joint]);
  }

private:
  [[nodiscard]] auto check_stamp(double stamp_s, const GateContext & context) const noexcept
    -> Verdict;
  [[nodiscard]] auto check_limits(const JointTuple & target) const noexcept -> Verdict;
  [[nodiscard]] auto check_rate(
    const JointTuple & target, const GateContext & context) const noexcept -> Verdict;

  std::size_t count_;
  double timeout_s_;
  double future_tolerance_s_;
  double position_step_;
  double margin_;
  bool widened_ = false;
  JointArray lower_configured_{};
  JointArray upper_configured_{};
  JointArray lower_{};
  JointArray upper_{};
  JointArray velocity_max_{};
  JointArray effort_max_{};
  JointArray kp_max_{};
  JointArray kd_max_{};
};

}  // namespace neuraxis
