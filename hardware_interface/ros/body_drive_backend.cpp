// SPDX-License-Identifier: Apache-2.0
#include "body_drive_backend.hpp"

#include <array>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "joint_msgs/msg/joint_command.hpp"
#include "joint_msgs/msg/joint_state.hpp"
#include "wire_backend.hpp"
#ifdef NEURAXIS_HAS_FOOT_SENSORS
#include "joint_msgs/msg/foot_sensor_state.hpp"
#endif

namespace neuraxis
{
namespace
{

using joint_msgs::msg::JointCommand;
using joint_msgs::msg::JointState;

class BodyDriveBackend final : public WireBackend
{
public:
  explicit BodyDriveBackend(const BackendRequest & request)
  : WireBackend(request),
    foot_topic_(params_.text("foot_topic", "")),
    foot_N_per_count_(params_.number("foot_newton_per_count", 1.0, 0.0, 1e3)),
    arrived_(space_.groups().size(), 0)
  {
    for (const auto & group : space_.groups())
    {
      if (group.command_topic.empty())
      {
        params_.refuse(group.name + ".command_topic", "is missing");
      }
    }
  }

  ~BodyDriveBackend() override { leave(); }

protected:
  void listen() override
  {
    for (std::size_t g = 0; g < space_.groups().size(); ++g)
    {
      states_.push_back(node_->node().create_subscription<JointState>(
        space_.groups()[g].state_topic, state_qos(),
        [this, g](const JointState & message) { take(g, message); }));
    }
    listen_to_feet();
  }

  void open_commands() override
  {
    for (std::size_t g = 0; g < space_.groups().size(); ++g)
    {
      const auto & group = space_.groups()[g];
      const auto names = spoken_names(g);
      publishers_.push_back(
        node_->node().create_publisher<JointCommand>(group.command_topic, command_qos()));
      JointCommand message;
      message.joints.resize(names.size());
      for (std::size_t i = 0; i < names.size(); ++i)
      {
        message.joints[i].name = names[i];
      }
      messages_.push_back(std::move(message));
    }
  }

  void close_commands() override
  {
    publishers_.clear();
    messages_.clear();
  }

  void send(const WireOutput & output) override
  {
    space_.to_wire(output, wire_);
    const auto now = node_->node().now();
    ++sequence_;
    for (std::size_t g = 0; g < messages_.size(); ++g)
    {
      auto & message = messages_[g];
      message.header.stamp = now;
      const auto first = space_.groups()[g].first;
      for (std::size_t i = 0; i < message.joints.size(); ++i)
      {
        auto & joint = message.joints[i];
        joint.sequence = sequence_;
        joint.position = wire_.pos[first + i];
        joint.velocity = wire_.vel[first + i];
        joint.effort = wire_.effort[first + i];
        joint.stiffness = wire_.kp[first + i];
        joint.damping = wire_.kd[first + i];
      }
      publishers_[g]->publish(message);
    }
  }

private:
#ifdef NEURAXIS_HAS_FOOT_SENSORS
  void listen_to_feet()
  {
    if (foot_topic_.empty())
    {
      return;
    }
    feet_ = node_->node().create_subscription<joint_msgs::msg::FootSensorState>(
      foot_topic_, state_qos(),
      [this](const joint_msgs::msg::FootSensorState & message) { take_feet(message); });
  }

  /// The cells of a foot add up. A name tells the side; without one left comes first.
  void take_feet(const joint_msgs::msg::FootSensorState & message)
  {
    std::array<double, 2> force_N{};
    for (std::size_t i = 0; i < message.states.size(); ++i)
    {
      const auto name = i < message.names.size() ? message.names[i] : std::string();
      const bool right = name.find("left") == std::string::npos &&
        (name.find("right") != std::string::npos || i % 2 == 1);
      const auto & cells = message.states[i].presure;
      force_N[right ? 1 : 0] +=
        foot_N_per_count_ * std::accumulate(cells.begin(), cells.end(), 0.0);
    }
    receiver_.feet_arrived(force_N, time_s());
  }

  rclcpp::Subscription<joint_msgs::msg::FootSensorState>::SharedPtr feet_;
#else
  void listen_to_feet()
  {
    if (!foot_topic_.empty())
    {
      RCLCPP_WARN(
        node_->logger(), "no foot forces: joint_msgs had no FootSensorState at build time");
    }
  }
#endif

  void take(std::size_t group, const JointState & message)
  {
    const auto * const where = places(group, message.joints);
    if (where == nullptr || message.joints.empty() || out_of_order(group, message))
    {
      return;
    }
    const auto first = space_.groups()[group].first;
    auto & wire = receiver_.wire();
    for (std::size_t i = 0; i < message.joints.size(); ++i)
    {
      const auto entry = first + (*where)[i];
      wire.pos[entry] = message.joints[i].position;
      wire.vel[entry] = message.joints[i].velocity;
      wire.effort[entry] = message.joints[i].effort;
    }
    receiver_.group_arrived(group, time_s());
  }

  /// A repeated or overtaken message is no news: feeding it would hide a frozen driver. Zero means
  /// that the sender does not count; a step far back is a restart.
  [[nodiscard]] auto out_of_order(std::size_t group, const JointState & message) -> bool
  {
    const std::uint32_t number = message.joints.front().sequence;
    const std::uint32_t ahead = number - arrived_[group];
    constexpr std::uint32_t kOvertaken = 100;
    const bool old = number != 0 && arrived_[group] != 0 && (ahead == 0 || -ahead < kOvertaken);
    if (!old)
    {
      arrived_[group] = number;
    }
    return old;
  }

  std::string foot_topic_;
  double foot_N_per_count_;
  std::vector<rclcpp::Subscription<JointState>::SharedPtr> states_;
  std::vector<rclcpp::Publisher<JointCommand>::SharedPtr> publishers_;
  std::vector<JointCommand> messages_;
  std::vector<std::uint32_t> arrived_;
  std::uint32_t sequence_ = 0;
};

}  // namespace

auto make_body_drive(const BackendRequest & request) -> std::unique_ptr<Backend>
{
  return std::make_unique<BodyDriveBackend>(request);
}

}  // namespace neuraxis
