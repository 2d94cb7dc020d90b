// SPDX-License-Identifier: Apache-2.0
#include "command_modes.hpp"

#include <utility>

namespace neuraxis
{

auto describe_set(CommandSet set, const CommandNames & names) -> std::string
{
  std::string out;
  for (std::size_t i = 0; i < kCommandBits; ++i)
  {
    if (has(set, static_cast<CommandBit>(i)))
    {
      out += (out.empty() ? "" : ", ") + names[i];
    }
  }
  return "[" + out + "]";
}

auto explain_refusal(CommandSet set, const CommandNames & names) -> std::string
{
  std::string out = "command interfaces " + describe_set(set, names);
  const auto name_of_bit = [&names](CommandBit bit)
  { return names[static_cast<std::size_t>(bit)]; };
  for (const auto & [one, other] :
       {std::pair{CommandBit::kp, CommandBit::kd}, std::pair{CommandBit::kd, CommandBit::kp}})
  {
    if (has(set, one) && !has(set, other))
    {
      return out + ": '" + name_of_bit(one) + "' needs '" + name_of_bit(other) + "'";
    }
  }
  if ((set & modes::kGains) != 0 && (set & modes::kP) == 0)
  {
    return out + ": gains need '" + name_of_bit(CommandBit::position) + "'";
  }
  out += " are no mode; modes are";
  for (const auto mode : kCommandModes)
  {
    out += " " + describe_set(mode, names);
  }
  return out;
}

}  // namespace neuraxis
