// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <hardware_interface/handle.hpp>
#include <hardware_interface/hardware_info.hpp>

#include "cord_bridge.hpp"

namespace neuraxis
{

/// What a ros2_control block and its robot description say, without ros2_control's types.
/// @throws std::invalid_argument where the description is no URDF.
[[nodiscard]] auto spec_of(const hardware_interface::HardwareInfo & info) -> SystemSpec;

/// The points of a bridge in ros2_control's types; they point into the bridge.
[[nodiscard]] auto state_interfaces_of(CordBridge & bridge)
  -> std::vector<hardware_interface::StateInterface>;
[[nodiscard]] auto command_interfaces_of(CordBridge & bridge)
  -> std::vector<hardware_interface::CommandInterface>;

}  // namespace neuraxis
