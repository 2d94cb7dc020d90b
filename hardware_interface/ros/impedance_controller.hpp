// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <controller_interface/chainable_controller_interface.hpp>
#include <rclcpp/subscription.hpp>

#include "command_mailbox.hpp"
#include "neuraxis/msg/joint_command_array.hpp"

namespace neuraxis
{

/// Five-tuples (position, velocity, effort, kp, kd) of the small brain at the rate of the loop.
///
/// By itself it hears `~/command` (neuraxis/msg/JointCommandArray, best effort): any order, joints
/// of others are ignored, all of its own must be there. Without a command younger than
/// `command_timeout_s` it writes not-a-number, which the spinal cord takes as none, and latches
/// hold. In a chain it passes on `<controller>/<joint>/<interface>`.
///
/// Parameters: `joints`, `kp_interface` (kp), `kd_interface` (kd), `command_timeout_s` (0.2).
class ImpedanceController : public controller_interface::ChainableControllerInterface
{
public:
  using CallbackReturn = controller_interface::CallbackReturn;
  using return_type = controller_interface::return_type;

  auto on_init() -> CallbackReturn override;
  auto command_interface_configuration() const
    -> controller_interface::InterfaceConfiguration override;
  auto state_interface_configuration() const
    -> controller_interface::InterfaceConfiguration override;
  auto on_configure(const rclcpp_lifecycle::State & previous) -> CallbackReturn override;
  auto on_activate(const rclcpp_lifecycle::State & previous) -> CallbackReturn override;
  auto on_deactivate(const rclcpp_lifecycle::State & previous) -> CallbackReturn override;

protected:
  auto on_export_reference_interfaces()
    -> std::vector<hardware_interface::CommandInterface> override;
  auto on_set_chained_mode(bool chained_mode) -> bool override;
  /// The base class has one of the two, Humble the one without time; commands are taken over where
  /// both tell the time, in update_and_write_commands.
  auto update_reference_from_subscribers() -> return_type;
  auto update_reference_from_subscribers(
    const rclcpp::Time & time, const rclcpp::Duration & period) -> return_type;
  auto update_and_write_commands(const rclcpp::Time & time, const rclcpp::Duration & period)
    -> return_type override;

private:
  void on_command(const msg::JointCommandArray & message);
  /// Takes the newest command as reference, or none where it is too old.
  void refer_to_command(const rclcpp::Time & time) noexcept;
  void forget_references() noexcept;

  std::vector<std::string> joints_;
  std::vector<std::string> interfaces_;
  std::unique_ptr<CommandMailbox> mailbox_;
  JointTuple targets_;
  rclcpp::Subscription<msg::JointCommandArray>::SharedPtr subscription_;
};

}  // namespace neuraxis
