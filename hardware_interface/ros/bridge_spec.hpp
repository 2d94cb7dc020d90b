// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "neuraxis/config.hpp"

namespace neuraxis
{

/// Limits of a joint as the robot description gives them. Units as in JointTuple.
struct DescribedLimits
{
  double lower = 0.0;
  double upper = 0.0;
  double velocity = 0.0;
  double effort = 0.0;
};

/// A joint, sensor or GPIO of a ros2_control block, free of ros2_control's types.
struct ComponentSpec
{
  std::string name;
  std::vector<std::string> command_interfaces;
  std::vector<std::string> state_interfaces;
  std::map<std::string, std::string> params;
};

/// A ros2_control block and what the rest of the description says about its joints.
struct SystemSpec
{
  std::map<std::string, std::string> params;
  std::vector<ComponentSpec> joints;
  std::vector<ComponentSpec> sensors;
  std::vector<ComponentSpec> gpios;
  /// Every joint of the description that can move by itself: neither fixed nor mimicking.
  std::map<std::string, DescribedLimits> movable;
};

/// What CordBridge runs by.
struct BridgeConfig
{
  CordConfig cord;
  std::string backend;
  std::string kp_interface = "kp";
  std::string kd_interface = "kd";
  double update_rate_hz = 1000.0;
  double activate_timeout_s = 5.0;
  /// The hardware reports an error once no good sample came for this long and nothing is left
  /// that the stop ladder could do.
  double dead_link_s = 2.0;
};

/// Reads and checks a ros2_control block: parameters, joints, interface names.
/// @throws std::invalid_argument naming the joint, sensor, interface or parameter and the bound.
[[nodiscard]] auto parse_bridge(const SystemSpec & spec) -> BridgeConfig;

}  // namespace neuraxis
