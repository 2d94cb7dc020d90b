// SPDX-License-Identifier: Apache-2.0
#include "wire_node.hpp"

#include <unistd.h>

#include <algorithm>
#include <random>

namespace neuraxis
{
namespace
{

[[nodiscard]] auto full_name(const std::string & node_namespace, const std::string & name)
  -> std::string
{
  return (node_namespace == "/" ? "" : node_namespace) + "/" + name;
}

/// Endpoints are told apart by the name of their node, so no two may have the same.
[[nodiscard]] auto unique_name(const std::string & name) -> std::string
{
  return name + "_" + std::to_string(getpid()) + "_" +
    std::to_string(std::random_device{}() % 100000);
}

}  // namespace

WireNode::WireNode(
  const std::string & name, const std::string & node_namespace, int domain_id)
: context_(std::make_shared<rclcpp::Context>())
{
  rclcpp::InitOptions init;
  init.shutdown_on_signal = false;
  init.auto_initialize_logging(false);
  if (domain_id >= 0)
  {
    init.set_domain_id(static_cast<std::size_t>(domain_id));
  }
  context_->init(0, nullptr, init);
  rclcpp::NodeOptions options;
  options.context(context_)
    .use_global_arguments(false)
    .enable_rosout(false)
    .start_parameter_services(false)
    .start_parameter_event_publisher(false);
  node_ = std::make_shared<rclcpp::Node>(unique_name(name), node_namespace, options);
  rclcpp::ExecutorOptions executor;
  executor.context = context_;
  executor_ = std::make_unique<rclcpp::executors::SingleThreadedExecutor>(executor);
  executor_->add_node(node_);
}

WireNode::~WireNode()
{
  executor_->cancel();
  // `cancel` before `spin` has begun is forgotten; a dead context is not.
  context_->shutdown("the backend is gone");
  if (thread_.joinable())
  {
    thread_.join();
  }
}

void WireNode::spin()
{
  if (!thread_.joinable())
  {
    thread_ = std::thread([this] { executor_->spin(); });
  }
}

auto WireNode::publishers_on(const std::string & topic) const -> std::vector<std::string>
{
  const auto own = std::string(node_->get_fully_qualified_name());
  std::vector<std::string> names;
  for (const auto & endpoint : node_->get_publishers_info_by_topic(topic))
  {
    const auto name = full_name(endpoint.node_namespace(), endpoint.node_name());
    if (name != own && std::find(names.begin(), names.end(), name) == names.end())
    {
      names.push_back(name);
    }
  }
  return names;
}

auto WireNode::listeners_on(const std::string & topic, bool reliable) const -> std::size_t
{
  const auto own = std::string(node_->get_fully_qualified_name());
  std::size_t count = 0;
  for (const auto & endpoint : node_->get_subscriptions_info_by_topic(topic))
  {
    const bool hears =
      reliable || endpoint.qos_profile().reliability() != rclcpp::ReliabilityPolicy::Reliable;
    const bool is_own = full_name(endpoint.node_namespace(), endpoint.node_name()) == own;
    count += hears && !is_own ? 1 : 0;
  }
  return count;
}

}  // namespace neuraxis
