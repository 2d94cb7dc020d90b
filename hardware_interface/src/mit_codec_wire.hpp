// SPDX-License-Identifier: Apache-2.0
// What commands and parameters of the drives' protocols share.
#pragma once

#include <cstring>
#include <optional>

#include "neuraxis/mit_codec.hpp"

namespace neuraxis::mit_wire
{

inline constexpr std::uint32_t kDamiaoParameters = 0x7FF;
inline constexpr std::uint8_t kDamiaoRead = 0x33;
inline constexpr std::uint8_t kDamiaoWrite = 0x55;

enum RobstrideType : std::uint32_t
{
  kMotion = 1,
  kFeedback = 2,
  kEnable = 3,
  kStop = 4,
  kSetZero = 6,
  kReadParameter = 17,
  kWriteParameter = 18,
};

[[nodiscard]] inline auto byte(std::uint32_t value) noexcept -> std::uint8_t
{
  return static_cast<std::uint8_t>(value & 0xFFU);
}

template <typename T>
[[nodiscard]] inline auto get_le(const std::uint8_t * data) noexcept -> T
{
  T value;
  std::memcpy(&value, data, sizeof(value));
  return value;
}

inline void begin(CanFrame & frame, std::uint32_t id) noexcept
{
  frame = CanFrame{};
  frame.can_id = id;
  frame.len = 8;
}

[[nodiscard]] inline auto robstride_id(
  std::uint32_t type, std::uint32_t middle, const DriveAddress & address) noexcept -> std::uint32_t
{
  return CAN_EFF_FLAG | type << 24U | (middle & 0xFFFFU) << 8U | (address.can_id & 0xFFU);
}

/// Type of a 29-bit frame that comes from this drive to this host, or nothing.
[[nodiscard]] inline auto robstride_from(const DriveAddress & address, std::uint32_t can_id) noexcept
  -> std::optional<std::uint32_t>
{
  const bool extended = (can_id & CAN_EFF_FLAG) != 0 && (can_id & CAN_RTR_FLAG) == 0;
  const bool for_us = (can_id & 0xFFU) == (address.reply_id & 0xFFU);
  const bool from_drive = (can_id >> 8U & 0xFFU) == (address.can_id & 0xFFU);
  if (!extended || !for_us || !from_drive)
  {
    return std::nullopt;
  }
  return can_id >> 24U & 0x1FU;
}

}  // namespace neuraxis::mit_wire
