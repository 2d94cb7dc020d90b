// SPDX-License-Identifier: Apache-2.0
#include "halt_controller.hpp"

#include <string>

#include <pluginlib/class_list_macros.hpp>

#include "cord_bridge.hpp"
#include "loan.hpp"

namespace neuraxis
{

auto HaltController::on_init() -> CallbackReturn
{
  auto_declare<int>("level", 1);
  return CallbackReturn::SUCCESS;
}

auto HaltController::command_interface_configuration() const
  -> controller_interface::InterfaceConfiguration
{
  return {
    controller_interface::interface_configuration_type::INDIVIDUAL,
    {std::string(kGpioName) + "/halt_level"}};
}

auto HaltController::state_interface_configuration() const
  -> controller_interface::InterfaceConfiguration
{
  return {controller_interface::interface_configuration_type::NONE, {}};
}

auto HaltController::on_configure(const rclcpp_lifecycle::State & /*previous*/) -> CallbackReturn
{
  const auto level = get_node()->get_parameter("level").as_int();
  if (level < 1 || level > 4)
  {
    RCLCPP_ERROR(
      get_node()->get_logger(), "parameter 'level' must be in [1, 4], got %ld",
      static_cast<long>(level));
    return CallbackReturn::FAILURE;
  }
  level_ = static_cast<double>(level);
  return CallbackReturn::SUCCESS;
}

auto HaltController::on_activate(const rclcpp_lifecycle::State & /*previous*/) -> CallbackReturn
{
  // At once: a fallback is activated after the controllers of its cycle have run.
  put(command_interfaces_[0], level_);
  return CallbackReturn::SUCCESS;
}

auto HaltController::on_deactivate(const rclcpp_lifecycle::State & /*previous*/) -> CallbackReturn
{
  put(command_interfaces_[0], 0.0);
  return CallbackReturn::SUCCESS;
}

auto HaltController::update(const rclcpp::Time & /*time*/, const rclcpp::Duration & /*period*/)
  -> return_type
{
  put(command_interfaces_[0], level_);
  return return_type::OK;
}

}  // namespace neuraxis

PLUGINLIB_EXPORT_CLASS(neuraxis::HaltController, controller_interface::ControllerInterface)
