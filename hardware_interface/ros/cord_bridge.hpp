// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bridge_spec.hpp"
#include "command_modes.hpp"
#include "neuraxis/backend.hpp"
#include "neuraxis/loop_stats.hpp"
#include "neuraxis/spinal_cord.hpp"

namespace neuraxis
{

/// The GPIO through which the spinal cord talks about itself.
inline constexpr std::string_view kGpioName = "spinal_cord";

/// State interfaces of that GPIO. `reason`, `reset_refusal`: index of a StopReason;
/// `last_rejection`: of a Rejection; `level`: of a StopLevel. `time`: the backend's, s.
/// `reset_answer`: the value of `reset` where it was granted, negated where it was refused.
enum class GpioState : std::uint8_t
{
  level,
  latched,
  reason,
  reason_value,
  reason_bound,
  tilt,
  time,
  cycles,
  accepted,
  rejected,
  last_rejection,
  last_rejection_joint,
  last_rejection_value,
  last_rejection_lower,
  last_rejection_upper,
  battery_charge,
  safety_state,
  error_code,
  reset_answer,
  reset_refusal,
  reset_refusal_value,
  reset_refusal_bound,
  cycle_us_p50,
  cycle_us_p99,
  cycle_us_p999,
  cycle_us_max,
  period_us_p50,
  period_us_p99,
  period_us_p999,
  period_us_max,
};

inline constexpr std::array kGpioStateNames{
  "level",
  "latched",
  "reason",
  "reason_value",
  "reason_bound",
  "tilt",
  "time",
  "cycles",
  "accepted",
  "rejected",
  "last_rejection",
  "last_rejection_joint",
  "last_rejection_value",
  "last_rejection_lower",
  "last_rejection_upper",
  "battery_charge",
  "safety_state",
  "error_code",
  "reset_answer",
  "reset_refusal",
  "reset_refusal_value",
  "reset_refusal_bound",
  "cycle_us_p50",
  "cycle_us_p99",
  "cycle_us_p999",
  "cycle_us_max",
  "period_us_p50",
  "period_us_p99",
  "period_us_p999",
  "period_us_max"};

/// Command interfaces of that GPIO. `stop_level`, `halt_level`: level of the stop ladder asked
/// for, 0 or not a number for none; while one stands, a reset is refused. `reset`: a changed
/// value other than zero asks once.
enum class GpioCommand : std::uint8_t
{
  stop_level,
  halt_level,
  reset,
};

inline constexpr std::array kGpioCommandNames{"stop_level", "halt_level", "reset"};

/// Names of the command interfaces of a joint, in bit order.
[[nodiscard]] auto command_names(const BridgeConfig & config) -> CommandNames;
/// State interfaces that a sensor of this name may have. @throws std::invalid_argument for an
/// unknown sensor, listing the known ones.
[[nodiscard]] auto known_sensor_interfaces(const std::string & sensor) -> std::vector<std::string>;

/// One value that a controller reads or writes.
struct InterfacePoint
{
  std::string component;
  std::string name;
  double * value = nullptr;
};

/// Spinal cord and backend below the interfaces of a controller manager, without its types.
/// `read` and `write` neither allocate nor lock nor throw; the rest is not for the loop.
class CordBridge
{
public:
  /// @throws std::invalid_argument as parse_bridge.
  explicit CordBridge(const SystemSpec & spec);
  CordBridge(const CordBridge &) = delete;
  auto operator=(const CordBridge &) -> CordBridge & = delete;

  [[nodiscard]] auto config() const noexcept -> const BridgeConfig & { return config_; }
  [[nodiscard]] auto joint_names() const -> std::vector<std::string>;
  /// What the description declares, in its order. Valid as long as the bridge lives.
  [[nodiscard]] auto state_points() -> std::vector<InterfacePoint>;
  [[nodiscard]] auto command_points() -> std::vector<InterfacePoint>;

  /// Takes a backend that moves these joints in this order.
  /// @throws std::invalid_argument where joints or loop period do not fit.
  void attach(std::unique_ptr<Backend> backend);
  /// Lets the backend go; it is gone afterwards.
  void detach() noexcept;
  [[nodiscard]] auto attached() const noexcept -> bool { return backend_ != nullptr; }

  /// Takes the robot over at the pose it is measured in.
  /// @throws std::runtime_error naming what did not answer in time, or the joint that stands too
  ///   far outside its limits; the robot is as it was then.
  void activate();
  /// Gives the robot back. @throws std::runtime_error naming what did not answer in time.
  void deactivate();
  [[nodiscard]] auto active() const noexcept -> bool { return active_; }

  /// Checks a switch of claimed interfaces ("joint/interface") against the table of modes.
  /// @returns Empty, or what is wrong, naming the joint.
  [[nodiscard]] auto check_switch(
    const std::vector<std::string> & start, const std::vector<std::string> & stop) const
    -> std::string;
  /// Performs a checked switch. Joints that are let go keep their target; where they had none,
  /// they are held where they are.
  void perform_switch(
    const std::vector<std::string> & start, const std::vector<std::string> & stop) noexcept;

  /// Measures. @returns false once the link is dead and nothing is left to be done about it.
  auto read() noexcept -> bool;
  /// Commands, decides, actuates.
  void write() noexcept;

  [[nodiscard]] auto status() const noexcept -> const CordStatus & { return cord_.status(); }
  [[nodiscard]] auto backend() noexcept -> Backend * { return backend_.get(); }

private:
  struct Claim
  {
    std::size_t joint = 0;
    CommandBit bit = CommandBit::position;
  };

  [[nodiscard]] auto command_row(CommandBit bit) noexcept -> JointArray &;
  [[nodiscard]] auto sensor_value(const std::string & sensor, const std::string & name) -> double &;
  [[nodiscard]] auto gpio(GpioState state) noexcept -> double &;
  [[nodiscard]] auto gpio(GpioCommand command) const noexcept -> double;
  [[nodiscard]] auto wait_for_sample() -> StateSample;
  void check_pose(const StateSample & sample) const;
  void clear_commands() noexcept;
  void let_go(std::size_t joint, CommandSet before) noexcept;
  /// @returns whether every claimed interface holds a number and something is claimed.
  [[nodiscard]] auto gather(double now_s) noexcept -> bool;
  void gather_joint(std::size_t joint, JointTuple & to) const noexcept;
  void take_requests(double now_s) noexcept;
  /// @param standing A stop that is being asked for at this moment, null for none.
  void take_reset(double now_s, const StopCause * standing) noexcept;
  void show_sample(const StateSample & sample) noexcept;
  void show_status(double now_s) noexcept;
  void show_durations(std::uint64_t cycle) noexcept;

  BridgeConfig config_;
  SystemSpec spec_;
  std::size_t count_;
  double period_s_;
  std::unordered_map<std::string, Claim> claims_;
  std::unique_ptr<Backend> backend_;
  SpinalCord cord_;
  bool active_ = false;

  StateSample sample_;
  JointCommand command_;
  /// What the cord put out last; null before its first cycle.
  const ActuatorOutput * output_ = nullptr;
  std::array<CommandSet, kMaxJoints> claimed_{};
  /// Targets of joints that nobody claims.
  JointArray kept_pos_{};
  StopCause operator_;
  StopCause halted_;
  /// Whether anything was claimed since activation: until then the cord holds by itself.
  bool engaged_ = false;
  double good_s_ = 0.0;
  double last_reset_ = 0.0;
  std::int32_t error_code_ = 0;

  JointTuple commanded_;
  JointArray pos_{};
  JointArray vel_{};
  JointArray effort_{};
  JointArray temperature_{};
  JointArray error_{};
  /// x, y, z, w, then gyro, then accelerometer: the order of the interface names.
  std::array<double, 10> imu_{};
  std::array<double, 2> feet_{};
  /// Percentage as charge in [0, 1], voltage, current, temperature.
  std::array<double, 4> battery_{};
  std::array<double, kGpioStateNames.size()> gpio_state_{};
  std::array<double, kGpioCommandNames.size()> gpio_command_{};

  DurationHistogram cycle_ns_;
  DurationHistogram period_ns_;
  std::int64_t read_ns_ = 0;
};

}  // namespace neuraxis
