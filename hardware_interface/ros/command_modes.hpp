// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace neuraxis
{

/// Command interfaces of a joint, as bits of a set.
enum class CommandBit : std::uint8_t
{
  position,
  velocity,
  effort,
  kp,
  kd,
};

inline constexpr std::size_t kCommandBits = 5;

using CommandSet = std::uint8_t;

[[nodiscard]] constexpr auto set_of(CommandBit bit) noexcept -> CommandSet
{
  return static_cast<CommandSet>(1U << static_cast<unsigned>(bit));
}

[[nodiscard]] constexpr auto has(CommandSet set, CommandBit bit) noexcept -> bool
{
  return (set & set_of(bit)) != 0;
}

namespace modes
{
inline constexpr CommandSet kP = set_of(CommandBit::position);
inline constexpr CommandSet kV = set_of(CommandBit::velocity);
inline constexpr CommandSet kE = set_of(CommandBit::effort);
inline constexpr CommandSet kGains = set_of(CommandBit::kp) | set_of(CommandBit::kd);
}  // namespace modes

/// What may be claimed of one joint at a time. Gains that are not claimed are the configured ones.
inline constexpr std::array<CommandSet, 7> kCommandModes{
  modes::kP,
  modes::kP | modes::kV,
  modes::kV,
  modes::kE,
  modes::kP | modes::kV | modes::kE,
  modes::kP | modes::kV | modes::kE | modes::kGains,
  modes::kP | modes::kGains};

[[nodiscard]] constexpr auto is_mode(CommandSet set) noexcept -> bool
{
  for (const auto mode : kCommandModes)
  {
    if (mode == set)
    {
      return true;
    }
  }
  return false;
}

/// Names of the interfaces in bit order; the gains' are configurable.
using CommandNames = std::array<std::string, kCommandBits>;

/// "[position, kp]"
[[nodiscard]] auto describe_set(CommandSet set, const CommandNames & names) -> std::string;

/// Why `set` is no mode, in words that name what is missing.
[[nodiscard]] auto explain_refusal(CommandSet set, const CommandNames & names) -> std::string;

}  // namespace neuraxis
