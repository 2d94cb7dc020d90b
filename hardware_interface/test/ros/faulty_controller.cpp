// SPDX-License-Identifier: Apache-2.0
// A controller that commands joints and dies when told to, for tests of the fallback.
#include <atomic>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include <controller_interface/controller_interface.hpp>
#include <pluginlib/class_list_macros.hpp>
#include <std_msgs/msg/string.hpp>

#include "../../ros/loan.hpp"

namespace neuraxis::test
{

/// Holds `joints` where they are measured; `values` go to the interfaces after position, `prefix`
/// before the names of commands leads into another controller. `~/fail` "error" makes the next
/// update return an error, "throw" makes it throw, "nan" makes it command not-a-number.
class FaultyController : public controller_interface::ControllerInterface
{
public:
  using CallbackReturn = controller_interface::CallbackReturn;

  auto on_init() -> CallbackReturn override
  {
    auto_declare<std::vector<std::string>>("joints", {});
    auto_declare<std::vector<std::string>>("interfaces", {"position"});
    auto_declare<std::vector<double>>("values", {});
    auto_declare<std::string>("prefix", "");
    return CallbackReturn::SUCCESS;
  }

  auto on_configure(const rclcpp_lifecycle::State & /*previous*/) -> CallbackReturn override
  {
    joints_ = get_node()->get_parameter("joints").as_string_array();
    interfaces_ = get_node()->get_parameter("interfaces").as_string_array();
    values_ = get_node()->get_parameter("values").as_double_array();
    prefix_ = get_node()->get_parameter("prefix").as_string();
    subscription_ = get_node()->create_subscription<std_msgs::msg::String>(
      "~/fail", rclcpp::QoS(1),
      [this](const std_msgs::msg::String & message)
      { fault_.store(message.data == "error" ? 'e' : message.data == "throw" ? 't' : 'n'); });
    return CallbackReturn::SUCCESS;
  }

  auto command_interface_configuration() const
    -> controller_interface::InterfaceConfiguration override
  {
    return {
      controller_interface::interface_configuration_type::INDIVIDUAL,
      names(prefix_, interfaces_)};
  }

  auto state_interface_configuration() const
    -> controller_interface::InterfaceConfiguration override
  {
    return {
      controller_interface::interface_configuration_type::INDIVIDUAL, names("", {"position"})};
  }

  auto on_activate(const rclcpp_lifecycle::State & /*previous*/) -> CallbackReturn override
  {
    fault_.store(0);
    held_.clear();
    for (const auto & state : state_interfaces_)
    {
      held_.push_back(take(state));
    }
    return CallbackReturn::SUCCESS;
  }

  auto update(const rclcpp::Time & /*time*/, const rclcpp::Duration & /*period*/)
    -> controller_interface::return_type override
  {
    const char fault = fault_.load();
    if (fault == 't')
    {
      throw std::runtime_error("told to throw");
    }
    for (std::size_t i = 0; i < held_.size(); ++i)
    {
      put(command_interfaces_[i], fault == 'n' ? std::nan("") : held_[i]);
    }
    for (std::size_t i = held_.size(); i < command_interfaces_.size(); ++i)
    {
      put(command_interfaces_[i], values_.at(i / held_.size() - 1));
    }
    return fault == 'e' ? controller_interface::return_type::ERROR
                        : controller_interface::return_type::OK;
  }

private:
  [[nodiscard]] auto names(
    const std::string & prefix, const std::vector<std::string> & interfaces) const
    -> std::vector<std::string>
  {
    std::vector<std::string> out;
    for (const auto & interface : interfaces)
    {
      for (const auto & joint : joints_)
      {
        out.push_back(prefix + joint + "/" + interface);
      }
    }
    return out;
  }

  std::vector<std::string> joints_;
  std::vector<std::string> interfaces_;
  std::vector<double> values_;
  std::string prefix_;
  std::vector<double> held_;
  std::atomic<char> fault_{0};
  rclcpp::Subscription<std_msgs::msg::String>::SharedPtr subscription_;
};

}  // namespace neuraxis::test

PLUGINLIB_EXPORT_CLASS(
  neuraxis::test::FaultyController, controller_interface::ControllerInterface)
