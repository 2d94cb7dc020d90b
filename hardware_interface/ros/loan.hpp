// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>

#include <hardware_interface/loaned_command_interface.hpp>
#include <hardware_interface/loaned_state_interface.hpp>

namespace neuraxis
{

/// Writes a loaned interface. Since Jazzy that can fail and says so; the next cycle writes again.
inline void put(hardware_interface::LoanedCommandInterface & interface, double value)
{
  (void)interface.set_value(value);
}

template <typename Interface>
[[nodiscard]] auto value_of(const Interface & interface, int /*preferred*/)
  -> decltype(interface.get_optional().value_or(0.0))
{
  return interface.get_optional().value_or(std::numeric_limits<double>::quiet_NaN());
}
template <typename Interface>
[[nodiscard]] auto value_of(const Interface & interface, long /*humble*/) -> double
{
  return interface.get_value();
}

/// Reads a loaned interface; not a number where it is being written at this moment.
[[nodiscard]] inline auto take(const hardware_interface::LoanedStateInterface & interface) -> double
{
  return value_of(interface, 0);
}

}  // namespace neuraxis
