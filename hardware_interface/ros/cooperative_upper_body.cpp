// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>
#include <vector>

#include "aimdk_messages.hpp"
#include "aimdk_msgs/msg/upper_body_command_array.hpp"
#include "cooperative_base.hpp"
#include "mc_arbiter.hpp"

namespace neuraxis
{
namespace
{

using aimdk_msgs::msg::UpperBodyCommandArray;

class UpperBodyBackend final : public CooperativeBackend
{
public:
  explicit UpperBodyBackend(const BackendRequest & request)
  : CooperativeBackend(request),
    arbiter_(params_),
    topic_(params_.text("command_topic", "/mc/upper_body_command")),
    arm_(group_of("arm", UpperBodyCommandArray().arm_pos.size())),
    head_(group_of("head", UpperBodyCommandArray().head_pos.size()))
  {
    message_.header.frame_id = params_.text("command_frame", "mc_upper_body");
    message_.source = arbiter_.source();
    message_.hand_sub_mode =
      static_cast<std::uint8_t>(params_.number("hand_sub_mode", 1.0, 0.0, 3.0));
    for (const auto & word : params_.words("hand_pos"))
    {
      message_.hand_pos.push_back(
        WireParams(request.backend, {{"hand_pos", word}}).number("hand_pos", 0.0, -10.0, 10.0));
    }
  }

  ~UpperBodyBackend() override { leave(); }

protected:
  void listen() override
  {
    states_ = listen_to_joints(
      *node_, space_, receiver_, state_qos(),
      [this](std::size_t group, const auto & joints) { return places(group, joints); });
    battery_ = listen_to_battery(*node_, receiver_, params_.text("battery_topic", ""));
    arbiter_.connect(*node_);
  }

  void take_over(Clock::time_point deadline) override { arbiter_.take_over(deadline); }
  void hand_back(Clock::time_point deadline) override { arbiter_.hand_back(deadline); }

  void open_commands() override
  {
    publisher_ = node_->node().create_publisher<UpperBodyCommandArray>(topic_, command_qos());
  }

  void close_commands() override { publisher_.reset(); }

  [[nodiscard]] auto command_topics() const -> std::vector<std::string> override
  {
    return {topic_};
  }

  void send(const WireOutput & output) override
  {
    if (!follow(output))
    {
      return;
    }
    message_.header.stamp = node_->node().now();
    ++message_.header.sequence;
    std::copy_n(wire_.pos.begin() + arm_, message_.arm_pos.size(), message_.arm_pos.begin());
    std::copy_n(wire_.pos.begin() + head_, message_.head_pos.size(), message_.head_pos.begin());
    publisher_->publish(message_);
  }

private:
  [[nodiscard]] auto group_of(const std::string & name, std::size_t size) const -> std::size_t
  {
    for (const auto & group : space_.groups())
    {
      if (group.name == name && group.names.size() == size)
      {
        return group.first;
      }
    }
    params_.refuse("groups", "must hold '" + name + "' with " + std::to_string(size) + " joints");
  }

  McArbiter arbiter_;
  std::string topic_;
  std::size_t arm_;
  std::size_t head_;
  UpperBodyCommandArray message_;
  std::vector<JointStateSubscription> states_;
  PmuSubscription battery_;
  rclcpp::Publisher<UpperBodyCommandArray>::SharedPtr publisher_;
};

}  // namespace

auto make_upper_body(const BackendRequest & request) -> std::unique_ptr<Backend>
{
  return std::make_unique<UpperBodyBackend>(request);
}

}  // namespace neuraxis
