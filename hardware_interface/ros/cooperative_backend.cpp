// SPDX-License-Identifier: Apache-2.0
#include "cooperative_backend.hpp"

#include <stdexcept>
#include <utility>
#include <vector>

#include "cooperative_base.hpp"
#include "sensor_msgs/msg/joint_state.hpp"

namespace neuraxis
{
namespace
{


class JointStateBackend final : public CooperativeBackend
{
public:
  explicit JointStateBackend(const BackendRequest & request) : CooperativeBackend(request)
  {
    for (const auto & group : space_.groups())
    {
      if (group.command_topic.empty())
      {
        params_.refuse(group.name + ".command_topic", "is missing");
      }
    }
  }

  ~JointStateBackend() override { leave(); }

protected:
  void listen() override
  {
    for (std::size_t g = 0; g < space_.groups().size(); ++g)
    {
      states_.push_back(node_->node().create_subscription<sensor_msgs::msg::JointState>(
        space_.groups()[g].state_topic, state_qos(),
        [this, g](const sensor_msgs::msg::JointState & message) { take(g, message); }));
    }
  }

  void open_commands() override
  {
    for (std::size_t g = 0; g < space_.groups().size(); ++g)
    {
      const auto & group = space_.groups()[g];
      publishers_.push_back(
        node_->node().create_publisher<sensor_msgs::msg::JointState>(
          group.command_topic, command_qos()));
      sensor_msgs::msg::JointState message;
      message.name = spoken_names(g);
      message.position.resize(group.names.size());
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
    if (!follow(output))
    {
      return;
    }
    const auto now = node_->node().now();
    for (std::size_t g = 0; g < messages_.size(); ++g)
    {
      messages_[g].header.stamp = now;
      for (std::size_t i = 0; i < messages_[g].position.size(); ++i)
      {
        messages_[g].position[i] = wire_.pos[space_.groups()[g].first + i];
      }
      publishers_[g]->publish(messages_[g]);
    }
  }

private:
  struct Named
  {
    const std::string & name;
  };

  /// The message as a list of entries; one without a name has an empty one.
  struct Entries
  {
    const sensor_msgs::msg::JointState & message;
    [[nodiscard]] auto size() const { return message.position.size(); }
    [[nodiscard]] auto operator[](std::size_t i) const -> Named
    {
      static const std::string kNone;
      return {i < message.name.size() ? message.name[i] : kNone};
    }
    struct Iterator
    {
      const Entries * entries;
      std::size_t i;
      auto operator*() const { return (*entries)[i]; }
      auto operator++() -> Iterator &
      {
        ++i;
        return *this;
      }
      auto operator!=(const Iterator & other) const { return i != other.i; }
    };
    [[nodiscard]] auto begin() const { return Iterator{this, 0}; }
    [[nodiscard]] auto end() const { return Iterator{this, size()}; }
  };

  void take(std::size_t group, const sensor_msgs::msg::JointState & message)
  {
    const auto * const where = places(group, Entries{message});
    if (where == nullptr)
    {
      return;
    }
    const auto first = space_.groups()[group].first;
    auto & wire = receiver_.wire();
    for (std::size_t i = 0; i < message.position.size(); ++i)
    {
      const auto entry = first + (*where)[i];
      wire.pos[entry] = message.position[i];
      // Velocity and effort are optional in this message.
      wire.vel[entry] = i < message.velocity.size() ? message.velocity[i] : 0.0;
      wire.effort[entry] = i < message.effort.size() ? message.effort[i] : 0.0;
    }
    receiver_.group_arrived(group, time_s());
  }

  std::vector<rclcpp::Subscription<sensor_msgs::msg::JointState>::SharedPtr> states_;
  std::vector<rclcpp::Publisher<sensor_msgs::msg::JointState>::SharedPtr> publishers_;
  std::vector<sensor_msgs::msg::JointState> messages_;
};

}  // namespace

auto make_cooperative(const BackendRequest & request) -> std::unique_ptr<Backend>
{
  const WireParams params(request.backend, request.params);
  if (params.choice("wire", "", {"joint_state", "upper_body"}) == "joint_state")
  {
    return std::make_unique<JointStateBackend>(request);
  }
#ifdef NEURAXIS_HAS_UPPER_BODY
  return make_upper_body(request);
#else
  throw std::invalid_argument(
    "backend 'cooperative' with wire 'upper_body' needs package aimdk_msgs with "
    "UpperBodyCommandArray, which was not found when neuraxis was built");
#endif
}

}  // namespace neuraxis
