// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gz_ros2_control/gz_system_interface.hpp>

#include "gazebo_backend.hpp"
#include "gazebo_robot.hpp"

namespace neuraxis
{

class CordBridge;

/// SpinalCordSystem for a robot in Gazebo, loaded by gz_ros2_control: the same spinal cord between
/// the same interfaces, over the joints of the simulated world and in its time.
class GazeboSpinalCordSystem : public gz_ros2_control::GazeboSimSystemInterface
{
public:
  using CallbackReturn = hardware_interface::CallbackReturn;
  using return_type = hardware_interface::return_type;

  GazeboSpinalCordSystem();
  ~GazeboSpinalCordSystem() override;

  /// Puts the robot into its ready pose. Physics has not taken the model over yet.
  auto initSim(
    rclcpp::Node::SharedPtr & node, std::map<std::string, gz::sim::Entity> & joints,
    const hardware_interface::HardwareInfo & info, gz::sim::EntityComponentManager & ecm,
    unsigned int update_rate) -> bool override;

  auto on_configure(const rclcpp_lifecycle::State & previous) -> CallbackReturn override;
  auto on_cleanup(const rclcpp_lifecycle::State & previous) -> CallbackReturn override;
  auto on_activate(const rclcpp_lifecycle::State & previous) -> CallbackReturn override;
  auto on_deactivate(const rclcpp_lifecycle::State & previous) -> CallbackReturn override;
  auto on_shutdown(const rclcpp_lifecycle::State & previous) -> CallbackReturn override;
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
  template <typename Action>
  [[nodiscard]] auto transition(const char * what, Action && action) -> bool;
  void see(double now_s) noexcept;

  std::unique_ptr<CordBridge> bridge_;
  std::unique_ptr<GazeboRobot> robot_;
  std::shared_ptr<GazeboLink> link_;
  /// Simulator's thread only, as all below.
  StateSample sample_;
  JointArray efforts_{};
  double time_s_ = 0.0;
  bool stepped_ = false;
  /// Whether the world has moved since the spinal cord last decided: it stands still while paused.
  bool fresh_ = true;
  /// Held by a transition or by a cycle; a cycle never waits for it.
  std::atomic_flag busy_ = ATOMIC_FLAG_INIT;
};

}  // namespace neuraxis
