// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "rclcpp/rclcpp.hpp"

namespace neuraxis
{

using Clock = std::chrono::steady_clock;

/// Node of a backend with a context, a domain and an executor thread of its own: it lives on the
/// robot's domain whatever the rest of the process does, and outlives Ctrl-C so that the actuators
/// can be handed back.
class WireNode
{
public:
  /// @param domain_id Negative: the environment's.
  WireNode(const std::string & name, const std::string & node_namespace, int domain_id);
  ~WireNode();
  WireNode(const WireNode &) = delete;
  auto operator=(const WireNode &) -> WireNode & = delete;

  [[nodiscard]] auto node() -> rclcpp::Node & { return *node_; }
  [[nodiscard]] auto logger() const -> rclcpp::Logger { return node_->get_logger(); }
  [[nodiscard]] auto context_ok() const -> bool { return context_->is_valid(); }
  /// Starts the executor thread.
  void spin();
  /// Full names of the nodes, ours excepted, that publish on a topic.
  [[nodiscard]] auto publishers_on(const std::string & topic) const -> std::vector<std::string>;
  /// Number of others that hear what we publish on a topic. Not the publisher's own count, for a
  /// listener of ours on the same topic would be in it.
  [[nodiscard]] auto listeners_on(const std::string & topic, bool reliable) const -> std::size_t;

  /// Calls a service again and again until it answers.
  /// @returns Nothing where it did not answer by the deadline or after `attempts`.
  template <typename Service>
  auto call(
    rclcpp::Client<Service> & client, const typename Service::Request::SharedPtr & request,
    Clock::time_point deadline, int attempts = 8) -> typename Service::Response::SharedPtr
  {
    // Calls between the robot's boards get lost; the vendor's examples repeat them every 250 ms.
    constexpr std::chrono::milliseconds kAttempt(250);
    for (int attempt = 0; attempt < attempts && Clock::now() < deadline; ++attempt)
    {
      if (!client.wait_for_service(kAttempt))
      {
        continue;
      }
      auto pending = client.async_send_request(request);
      if (pending.wait_until(std::min(Clock::now() + kAttempt, deadline)) ==
        std::future_status::ready)
      {
        return pending.get();
      }
      client.remove_pending_request(pending.request_id);
    }
    return nullptr;
  }

private:
  rclcpp::Context::SharedPtr context_;
  rclcpp::Node::SharedPtr node_;
  std::unique_ptr<rclcpp::executors::SingleThreadedExecutor> executor_;
  std::thread thread_;
};

}  // namespace neuraxis
