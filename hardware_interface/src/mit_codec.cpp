// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/mit_codec.hpp"

#include <algorithm>
#include <cmath>

#include "mit_codec_wire.hpp"

namespace neuraxis
{
namespace
{

using namespace mit_wire;

struct Codes
{
  std::uint32_t pos, vel, kp, kd, torque;
};

[[nodiscard]] auto finite(const MotorCommand & command) noexcept -> bool
{
  return std::isfinite(command.pos + command.vel + command.kp + command.kd + command.torque);
}

[[nodiscard]] auto quantize_all(
  const MotorModel & motor, const MotorCommand & command, unsigned narrow, unsigned & clamped)
  noexcept -> Codes
{
  MotorCommand safe = command;
  if (!finite(command))
  {
    safe = MotorCommand{};
    clamped += 5;
  }
  return {
    quantize(safe.pos, -motor.p_max, motor.p_max, 16, clamped),
    quantize(safe.vel, -motor.v_max, motor.v_max, narrow, clamped),
    quantize(safe.kp, 0.0, motor.kp_max, narrow, clamped),
    quantize(safe.kd, 0.0, motor.kd_max, narrow, clamped),
    quantize(safe.torque, -motor.t_max, motor.t_max, narrow, clamped)};
}

void put_u16(std::uint8_t * data, std::uint32_t value) noexcept
{
  data[0] = byte(value >> 8U);
  data[1] = byte(value);
}

[[nodiscard]] auto get_u16(const std::uint8_t * data) noexcept -> std::uint32_t
{
  return static_cast<std::uint32_t>(data[0]) << 8U | data[1];
}

/// Position 16, velocity 12, torque 12 bits from `data` on.
void unpack_state(const MotorModel & motor, const std::uint8_t * data, MotorReply & reply) noexcept
{
  const auto vel = static_cast<std::uint32_t>(data[2]) << 4U | data[3] >> 4U;
  const auto torque = (data[3] & 0xFU) << 8U | data[4];
  reply.pos = dequantize(get_u16(data), -motor.p_max, motor.p_max, 16);
  reply.vel = dequantize(vel, -motor.v_max, motor.v_max, 12);
  reply.torque = dequantize(torque, -motor.t_max, motor.t_max, 12);
}

auto decode_damiao(
  const MotorModel & motor, const DriveAddress & address, const CanFrame & frame,
  MotorReply & reply) noexcept -> Match
{
  if (frame.can_id != address.reply_id || (frame.data[0] & 0xFU) != (address.can_id & 0xFU))
  {
    return Match::foreign;
  }
  // Answers of the parameter channel share the identifier and look like a disabled drive.
  const bool answer = frame.data[0] == byte(address.can_id) &&
    frame.data[1] == byte(address.can_id >> 8U) &&
    (frame.data[2] == kDamiaoRead || frame.data[2] == kDamiaoWrite);
  const auto state = static_cast<std::uint8_t>(frame.data[0] >> 4U);
  if (answer && state == 0)
  {
    return Match::foreign;
  }
  if (frame.len != 8 || (state > 1 && state < 5))
  {
    return Match::malformed;
  }
  unpack_state(motor, frame.data + 1, reply);
  reply.temperature_C = std::max(frame.data[6], frame.data[7]);
  reply.error = state > 1 ? state : std::uint8_t{0};
  reply.state = state == 1 ? DriveState::enabled : DriveState::disabled;
  return Match::ours;
}

auto decode_tmotor(
  const MotorModel & motor, const DriveAddress & address, const CanFrame & frame,
  MotorReply & reply) noexcept -> Match
{
  if (frame.can_id != address.reply_id || frame.data[0] != byte(address.can_id))
  {
    return Match::foreign;
  }
  if (frame.len != 6 && frame.len != 8)
  {
    return Match::malformed;
  }
  unpack_state(motor, frame.data + 1, reply);
  reply.state = DriveState::unknown;
  reply.error = 0;
  if (frame.len == 8)
  {
    // CubeMars AK manual: the byte covers -40 to 215 degrees.
    reply.temperature_C = frame.data[6] - 40.0;
    reply.error = frame.data[7];
  }
  return Match::ours;
}

auto decode_robstride(
  const MotorModel & motor, const DriveAddress & address, const CanFrame & frame,
  MotorReply & reply) noexcept -> Match
{
  if (robstride_from(address, frame.can_id) != kFeedback)
  {
    return Match::foreign;
  }
  if (frame.len != 8)
  {
    return Match::malformed;
  }
  reply.pos = dequantize(get_u16(frame.data), -motor.p_max, motor.p_max, 16);
  reply.vel = dequantize(get_u16(frame.data + 2), -motor.v_max, motor.v_max, 16);
  reply.torque = dequantize(get_u16(frame.data + 4), -motor.t_max, motor.t_max, 16);
  reply.temperature_C = 0.1 * get_u16(frame.data + 6);
  reply.error = byte(frame.can_id >> 16U & 0x3FU);
  reply.state = (frame.can_id >> 22U & 3U) == 2 ? DriveState::enabled : DriveState::disabled;
  return Match::ours;
}

auto decode_powerflow(
  const MotorModel & motor, const DriveAddress & address, const CanFrame & frame,
  MotorReply & reply) noexcept -> Match
{
  if (frame.can_id != address.reply_id)
  {
    return Match::foreign;
  }
  if (frame.len != 8)
  {
    return Match::malformed;
  }
  // Bit 0 is a heartbeat. The unit of the temperature in the last two bytes is not public.
  unpack_state(motor, frame.data, reply);
  reply.state = (frame.data[5] >> 1U & 7U) == 1 ? DriveState::enabled : DriveState::disabled;
  reply.error = frame.data[5] >> 4U;
  return Match::ours;
}

}  // namespace

auto quantize(
  double value, double lower, double upper, unsigned bits, unsigned & clamped) noexcept
  -> std::uint32_t
{
  const double steps = static_cast<double>((1U << bits) - 1U);
  const double inside = std::min(std::max(value, lower), upper);
  clamped += inside == value ? 0U : 1U;
  return static_cast<std::uint32_t>(std::lround((inside - lower) / (upper - lower) * steps));
}

auto dequantize(std::uint32_t code, double lower, double upper, unsigned bits) noexcept -> double
{
  return lower + (upper - lower) * code / static_cast<double>((1U << bits) - 1U);
}

auto encode_command(
  const MotorModel & motor, const DriveAddress & address, const MotorCommand & command,
  CanFrame & frame) noexcept -> unsigned
{
  unsigned clamped = 0;
  if (motor.family == MotorFamily::robstride)
  {
    const auto codes = quantize_all(motor, command, 16, clamped);
    begin(frame, robstride_id(kMotion, codes.torque, address));
    put_u16(frame.data, codes.pos);
    put_u16(frame.data + 2, codes.vel);
    put_u16(frame.data + 4, codes.kp);
    put_u16(frame.data + 6, codes.kd);
    return clamped;
  }
  const auto codes = quantize_all(motor, command, 12, clamped);
  begin(frame, address.can_id);
  put_u16(frame.data, codes.pos);
  frame.data[2] = byte(codes.vel >> 4U);
  frame.data[3] = byte((codes.vel & 0xFU) << 4U | codes.kp >> 8U);
  frame.data[4] = byte(codes.kp);
  frame.data[5] = byte(codes.kd >> 4U);
  frame.data[6] = byte((codes.kd & 0xFU) << 4U | codes.torque >> 8U);
  frame.data[7] = byte(codes.torque);
  return clamped;
}

auto encode_request(
  const MotorModel & motor, const DriveAddress & address, DriveRequest request,
  CanFrame & frame) noexcept -> bool
{
  if (motor.family == MotorFamily::robstride)
  {
    const bool stop = request == DriveRequest::disable || request == DriveRequest::clear_error;
    const auto type = stop ? kStop : request == DriveRequest::enable ? kEnable : kSetZero;
    begin(frame, robstride_id(type, address.reply_id, address));
    frame.data[0] = request == DriveRequest::clear_error || request == DriveRequest::set_zero;
    return true;
  }
  begin(frame, address.can_id);
  if (motor.family == MotorFamily::powerflow)
  {
    // Request state (1: disable 0, enable 1), clear error 2, set homing position 3.
    frame.data[0] = request == DriveRequest::clear_error ? 2
      : request == DriveRequest::set_zero                ? 3
                                                         : 1;
    frame.data[1] = request == DriveRequest::enable;
    return true;
  }
  if (motor.family == MotorFamily::tmotor && request == DriveRequest::clear_error)
  {
    return false;
  }
  std::fill(frame.data, frame.data + 7, std::uint8_t{0xFF});
  frame.data[7] = request == DriveRequest::enable ? 0xFC
    : request == DriveRequest::disable            ? 0xFD
    : request == DriveRequest::set_zero           ? 0xFE
                                                  : 0xFB;
  return true;
}

auto decode_reply(
  const MotorModel & motor, const DriveAddress & address, const CanFrame & frame,
  MotorReply & reply) noexcept -> Match
{
  switch (motor.family)
  {
    case MotorFamily::damiao:
      return decode_damiao(motor, address, frame, reply);
    case MotorFamily::tmotor:
      return decode_tmotor(motor, address, frame, reply);
    case MotorFamily::robstride:
      return decode_robstride(motor, address, frame, reply);
    case MotorFamily::powerflow:
      return decode_powerflow(motor, address, frame, reply);
  }
  return Match::foreign;
}

}  // namespace neuraxis
