// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "aimdk_msgs/srv/get_mc_action.hpp"
#include "aimdk_msgs/srv/set_mc_action.hpp"
#include "aimdk_msgs/srv/set_mc_input_source.hpp"
#include "wire_node.hpp"
#include "wire_params.hpp"

namespace neuraxis
{

/// The X2's own motion controller, MC, asked to rest and to take the joints back. What it answers
/// to a request proves nothing, not even code 0; only GetMcAction says what it does.
///
/// Parameters: `handover` (none, mc_action, input_source), `handover_action`,
/// `handover_action_id`, `source`, `source_priority`, `source_timeout_ms`, `service_prefix`.
class McArbiter
{
public:
  explicit McArbiter(const WireParams & params);

  /// Creates the clients.
  void connect(WireNode & node);
  [[nodiscard]] auto takes_over() const -> bool { return kind_ != "none"; }
  [[nodiscard]] auto source() const -> const std::string & { return source_; }
  /// @throws std::runtime_error naming the service and what it did not do; MC is then asked to go
  ///   on with what it did before.
  void take_over(Clock::time_point deadline);
  /// @throws std::runtime_error where MC's former action cannot be verified by the deadline.
  void hand_back(Clock::time_point deadline);

private:
  struct Action
  {
    std::int32_t id = 0;
    std::string name;
    std::int32_t status = 0;
  };

  [[nodiscard]] auto current_action(Clock::time_point deadline) -> Action;
  void set_action(const Action & action, Clock::time_point deadline);
  /// Asks until GetMcAction shows the action at work.
  void bring_to(const Action & action, Clock::time_point deadline);
  void set_source(std::int32_t operation, Clock::time_point deadline);
  [[nodiscard]] auto service(const std::string & type) const -> std::string;

  std::string backend_;
  std::string kind_;
  Action wanted_;
  Action former_;
  bool taken_ = false;
  std::string source_;
  std::int32_t priority_;
  std::int32_t timeout_ms_;
  std::string prefix_;
  WireNode * node_ = nullptr;
  rclcpp::Client<aimdk_msgs::srv::GetMcAction>::SharedPtr get_;
  rclcpp::Client<aimdk_msgs::srv::SetMcAction>::SharedPtr set_;
  rclcpp::Client<aimdk_msgs::srv::SetMcInputSource>::SharedPtr input_;
};

}  // namespace neuraxis
