// SPDX-License-Identifier: Apache-2.0
#include "aimdk_hal_backend.hpp"

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "aimdk_messages.hpp"
#include "mc_arbiter.hpp"
#include "wire_backend.hpp"

namespace neuraxis
{
namespace
{

using aimdk_msgs::msg::JointCommandArray;

class AimdkHalBackend final : public WireBackend
{
public:
  explicit AimdkHalBackend(const BackendRequest & request)
  : WireBackend(request), arbiter_(params_), sequence_(space_.groups().size(), 0)
  {
    for (const auto & group : space_.groups())
    {
      if (group.command_topic.empty())
      {
        params_.refuse(group.name + ".command_topic", "is missing");
      }
    }
  }

  ~AimdkHalBackend() override { leave(); }

protected:
  void listen() override
  {
    states_ = listen_to_joints(
      *node_, space_, receiver_, state_qos(),
      [this](std::size_t group, const auto & joints) { return places(group, joints); });
    battery_ = listen_to_battery(*node_, receiver_, params_.text("battery_topic", ""));
    rclcpp::SubscriptionOptions others;
    others.ignore_local_publications = true;
    for (const auto & group : space_.groups())
    {
      // MC publishes best-effort: a reliable listener would hear nothing.
      heard_.push_back(node_->node().create_subscription<JointCommandArray>(
        group.command_topic, rclcpp::QoS(rclcpp::KeepLast(5)).best_effort(),
        [this](const JointCommandArray &) { heard_count_.fetch_add(1); }, others));
    }
    arbiter_.connect(*node_);
  }

  void take_over(Clock::time_point deadline) override
  {
    arbiter_.take_over(deadline);
  }

  void hand_back(Clock::time_point deadline) override { arbiter_.hand_back(deadline); }

  void open_commands() override
  {
    for (std::size_t g = 0; g < space_.groups().size(); ++g)
    {
      const auto & group = space_.groups()[g];
      const auto names = spoken_names(g);
      publishers_.push_back(
        node_->node().create_publisher<JointCommandArray>(group.command_topic, command_qos()));
      JointCommandArray message;
      message.header.frame_id.reserve(32);
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
    for (std::size_t g = 0; g < messages_.size(); ++g)
    {
      auto & message = messages_[g];
      message.header.stamp = now;
      message.header.sequence = ++sequence_[g];
      const auto first = space_.groups()[g].first;
      for (std::size_t i = 0; i < message.joints.size(); ++i)
      {
        auto & joint = message.joints[i];
        joint.position = wire_.pos[first + i];
        joint.velocity = wire_.vel[first + i];
        joint.effort = wire_.effort[first + i];
        joint.stiffness = wire_.kp[first + i];
        joint.damping = wire_.kd[first + i];
      }
      publishers_[g]->publish(message);
    }
  }

  [[nodiscard]] auto tolerates_silent_owners() const -> bool override
  {
    return arbiter_.takes_over();
  }

  [[nodiscard]] auto overheard() const -> std::uint64_t override { return heard_count_.load(); }

private:
  McArbiter arbiter_;
  std::vector<JointStateSubscription> states_;
  PmuSubscription battery_;
  std::vector<rclcpp::Subscription<JointCommandArray>::SharedPtr> heard_;
  std::atomic<std::uint64_t> heard_count_{0};
  std::vector<rclcpp::Publisher<JointCommandArray>::SharedPtr> publishers_;
  std::vector<JointCommandArray> messages_;
  std::vector<std::uint32_t> sequence_;
};

}  // namespace

auto make_aimdk_hal(const BackendRequest & request) -> std::unique_ptr<Backend>
{
  return std::make_unique<AimdkHalBackend>(request);
}

}  // namespace neuraxis
