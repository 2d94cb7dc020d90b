// SPDX-License-Identifier: Apache-2.0
#include "described_hardware.hpp"

#include <stdexcept>
#include <string>

#include <urdf/model.h>

namespace neuraxis
{
namespace
{

[[nodiscard]] auto names_of(const std::vector<hardware_interface::InterfaceInfo> & interfaces)
  -> std::vector<std::string>
{
  std::vector<std::string> names;
  for (const auto & interface : interfaces)
  {
    names.push_back(interface.name);
  }
  return names;
}

[[nodiscard]] auto components_of(const std::vector<hardware_interface::ComponentInfo> & infos)
  -> std::vector<ComponentSpec>
{
  std::vector<ComponentSpec> components;
  for (const auto & info : infos)
  {
    components.push_back(
      {info.name,
       names_of(info.command_interfaces),
       names_of(info.state_interfaces),
       {info.parameters.begin(), info.parameters.end()}});
  }
  return components;
}

template <typename Interface>
[[nodiscard]] auto interfaces_of(const std::vector<InterfacePoint> & points)
  -> std::vector<Interface>
{
  std::vector<Interface> interfaces;
  // Handles over pointers are deprecated on Jazzy and the only ones on Humble.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  for (const auto & point : points)
  {
    interfaces.emplace_back(point.component, point.name, point.value);
  }
#pragma GCC diagnostic pop
  return interfaces;
}

}  // namespace

auto spec_of(const hardware_interface::HardwareInfo & info) -> SystemSpec
{
  SystemSpec spec;
  spec.params = {info.hardware_parameters.begin(), info.hardware_parameters.end()};
  spec.joints = components_of(info.joints);
  spec.sensors = components_of(info.sensors);
  spec.gpios = components_of(info.gpios);
  urdf::Model model;
  if (!model.initString(info.original_xml))
  {
    throw std::invalid_argument("the robot description is no valid URDF");
  }
  for (const auto & [name, joint] : model.joints_)
  {
    if (joint->mimic || !joint->limits)
    {
      continue;
    }
    const auto & limits = *joint->limits;
    spec.movable[name] = {limits.lower, limits.upper, limits.velocity, limits.effort};
  }
  return spec;
}

auto state_interfaces_of(CordBridge & bridge) -> std::vector<hardware_interface::StateInterface>
{
  return interfaces_of<hardware_interface::StateInterface>(bridge.state_points());
}

auto command_interfaces_of(CordBridge & bridge) -> std::vector<hardware_interface::CommandInterface>
{
  return interfaces_of<hardware_interface::CommandInterface>(bridge.command_points());
}

}  // namespace neuraxis
