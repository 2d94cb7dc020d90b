// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "neuraxis/types.hpp"

namespace neuraxis
{

enum class ReadStatus : std::uint8_t
{
  fresh,
  silent,
  error,
};

struct ReadResult
{
  ReadStatus status = ReadStatus::silent;
  /// Backend's own code where status is error.
  std::int32_t error_code = 0;
};

/// The seam between the spinal cord and whatever moves: a robot, a simulator, a mock. Joints are
/// in the order of `joint_names`. The noexcept members run in the loop: no allocation, no lock.
class Backend
{
public:
  virtual ~Backend() = default;

  [[nodiscard]] virtual auto joint_names() const -> const std::vector<std::string> & = 0;
  /// Names and widths of what fills StateSample::extra, in order.
  [[nodiscard]] virtual auto extra_names() const -> const std::vector<std::string> & = 0;
  [[nodiscard]] virtual auto extra_widths() const -> const std::vector<std::size_t> & = 0;

  /// Takes the actuators over, so that the next `read` is fresh and the next `write` moves. Off the
  /// loop. Leaves the robot as it was where it fails.
  /// @throws std::runtime_error naming what did not answer within `timeout_s`, or who else commands.
  virtual void activate(double /*timeout_s*/) {}
  /// Gives the actuators back, held or damped as the robot needs it. Off the loop.
  /// @throws std::runtime_error naming what did not answer within `timeout_s`.
  virtual void deactivate(double /*timeout_s*/) {}

  /// Time the loop lives in: the simulator's, or a monotonic clock.
  [[nodiscard]] virtual auto time_s() const noexcept -> double = 0;
  /// Fills `sample` where the status is fresh; else leaves it unspecified.
  virtual auto read(StateSample & sample) noexcept -> ReadResult = 0;
  virtual void write(const ActuatorOutput & output) noexcept = 0;
  /// Simulators step their world; time_s grows by the period. Robots do nothing.
  virtual void advance(double period_s) noexcept = 0;
  /// Refuses a loop period that the backend cannot keep. @throws std::invalid_argument
  virtual void check_period(double period_s) const = 0;
};

}  // namespace neuraxis
