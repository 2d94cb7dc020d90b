// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "neuraxis/backend.hpp"
#include "neuraxis/command_gate.hpp"
#include "neuraxis/command_pace.hpp"
#include "neuraxis/config.hpp"
#include "neuraxis/interpolator.hpp"
#include "neuraxis/orientation_filter.hpp"
#include "neuraxis/stop_ladder.hpp"
#include "neuraxis/torque_limit.hpp"
#include "neuraxis/types.hpp"
#include "neuraxis/watchdog.hpp"

namespace neuraxis
{

/// Events since the start.
struct CordCounters
{
  std::uint64_t cycles = 0;
  std::uint64_t commands_accepted = 0;
  std::array<std::uint64_t, kRejectionCount> commands_rejected{};
  /// Gaps between commands that were bridged.
  std::uint64_t bridges = 0;
  std::uint64_t state_silent = 0;
  std::uint64_t state_nonfinite = 0;
  std::uint64_t backend_errors = 0;
  std::uint64_t outputs_limited = 0;
  std::uint64_t outputs_nonfinite = 0;
};

/// What the spinal cord reports of itself in each cycle.
struct CordStatus
{
  StopLevel level = StopLevel::hold;
  bool latched = false;
  /// In run: the next command is late, and the cord stays on the last one; `cause` says how late.
  bool bridging = false;
  StopCause cause;
  double tilt_rad = 0.0;
  std::array<double, 4> filter_quat_wxyz{1.0, 0.0, 0.0, 0.0};
  CordCounters counters;
  Verdict last_rejection;
};

/// Answer to an operator's reset.
struct ResetResult
{
  bool accepted = false;
  /// Why not; the cause that persists.
  StopCause refusal;
};

/// One cycle of the spinal cord: measurement and command in, limited actuator output out.
///
///     command -> gate -> interpolator -> stop ladder -> five-tuple law -> torque-speed limit
///
/// Time is an argument. No allocation, lock, exception or log after construction. Outputs are
/// finite and within limits whatever comes in.
class SpinalCord
{
public:
  /// @throws std::invalid_argument from validate(config).
  explicit SpinalCord(const CordConfig & config);

  /// Forgets everything and holds the measured position until the first valid command.
  void start(double now_s, const StateSample & sample) noexcept;
  /// Newest measurement, or the news that there is none.
  void measure(double now_s, const ReadResult & result, const StateSample & sample) noexcept;
  auto submit(double now_s, const JointCommand & command) noexcept -> Verdict;
  void request_stop(double now_s, StopLevel level, const StopCause & cause) noexcept;
  auto reset_stop(double now_s) noexcept -> ResetResult;
  auto update(double now_s) noexcept -> const ActuatorOutput &;

  [[nodiscard]] auto status() const noexcept -> const CordStatus & { return status_; }
  [[nodiscard]] auto joint_count() const noexcept -> std::size_t { return count_; }
  /// Newest good measurement.
  [[nodiscard]] auto sample() const noexcept -> const StateSample & { return sample_; }

private:
  [[nodiscard]] auto finite(const StateSample & sample) const noexcept -> bool;
  [[nodiscard]] auto since_reference_s(double now_s) const noexcept -> double;
  [[nodiscard]] auto way_s(const JointTuple & target) noexcept -> double;
  void hear(double now_s, double stamp_s) noexcept;
  [[nodiscard]] auto present_danger(double now_s) const noexcept -> StopCause;
  void watch(double now_s) noexcept;
  void watch_commands(double now_s) noexcept;
  void trip(double now_s, StopLevel level, const StopCause & cause) noexcept;
  void on_level(double now_s) noexcept;
  void hold_goal(const JointArray & pos, JointTuple & goal) const noexcept;
  void fill_target(double now_s) noexcept;
  void limit_output(bool state_usable) noexcept;
  void refresh_status() noexcept;

  std::size_t count_;
  CordConfig config_;
  CommandGate gate_;
  Interpolator interpolator_;
  StopLadder ladder_;
  OrientationFilter filter_;
  Watchdog command_watchdog_;
  CommandPace pace_;
  Watchdog state_watchdog_;
  Watchdog frozen_watchdog_;
  std::array<TorqueSpeedCurve, kMaxJoints> curves_{};

  StateSample sample_;
  CordStatus status_;
  StopCause late_;
  ActuatorOutput output_;
  JointTuple scratch_;
  std::int32_t error_code_ = 0;
  double error_s_ = 0.0;
  double last_stamp_s_ = 0.0;
  double accepted_s_ = 0.0;
  /// Of the newest command that came, accepted or not.
  double heard_stamp_s_ = 0.0;
  double heard_s_ = 0.0;
  double update_s_ = 0.0;
};

}  // namespace neuraxis
