// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <hardware_interface/hardware_info.hpp>
#include <hardware_interface/system_interface.hpp>
#include <hardware_interface/types/hardware_interface_return_values.hpp>

#include "backend_factory.hpp"
#include "cord_bridge.hpp"

namespace neuraxis
{

/// One robot under a controller manager: translates between it and CordBridge, decides nothing.
class SpinalCordSystem : public hardware_interface::SystemInterface
{
public:
  using CallbackReturn = hardware_interface::CallbackReturn;
  using return_type = hardware_interface::return_type;

  auto on_init(const hardware_interface::HardwareInfo & info) -> CallbackReturn override;
  auto on_configure(const rclcpp_lifecycle::State & previous) -> CallbackReturn override;
  auto on_cleanup(const rclcpp_lifecycle::State & previous) -> CallbackReturn override;
  auto on_activate(const rclcpp_lifecycle::State & previous) -> CallbackReturn override;
  auto on_deactivate(const rclcpp_lifecycle::State & previous) -> CallbackReturn override;
  auto on_shutdown(const rclcpp_lifecycle::State & previous) -> CallbackReturn override;
  /// Success, so that it may be configured again, where the robot could be given back.
  auto on_error(const rclcpp_lifecycle::State & previous) -> CallbackReturn override;

  auto export_state_interfaces() -> std::vector<hardware_interface::StateInterface> override;
  auto export_command_interfaces() -> std::vector<hardware_interface::CommandInterface> override;

  auto prepare_command_mode_switch(
    const std::vector<std::string> & start, const std::vector<std::string> & stop)
    -> return_type override;
  auto perform_command_mode_switch(
    const std::vector<std::string> & start, const std::vector<std::string> & stop)
    -> return_type override;

  auto read(const rclcpp::Time & time, const rclcpp::Duration & period) -> return_type override;
  auto write(const rclcpp::Time & time, const rclcpp::Duration & period) -> return_type override;

private:
  /// Runs a transition while the loop keeps out; its exceptions become an error in the log.
  template <typename Action>
  [[nodiscard]] auto transition(const char * what, Action && action) -> bool;

  std::unique_ptr<CordBridge> bridge_;
  BackendRequest request_;
  /// Held by a transition or by a cycle. Humble runs both at once; a cycle never waits for it.
  std::atomic_flag busy_ = ATOMIC_FLAG_INIT;
};

}  // namespace neuraxis
