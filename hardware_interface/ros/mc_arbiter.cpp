// SPDX-License-Identifier: Apache-2.0
#include "mc_arbiter.hpp"

#include <algorithm>
#include <stdexcept>

namespace neuraxis
{
namespace
{

constexpr std::int32_t kModify = 1002;
constexpr std::int32_t kEnable = 2001;
constexpr std::int32_t kDisable = 2002;
constexpr std::int32_t kTransition = 200;
constexpr std::chrono::milliseconds kActionPoll(50);

[[nodiscard]] auto described(std::int32_t id, const std::string & name) -> std::string
{
  return std::to_string(id) + (name.empty() ? "" : " '" + name + "'");
}

}  // namespace

McArbiter::McArbiter(const WireParams & params)
: backend_(params.backend()),
  kind_(params.choice("handover", "none", {"none", "mc_action", "input_source"})),
  source_(params.text("source", "pnc")),
  priority_(static_cast<std::int32_t>(params.number("source_priority", 40, 20, 100))),
  timeout_ms_(static_cast<std::int32_t>(params.number("source_timeout_ms", 200, 20, 5000))),
  prefix_(params.text("service_prefix", "/aimdk_5Fmsgs/srv/"))
{
  wanted_.id = static_cast<std::int32_t>(params.number("handover_action_id", 100, 0, 1e6));
  wanted_.name = params.text("handover_action", "JOINT_DEFAULT");
}

auto McArbiter::service(const std::string & type) const -> std::string { return prefix_ + type; }

void McArbiter::connect(WireNode & node)
{
  node_ = &node;
  if (kind_ == "none")
  {
    return;
  }
  get_ = node.node().create_client<aimdk_msgs::srv::GetMcAction>(service("GetMcAction"));
  set_ = node.node().create_client<aimdk_msgs::srv::SetMcAction>(service("SetMcAction"));
  input_ = node.node().create_client<aimdk_msgs::srv::SetMcInputSource>(
    service("SetMcInputSource"));
}

auto McArbiter::current_action(Clock::time_point deadline) -> Action
{
  auto request = std::make_shared<aimdk_msgs::srv::GetMcAction::Request>();
  request->request.header.stamp = node_->node().now();
  const auto response = node_->call(*get_, request, deadline);
  if (!response)
  {
    throw std::runtime_error(backend_ + ": " + service("GetMcAction") + " did not answer");
  }
  return {
    response->info.current_action.value, response->info.action_desc, response->info.status.value};
}

void McArbiter::set_action(const Action & action, Clock::time_point deadline)
{
  auto request = std::make_shared<aimdk_msgs::srv::SetMcAction::Request>();
  request->header.stamp = node_->node().now();
  request->source = source_;
  request->command.action.value = action.id;
  request->command.action_desc = action.name;
  const auto response = node_->call(*set_, request, deadline);
  if (!response)
  {
    throw std::runtime_error(backend_ + ": " + service("SetMcAction") + " did not answer");
  }
  if (response->response.header.code != 0)
  {
    throw std::runtime_error(
      backend_ + ": " + service("SetMcAction") + " refused " + described(action.id, action.name) +
      " with code " + std::to_string(response->response.header.code) + " " +
      response->response.message);
  }
}

void McArbiter::bring_to(const Action & action, Clock::time_point deadline)
{
  constexpr int kPollsPerRequest = 10;
  Action now;
  for (int poll = 0; Clock::now() < deadline; ++poll)
  {
    // For 3 to 5 s after its start MC answers code 0 and ignores the request: ask again.
    if (poll % kPollsPerRequest == 0)
    {
      set_action(action, deadline);
    }
    now = current_action(deadline);
    const bool there = action.id != 0 ? now.id == action.id : now.name == action.name;
    if (there && now.status != kTransition)
    {
      return;
    }
    std::this_thread::sleep_for(kActionPoll);
  }
  throw std::runtime_error(
    backend_ + ": MC stays in action " + described(now.id, now.name) + " instead of " +
    described(action.id, action.name));
}

void McArbiter::set_source(std::int32_t operation, Clock::time_point deadline)
{
  auto request = std::make_shared<aimdk_msgs::srv::SetMcInputSource::Request>();
  request->request.header.stamp = node_->node().now();
  request->action.value = operation;
  request->input_source.name = source_;
  request->input_source.priority = priority_;
  request->input_source.timeout = timeout_ms_;
  const auto response = node_->call(*input_, request, deadline);
  const auto what = service("SetMcInputSource") + " (" + std::to_string(operation) + ", source '" +
    source_ + "')";
  if (!response)
  {
    throw std::runtime_error(backend_ + ": " + what + " did not answer");
  }
  if (response->response.header.code != 0)
  {
    throw std::runtime_error(
      backend_ + ": " + what + " failed with code " +
      std::to_string(response->response.header.code));
  }
}

void McArbiter::take_over(Clock::time_point deadline)
{
  if (kind_ == "none")
  {
    return;
  }
  former_ = current_action(deadline);
  taken_ = true;
  try
  {
    if (kind_ == "input_source")
    {
      // A new name is refused by some firmware, so the source is one that MC knows.
      set_source(kModify, deadline);
      set_source(kEnable, deadline);
    }
    if (!wanted_.name.empty() || wanted_.id != 0)
    {
      bring_to(wanted_, deadline);
    }
  }
  catch (const std::runtime_error & error)
  {
    std::string what = error.what();
    try
    {
      hand_back(Clock::now() + std::chrono::seconds(2));
    }
    catch (const std::runtime_error & second)
    {
      what += std::string("; and back: ") + second.what();
    }
    throw std::runtime_error(what);
  }
}

void McArbiter::hand_back(Clock::time_point deadline)
{
  if (!taken_)
  {
    return;
  }
  if (kind_ == "input_source")
  {
    set_source(kDisable, deadline);
  }
  bring_to(former_, deadline);
  taken_ = false;
}

}  // namespace neuraxis
