// SPDX-License-Identifier: Apache-2.0
#include "impedance_controller.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

#include <pluginlib/class_list_macros.hpp>
#include <rclcpp/qos.hpp>

#include "loan.hpp"

namespace neuraxis
{
namespace
{

constexpr int kWarnEvery_ms = 1000;

}  // namespace

auto ImpedanceController::on_init() -> CallbackReturn
{
  auto_declare<std::vector<std::string>>("joints", {});
  auto_declare<std::string>("kp_interface", "kp");
  auto_declare<std::string>("kd_interface", "kd");
  auto_declare<double>("command_timeout_s", 0.2);
  return CallbackReturn::SUCCESS;
}

auto ImpedanceController::on_configure(const rclcpp_lifecycle::State & /*previous*/)
  -> CallbackReturn
{
  const auto node = get_node();
  joints_ = node->get_parameter("joints").as_string_array();
  interfaces_ = {
    "position", "velocity", "effort", node->get_parameter("kp_interface").as_string(),
    node->get_parameter("kd_interface").as_string()};
  try
  {
    mailbox_ = std::make_unique<CommandMailbox>(
      joints_, node->get_parameter("command_timeout_s").as_double());
  }
  catch (const std::invalid_argument & error)
  {
    RCLCPP_ERROR(node->get_logger(), "%s", error.what());
    return CallbackReturn::FAILURE;
  }
  reference_interfaces_.resize(joints_.size() * interfaces_.size());
  forget_references();
  subscription_ = node->create_subscription<msg::JointCommandArray>(
    "~/command", rclcpp::SensorDataQoS(),
    [this](const msg::JointCommandArray & message) { on_command(message); });
  return CallbackReturn::SUCCESS;
}

auto ImpedanceController::command_interface_configuration() const
  -> controller_interface::InterfaceConfiguration
{
  controller_interface::InterfaceConfiguration config{
    controller_interface::interface_configuration_type::INDIVIDUAL, {}};
  for (const auto & joint : joints_)
  {
    for (const auto & interface : interfaces_)
    {
      config.names.push_back(joint + "/" + interface);
    }
  }
  return config;
}

auto ImpedanceController::state_interface_configuration() const
  -> controller_interface::InterfaceConfiguration
{
  return {controller_interface::interface_configuration_type::NONE, {}};
}

auto ImpedanceController::on_activate(const rclcpp_lifecycle::State & /*previous*/)
  -> CallbackReturn
{
  mailbox_->clear();
  forget_references();
  return CallbackReturn::SUCCESS;
}

auto ImpedanceController::on_deactivate(const rclcpp_lifecycle::State & /*previous*/)
  -> CallbackReturn
{
  forget_references();
  return CallbackReturn::SUCCESS;
}

void ImpedanceController::on_command(const msg::JointCommandArray & message)
{
  if (is_in_chained_mode())
  {
    return;
  }
  const rclcpp::Time stamp(message.header.stamp);
  const auto refusal = mailbox_->post(
    stamp.seconds(),
    {message.name, message.position, message.velocity, message.effort, message.kp, message.kd});
  if (!refusal.empty())
  {
    const auto node = get_node();
    RCLCPP_WARN_THROTTLE(
      node->get_logger(), *node->get_clock(), kWarnEvery_ms, "command refused: %s",
      refusal.c_str());
  }
}

void ImpedanceController::forget_references() noexcept
{
  std::fill(
    reference_interfaces_.begin(), reference_interfaces_.end(),
    std::numeric_limits<double>::quiet_NaN());
}

auto ImpedanceController::on_export_reference_interfaces()
  -> std::vector<hardware_interface::CommandInterface>
{
  std::vector<hardware_interface::CommandInterface> references;
  references.reserve(reference_interfaces_.size());
  for (const auto & name : command_interface_configuration().names)
  {
// The export that hands out pointers is deprecated on Jazzy and the only one on Humble.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    references.emplace_back(
      get_node()->get_name(), name, &reference_interfaces_[references.size()]);
#pragma GCC diagnostic pop
  }
  return references;
}

auto ImpedanceController::on_set_chained_mode(bool /*chained_mode*/) -> bool
{
  mailbox_->clear();
  forget_references();
  return true;
}

auto ImpedanceController::update_reference_from_subscribers() -> return_type
{
  return return_type::OK;
}

auto ImpedanceController::update_reference_from_subscribers(
  const rclcpp::Time & /*time*/, const rclcpp::Duration & /*period*/) -> return_type
{
  return return_type::OK;
}

void ImpedanceController::refer_to_command(const rclcpp::Time & time) noexcept
{
  if (!mailbox_->sample(time.seconds(), targets_))
  {
    forget_references();
    return;
  }
  const std::array rows{
    &targets_.pos, &targets_.vel, &targets_.effort, &targets_.kp, &targets_.kd};
  auto reference = reference_interfaces_.begin();
  for (std::size_t joint = 0; joint < joints_.size(); ++joint)
  {
    for (const auto * row : rows)
    {
      *reference++ = (*row)[joint];
    }
  }
}

auto ImpedanceController::update_and_write_commands(
  const rclcpp::Time & time, const rclcpp::Duration & /*period*/) -> return_type
{
  if (!is_in_chained_mode())
  {
    refer_to_command(time);
  }
  for (std::size_t i = 0; i < reference_interfaces_.size(); ++i)
  {
    put(command_interfaces_[i], reference_interfaces_[i]);
  }
  return return_type::OK;
}

}  // namespace neuraxis

PLUGINLIB_EXPORT_CLASS(
  neuraxis::ImpedanceController, controller_interface::ChainableControllerInterface)
