// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "mit_codec_wire.hpp"
#include "neuraxis/mit_codec.hpp"

namespace neuraxis
{
namespace
{

using namespace mit_wire;

// Drive-side watchdogs count 50 us: Damiao TIMEOUT, RobStride CAN_TIMEOUT (20000 is one second).
constexpr double kWatchdogTick_s = 50e-6;

struct Register
{
  DriveParameter parameter;
  std::uint16_t damiao;
  std::uint16_t robstride;
  bool integer;
};

// 0 where the family has none.
constexpr Register kRegisters[] = {
  {DriveParameter::p_max, 21, 0, false},        {DriveParameter::v_max, 22, 0, false},
  {DriveParameter::t_max, 23, 0, false},        {DriveParameter::watchdog_s, 9, 0x7028, true},
  {DriveParameter::mit_mode, 10, 0x7005, true},
};

[[nodiscard]] auto register_of(DriveParameter parameter) noexcept -> const Register &
{
  return kRegisters[static_cast<std::size_t>(parameter)];
}

[[nodiscard]] auto address_in(MotorFamily family, DriveParameter parameter) noexcept
  -> std::uint16_t
{
  const auto & entry = register_of(parameter);
  return family == MotorFamily::damiao ? entry.damiao
    : family == MotorFamily::robstride ? entry.robstride
                                       : std::uint16_t{0};
}

auto begin_parameter(
  const MotorModel & motor, const DriveAddress & address, DriveParameter parameter, bool write,
  CanFrame & frame) noexcept -> bool
{
  const auto index = address_in(motor.family, parameter);
  if (index == 0)
  {
    return false;
  }
  if (motor.family == MotorFamily::damiao)
  {
    begin(frame, kDamiaoParameters);
    frame.data[0] = byte(address.can_id);
    frame.data[1] = byte(address.can_id >> 8U);
    frame.data[2] = write ? kDamiaoWrite : kDamiaoRead;
    frame.data[3] = byte(index);
    return true;
  }
  begin(frame, robstride_id(write ? kWriteParameter : kReadParameter, address.reply_id, address));
  frame.data[0] = byte(index);
  frame.data[1] = byte(index >> 8U);
  return true;
}

}  // namespace

auto has_parameter(MotorFamily family, DriveParameter parameter) noexcept -> bool
{
  return address_in(family, parameter) != 0;
}

auto encode_parameter_read(
  const MotorModel & motor, const DriveAddress & address, DriveParameter parameter,
  CanFrame & frame) noexcept -> bool
{
  return begin_parameter(motor, address, parameter, false, frame);
}

auto encode_parameter_write(
  const MotorModel & motor, const DriveAddress & address, DriveParameter parameter, double value,
  CanFrame & frame) noexcept -> bool
{
  if (!begin_parameter(motor, address, parameter, true, frame))
  {
    return false;
  }
  // RobStride's run mode 0 is Damiao's control mode 1.
  const bool zero_based =
    motor.family == MotorFamily::robstride && parameter == DriveParameter::mit_mode;
  const double scaled = parameter == DriveParameter::watchdog_s ? value / kWatchdogTick_s
    : zero_based                                                ? value - 1.0
                                                                : value;
  const auto whole = static_cast<std::uint32_t>(std::lround(std::max(scaled, 0.0)));
  const auto real = static_cast<float>(scaled);
  if (register_of(parameter).integer)
  {
    std::memcpy(frame.data + 4, &whole, sizeof(whole));
  }
  else
  {
    std::memcpy(frame.data + 4, &real, sizeof(real));
  }
  return true;
}

auto decode_parameter(
  const MotorModel & motor, const DriveAddress & address, DriveParameter parameter,
  const CanFrame & frame) noexcept -> std::optional<double>
{
  const auto index = address_in(motor.family, parameter);
  const bool damiao = motor.family == MotorFamily::damiao && frame.can_id == address.reply_id &&
    frame.data[0] == byte(address.can_id) && frame.data[1] == byte(address.can_id >> 8U) &&
    (frame.data[2] == kDamiaoRead || frame.data[2] == kDamiaoWrite) && frame.data[3] == index;
  const bool robstride = motor.family == MotorFamily::robstride &&
    robstride_from(address, frame.can_id) == kReadParameter &&
    get_le<std::uint16_t>(frame.data) == index;
  if (index == 0 || frame.len != 8 || !(damiao || robstride))
  {
    return std::nullopt;
  }
  if (!register_of(parameter).integer)
  {
    return get_le<float>(frame.data + 4);
  }
  const double whole = get_le<std::uint32_t>(frame.data + 4);
  if (parameter == DriveParameter::watchdog_s)
  {
    return whole * kWatchdogTick_s;
  }
  // The run mode is one byte; what follows it is not promised to be zero.
  return robstride ? frame.data[4] + 1.0 : whole;
}

}  // namespace neuraxis
