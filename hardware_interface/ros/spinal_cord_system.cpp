// SPDX-License-Identifier: Apache-2.0
#include "spinal_cord_system.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

#include <pluginlib/class_list_macros.hpp>
#include <rclcpp/logging.hpp>

#include "described_hardware.hpp"

namespace neuraxis
{
namespace
{

constexpr auto kCyclePoll = std::chrono::microseconds(100);

[[nodiscard]] auto logger() -> const rclcpp::Logger &
{
  static const auto instance = rclcpp::get_logger("SpinalCordSystem");
  return instance;
}

/// Rate that ros2_control will call this hardware at, 0 where it is not known yet; Humble's
/// HardwareInfo has no such member.
template <typename Info>
[[nodiscard]] auto rate_of(const Info & info, int /*preferred*/) -> decltype(1U * info.rw_rate)
{
  return info.rw_rate;
}
template <typename Info>
[[nodiscard]] auto rate_of(const Info & /*info*/, long /*otherwise*/) -> unsigned
{
  return 0;
}

void check_rate(const hardware_interface::HardwareInfo & info, double update_rate_hz)
{
  const auto rate = rate_of(info, 0);
  if (rate != 0 && static_cast<double>(rate) != update_rate_hz)
  {
    throw std::invalid_argument(
      "hardware: parameter 'update_rate' is " + std::to_string(update_rate_hz) +
      ", but the controller manager runs this hardware at " + std::to_string(rate) + " Hz");
  }
}

}  // namespace

template <typename Action>
auto SpinalCordSystem::transition(const char * what, Action && action) -> bool
{
  while (busy_.test_and_set(std::memory_order_acquire))
  {
    std::this_thread::sleep_for(kCyclePoll);
  }
  bool done = true;
  try
  {
    action();
  }
  catch (const std::exception & error)
  {
    RCLCPP_ERROR(logger(), "'%s' cannot %s: %s", info_.name.c_str(), what, error.what());
    done = false;
  }
  busy_.clear(std::memory_order_release);
  return done;
}

auto SpinalCordSystem::on_init(const hardware_interface::HardwareInfo & info) -> CallbackReturn
{
  // Keeps the deprecated signature, the only one that Humble has.
  if (SystemInterface::on_init(info) != CallbackReturn::SUCCESS)
  {
    return CallbackReturn::ERROR;
  }
  const auto init = [this]
  {
    const auto spec = spec_of(info_);
    auto bridge = std::make_unique<CordBridge>(spec);
    require_backend(bridge->config().backend);
    check_rate(info_, bridge->config().update_rate_hz);
    request_.backend = bridge->config().backend;
    request_.joints = bridge->joint_names();
    request_.params = spec.params;
    for (const auto & joint : spec.joints)
    {
      request_.joint_params[joint.name] = joint.params;
    }
    const auto found = spec.params.find("node_namespace");
    request_.node_namespace = found == spec.params.end() ? "" : found->second;
    bridge_ = std::move(bridge);
  };
  return transition("start", init) ? CallbackReturn::SUCCESS : CallbackReturn::ERROR;
}

auto SpinalCordSystem::on_configure(const rclcpp_lifecycle::State & /*previous*/) -> CallbackReturn
{
  const auto configure = [this] { bridge_->attach(make_backend(request_)); };
  if (!transition("configure", configure))
  {
    return CallbackReturn::FAILURE;
  }
  RCLCPP_INFO(
    logger(), "'%s': %zu joints over backend '%s' at %.0f Hz", info_.name.c_str(),
    request_.joints.size(), request_.backend.c_str(), bridge_->config().update_rate_hz);
  return CallbackReturn::SUCCESS;
}

auto SpinalCordSystem::on_cleanup(const rclcpp_lifecycle::State & /*previous*/) -> CallbackReturn
{
  (void)transition("clean up", [this] { bridge_->detach(); });
  return CallbackReturn::SUCCESS;
}

auto SpinalCordSystem::on_activate(const rclcpp_lifecycle::State & /*previous*/) -> CallbackReturn
{
  if (!transition("activate", [this] { bridge_->activate(); }))
  {
    return CallbackReturn::FAILURE;
  }
  RCLCPP_INFO(logger(), "'%s' holds the measured pose", info_.name.c_str());
  return CallbackReturn::SUCCESS;
}

auto SpinalCordSystem::on_deactivate(const rclcpp_lifecycle::State & /*previous*/) -> CallbackReturn
{
  return transition("deactivate", [this] { bridge_->deactivate(); }) ? CallbackReturn::SUCCESS
                                                                     : CallbackReturn::ERROR;
}

auto SpinalCordSystem::on_shutdown(const rclcpp_lifecycle::State & previous) -> CallbackReturn
{
  return on_error(previous);
}

auto SpinalCordSystem::on_error(const rclcpp_lifecycle::State & /*previous*/) -> CallbackReturn
{
  const bool given_back = !bridge_ || !bridge_->attached() ||
    transition("give the robot back", [this] { bridge_->deactivate(); });
  (void)transition(
    "clean up",
    [this]
    {
      if (bridge_)
      {
        bridge_->detach();
      }
    });
  return given_back ? CallbackReturn::SUCCESS : CallbackReturn::FAILURE;
}

auto SpinalCordSystem::export_state_interfaces() -> std::vector<hardware_interface::StateInterface>
{
  return state_interfaces_of(*bridge_);
}

auto SpinalCordSystem::export_command_interfaces()
  -> std::vector<hardware_interface::CommandInterface>
{
  return command_interfaces_of(*bridge_);
}

auto SpinalCordSystem::prepare_command_mode_switch(
  const std::vector<std::string> & start, const std::vector<std::string> & stop) -> return_type
{
  const auto refusal = bridge_->check_switch(start, stop);
  if (!refusal.empty())
  {
    RCLCPP_ERROR(logger(), "'%s' refuses a switch: %s", info_.name.c_str(), refusal.c_str());
    return return_type::ERROR;
  }
  return return_type::OK;
}

auto SpinalCordSystem::perform_command_mode_switch(
  const std::vector<std::string> & start, const std::vector<std::string> & stop) -> return_type
{
  bridge_->perform_switch(start, stop);
  return return_type::OK;
}

auto SpinalCordSystem::read(const rclcpp::Time & /*time*/, const rclcpp::Duration & /*period*/)
  -> return_type
{
  if (busy_.test_and_set(std::memory_order_acquire))
  {
    return return_type::OK;
  }
  const bool alive = bridge_->read();
  busy_.clear(std::memory_order_release);
  return alive ? return_type::OK : return_type::ERROR;
}

auto SpinalCordSystem::write(const rclcpp::Time & /*time*/, const rclcpp::Duration & /*period*/)
  -> return_type
{
  if (!busy_.test_and_set(std::memory_order_acquire))
  {
    bridge_->write();
    busy_.clear(std::memory_order_release);
  }
  return return_type::OK;
}

}  // namespace neuraxis

PLUGINLIB_EXPORT_CLASS(neuraxis::SpinalCordSystem, hardware_interface::SystemInterface)
