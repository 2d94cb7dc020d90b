// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "aimdk_msgs/msg/joint_command_array.hpp"
#include "aimdk_msgs/msg/joint_state_array.hpp"
#include "aimdk_msgs/msg/pmu_state.hpp"
#include "neuraxis/rt.hpp"
#include "pmu_battery.hpp"
#include "wire_node.hpp"
#include "wire_state.hpp"

namespace neuraxis
{

using JointStateSubscription = rclcpp::Subscription<aimdk_msgs::msg::JointStateArray>::SharedPtr;

/// Subscribes the joint states of every group of an X2.
/// @param places Given a group and its joints: their places on the wire, or null where the names
///   are wrong.
template <typename Places>
[[nodiscard]] auto listen_to_joints(
  WireNode & node, const WireSpace & space, WireReceiver & receiver, const rclcpp::QoS & qos,
  Places places) -> std::vector<JointStateSubscription>
{
  std::vector<JointStateSubscription> subscriptions;
  for (std::size_t g = 0; g < space.groups().size(); ++g)
  {
    const auto first = space.groups()[g].first;
    subscriptions.push_back(node.node().create_subscription<aimdk_msgs::msg::JointStateArray>(
      space.groups()[g].state_topic, qos,
      [&receiver, places, g, first](const aimdk_msgs::msg::JointStateArray & message)
      {
        const auto * const where = places(g, message.joints);
        if (where == nullptr)
        {
          return;
        }
        auto & wire = receiver.wire();
        for (std::size_t i = 0; i < message.joints.size(); ++i)
        {
          const auto entry = first + (*where)[i];
          wire.pos[entry] = message.joints[i].position;
          wire.vel[entry] = message.joints[i].velocity;
          wire.effort[entry] = message.joints[i].effort;
          wire.error[entry] = message.joints[i].error_code;
        }
        receiver.set_domain(g, message.state.value);
        receiver.group_arrived(g, static_cast<double>(monotonic_ns()) * 1e-9);
      }));
  }
  return subscriptions;
}

using PmuSubscription = rclcpp::Subscription<aimdk_msgs::msg::PmuState>::SharedPtr;

/// Subscribes the battery of an X2, null where `topic` is empty.
[[nodiscard]] inline auto listen_to_battery(
  WireNode & node, WireReceiver & receiver, const std::string & topic) -> PmuSubscription
{
  if (topic.empty())
  {
    return nullptr;
  }
  return node.node().create_subscription<aimdk_msgs::msg::PmuState>(
    topic, rclcpp::QoS(rclcpp::KeepLast(1)).best_effort(),
    [&receiver](const aimdk_msgs::msg::PmuState & message)
    {
      receiver.battery_arrived(
        battery_of(message, 0), static_cast<double>(monotonic_ns()) * 1e-9);
    });
}

}  // namespace neuraxis
