// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <controller_interface/controller_interface.hpp>

namespace neuraxis
{

/// Fallback of every controller that commands joints: while it is active, the spinal cord stands
/// at `level` or below, and refuses a reset.
///
/// Parameter `level` (1 hold, 2 lowering, 3 damping, 4 zero). Claims `spinal_cord/halt_level`.
class HaltController : public controller_interface::ControllerInterface
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
  auto update(const rclcpp::Time & time, const rclcpp::Duration & period) -> return_type override;

private:
  double level_ = 1.0;
};

}  // namespace neuraxis
