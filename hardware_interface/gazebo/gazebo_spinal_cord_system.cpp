// SPDX-License-Identifier: Apache-2.0
#include "gazebo_spinal_cord_system.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>

#include <pluginlib/class_list_macros.hpp>
#include <rclcpp/logging.hpp>

#include "cord_bridge.hpp"
#include "described_hardware.hpp"
#include "param_reader.hpp"

namespace neuraxis
{
namespace
{

constexpr auto kCyclePoll = std::chrono::microseconds(100);
constexpr const char * kImuSensor = "imu_link";

[[nodiscard]] auto logger() -> const rclcpp::Logger &
{
  static const auto instance = rclcpp::get_logger("GazeboSpinalCordSystem");
  return instance;
}

[[nodiscard]] auto robot_spec(const SystemSpec & spec) -> GazeboRobotSpec
{
  GazeboRobotSpec robot;
  for (const auto & joint : spec.joints)
  {
    const ParamReader params("joint '" + joint.name + "'", joint.params);
    robot.joints.push_back({joint.name, params.number("initial")});
  }
  const ParamReader params("hardware", spec.params);
  robot.feet = {params.text("left_foot"), params.text("right_foot")};
  robot.imu = kImuSensor;
  return robot;
}

}  // namespace

GazeboSpinalCordSystem::GazeboSpinalCordSystem() = default;
GazeboSpinalCordSystem::~GazeboSpinalCordSystem() = default;

template <typename Action>
auto GazeboSpinalCordSystem::transition(const char * what, Action && action) -> bool
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

auto GazeboSpinalCordSystem::initSim(
  rclcpp::Node::SharedPtr & node, std::map<std::string, gz::sim::Entity> & joints,
  const hardware_interface::HardwareInfo & info, gz::sim::EntityComponentManager & ecm,
  unsigned int update_rate) -> bool
{
  nh_ = node;
  // The base class fills info_ only later, in on_init.
  info_.name = info.name;
  return transition(
    "start",
    [&]
    {
      const auto spec = spec_of(info);
      auto bridge = std::make_unique<CordBridge>(spec);
      const double rate = bridge->config().update_rate_hz;
      if (static_cast<double>(update_rate) != rate)
      {
        throw std::invalid_argument(
          "hardware: parameter 'update_rate' is " + std::to_string(rate) +
          ", but the controller manager runs at " + std::to_string(update_rate) + " Hz");
      }
      robot_ = std::make_unique<GazeboRobot>(ecm, joints, robot_spec(spec));
      robot_->measure(sample_);
      link_ = std::make_shared<GazeboLink>(bridge->config().cord, sample_);
      bridge_ = std::move(bridge);
    });
}

auto GazeboSpinalCordSystem::on_configure(const rclcpp_lifecycle::State & /*previous*/)
  -> CallbackReturn
{
  const auto configure = [this]
  { bridge_->attach(std::make_unique<GazeboBackend>(bridge_->joint_names(), link_)); };
  if (!transition("configure", configure))
  {
    return CallbackReturn::FAILURE;
  }
  RCLCPP_INFO(
    logger(), "'%s': %zu joints in Gazebo at %.0f Hz", info_.name.c_str(),
    bridge_->config().cord.joints.size(), bridge_->config().update_rate_hz);
  return CallbackReturn::SUCCESS;
}

auto GazeboSpinalCordSystem::on_cleanup(const rclcpp_lifecycle::State & /*previous*/)
  -> CallbackReturn
{
  (void)transition("clean up", [this] { bridge_->detach(); });
  return CallbackReturn::SUCCESS;
}

auto GazeboSpinalCordSystem::on_activate(const rclcpp_lifecycle::State & /*previous*/)
  -> CallbackReturn
{
  if (!transition("activate", [this] { bridge_->activate(); }))
  {
    return CallbackReturn::FAILURE;
  }
  RCLCPP_INFO(logger(), "'%s' holds the measured pose", info_.name.c_str());
  return CallbackReturn::SUCCESS;
}

auto GazeboSpinalCordSystem::on_deactivate(const rclcpp_lifecycle::State & /*previous*/)
  -> CallbackReturn
{
  return transition("deactivate", [this] { bridge_->deactivate(); }) ? CallbackReturn::SUCCESS
                                                                     : CallbackReturn::ERROR;
}

auto GazeboSpinalCordSystem::on_shutdown(const rclcpp_lifecycle::State & previous) -> CallbackReturn
{
  return on_error(previous);
}

auto GazeboSpinalCordSystem::on_error(const rclcpp_lifecycle::State & /*previous*/)
  -> CallbackReturn
{
  const auto give_back = [this]
  {
    if (bridge_)
    {
      bridge_->deactivate();
      bridge_->detach();
    }
  };
  return transition("give the robot back", give_back) ? CallbackReturn::SUCCESS
                                                      : CallbackReturn::FAILURE;
}

auto GazeboSpinalCordSystem::export_state_interfaces()
  -> std::vector<hardware_interface::StateInterface>
{
  return state_interfaces_of(*bridge_);
}

auto GazeboSpinalCordSystem::export_command_interfaces()
  -> std::vector<hardware_interface::CommandInterface>
{
  return command_interfaces_of(*bridge_);
}

auto GazeboSpinalCordSystem::prepare_command_mode_switch(
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

auto GazeboSpinalCordSystem::perform_command_mode_switch(
  const std::vector<std::string> & start, const std::vector<std::string> & stop) -> return_type
{
  bridge_->perform_switch(start, stop);
  return return_type::OK;
}

void GazeboSpinalCordSystem::see(double now_s) noexcept
{
  robot_->measure(sample_);
  sample_.effort = efforts_;
  sample_.stamp_s = now_s;
  link_->see(sample_);
}

auto GazeboSpinalCordSystem::read(const rclcpp::Time & /*time*/, const rclcpp::Duration & period)
  -> return_type
{
  // ros2_control 4.46 passes the wall clock as time. The period is the simulation's, and the first
  // one is all of its time so far.
  time_s_ += period.seconds();
  see(time_s_);
  fresh_ = true;
  if (busy_.test_and_set(std::memory_order_acquire))
  {
    return return_type::OK;
  }
  const bool alive = bridge_->read();
  busy_.clear(std::memory_order_release);
  return alive ? return_type::OK : return_type::ERROR;
}

auto GazeboSpinalCordSystem::write(const rclcpp::Time & /*time*/, const rclcpp::Duration & period)
  -> return_type
{
  const bool first = !stepped_;
  stepped_ = true;
  if (first)
  {
    // The robot may have come into a world that has been running: only now is its time known.
    see(time_s_ + period.seconds());
  }
  if (!busy_.test_and_set(std::memory_order_acquire))
  {
    if (first && bridge_->active())
    {
      bridge_->activate();
    }
    if (fresh_)
    {
      bridge_->write();
      fresh_ = false;
    }
    busy_.clear(std::memory_order_release);
  }
  link_->apply(sample_, efforts_);
  robot_->apply(sample_, efforts_);
  return return_type::OK;
}

}  // namespace neuraxis

PLUGINLIB_EXPORT_CLASS(
  neuraxis::GazeboSpinalCordSystem, gz_ros2_control::GazeboSimSystemInterface)
