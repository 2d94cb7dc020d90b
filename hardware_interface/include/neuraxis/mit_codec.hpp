// SPDX-License-Identifier: Apache-2.0
// Frames of drives that close the five-tuple law themselves ("MIT mode"), as data and pure functions.
#pragma once

#include <linux/can.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace neuraxis
{

/// Layout shared by `can_frame` and `canfd_frame`; classic frames use its first CAN_MTU bytes.
using CanFrame = canfd_frame;

enum class MotorFamily : std::uint8_t
{
  damiao,
  tmotor,
  robstride,
  powerflow,
};

/// What the numbers on the wire mean for one motor. Position, velocity and torque are symmetric.
struct MotorModel
{
  const char * name = "";
  MotorFamily family = MotorFamily::damiao;
  double p_max = 0.0;
  double v_max = 0.0;
  double t_max = 0.0;
  double kp_max = 0.0;
  double kd_max = 0.0;
  /// Why public sources do not settle v_max and t_max, which then must be given; null otherwise.
  const char * contested = nullptr;
};

[[nodiscard]] auto motor_models() -> const std::vector<MotorModel> &;
/// Null where the name is unknown.
[[nodiscard]] auto find_motor(const std::string & name) -> const MotorModel *;

/// Whose frames are whose on one bus.
struct DriveAddress
{
  std::uint32_t can_id = 0;
  /// Identifier of the drive's replies (Damiao MST_ID); RobStride: of the host, in both directions.
  std::uint32_t reply_id = 0;
};

/// Five-tuple in the motor's own coordinates.
struct MotorCommand
{
  double pos = 0.0;
  double vel = 0.0;
  double kp = 0.0;
  double kd = 0.0;
  double torque = 0.0;
};

enum class DriveState : std::uint8_t
{
  disabled,
  enabled,
  /// The reply does not tell.
  unknown,
};

struct MotorReply
{
  double pos = 0.0;
  double vel = 0.0;
  double torque = 0.0;
  double temperature_C = std::numeric_limits<double>::quiet_NaN();
  /// The drive's own fault code, 0 for none.
  std::uint8_t error = 0;
  DriveState state = DriveState::unknown;
};

enum class DriveRequest : std::uint8_t
{
  enable,
  disable,
  clear_error,
  /// Takes the present position as the zero. Never sent by the backend.
  set_zero,
};

/// Parameters that the backend reads or writes; not every family has each.
enum class DriveParameter : std::uint8_t
{
  p_max,
  v_max,
  t_max,
  /// Time without a frame after which the drive lets go by itself.
  watchdog_s,
  /// 1 where the drive expects five-tuples.
  mit_mode,
};

enum class Match : std::uint8_t
{
  foreign,
  /// Of this drive, but with a length or content that its protocol does not have.
  malformed,
  ours,
};

/// Nearest code of `value` in [lower, upper]; outside, the nearer end and `clamped` counts up.
[[nodiscard]] auto quantize(
  double value, double lower, double upper, unsigned bits, unsigned & clamped) noexcept
  -> std::uint32_t;
[[nodiscard]] auto dequantize(
  std::uint32_t code, double lower, double upper, unsigned bits) noexcept -> double;

/// @returns How many fields were clamped. A command with a field that is not a number goes out as
///   one without stiffness, damping and torque, and counts five.
auto encode_command(
  const MotorModel & motor, const DriveAddress & address, const MotorCommand & command,
  CanFrame & frame) noexcept -> unsigned;
/// @returns false where the family has no such frame.
auto encode_request(
  const MotorModel & motor, const DriveAddress & address, DriveRequest request,
  CanFrame & frame) noexcept -> bool;
auto decode_reply(
  const MotorModel & motor, const DriveAddress & address, const CanFrame & frame,
  MotorReply & reply) noexcept -> Match;

[[nodiscard]] auto has_parameter(MotorFamily family, DriveParameter parameter) noexcept -> bool;
auto encode_parameter_read(
  const MotorModel & motor, const DriveAddress & address, DriveParameter parameter,
  CanFrame & frame) noexcept -> bool;
auto encode_parameter_write(
  const MotorModel & motor, const DriveAddress & address, DriveParameter parameter, double value,
  CanFrame & frame) noexcept -> bool;
/// Value of `parameter` where the frame is the drive's answer to a read or write of it.
[[nodiscard]] auto decode_parameter(
  const MotorModel & motor, const DriveAddress & address, DriveParameter parameter,
  const CanFrame & frame) noexcept -> std::optional<double>;

/// The vendor's word for a fault code, in English.
[[nodiscard]] auto error_text(MotorFamily family, std::uint8_t error) -> std::string;
[[nodiscard]] auto name_of(MotorFamily family) noexcept -> const char *;

}  // namespace neuraxis
