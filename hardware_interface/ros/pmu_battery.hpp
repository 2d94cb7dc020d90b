// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "neuraxis/types.hpp"

namespace neuraxis
{

/// The battery in a PmuState of an X2. Its fields changed names between AimDK versions; which of
/// them the vendor's package has shows when this is compiled.
template <typename Message>
[[nodiscard]] auto battery_of(const Message & message, int /*preferred*/)
  -> decltype((void)message.battery_pack_voltage, BatterySample{})
{
  return {
    message.battery_remaining_capacity_percentage / 100.0, message.battery_pack_voltage,
    message.battery_current, message.battery_temperature};
}

template <typename Message>
[[nodiscard]] auto battery_of(const Message & message, long /*otherwise*/)
  -> decltype((void)message.bms_voltage, BatterySample{})
{
  return {
    message.bms_remaining_capacity_percentage / 100.0, message.bms_voltage, message.bms_current,
    static_cast<double>(message.bms_temperature)};
}

}  // namespace neuraxis
