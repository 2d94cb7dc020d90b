// SPDX-License-Identifier: Apache-2.0
#include "body_drive_backend.hpp"

#include <cstdint>
#include <utility>
#include <vector>

#include "joint_msgs/msg/joint_command.hpp"
#include "joint_msgs/msg/joint_state.hpp"
#include "wire_backend.hpp"

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
  : WireBackend(request), arrived_(space_.groups().size(), 0)
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
