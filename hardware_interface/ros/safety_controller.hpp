// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include <controller_interface/controller_interface.hpp>
#include <diagnostic_msgs/msg/diagnostic_array.hpp>
#include <rclcpp/publisher.hpp>
#include <rclcpp/service.hpp>
#include <rclcpp/timer.hpp>

#include "cord_bridge.hpp"
#include "neuraxis/msg/spinal_state.hpp"
#include "neuraxis/srv/request_stop.hpp"
#include "neuraxis/srv/reset_stop.hpp"
#include "neuraxis/triple_buffer.hpp"

namespace neuraxis
{

/// What the spinal cord showed in one cycle.
struct CordReport
{
  double stamp_s = 0.0;
  std::array<double, kGpioStateNames.size()> values{};
  std::array<double, 2> foot_force_N{};
};

/// The operator's side of the spinal cord: stop, reset, what it does and why.
///
/// Serves `spinal_cord/request_stop`, `spinal_cord/reset_stop`; publishes `spinal_cord/state` at
/// 10 Hz and on change, `/diagnostics` at 1 Hz with the percentiles of cycle and period.
/// Parameters: `joints`, names in the order of the hardware, to say which one a refused command
/// was about; `sensors`, the (left, right) feet.
class SafetyController : public controller_interface::ControllerInterface
{
public:
  using CallbackReturn = controller_interface::CallbackReturn;
  using return_type = controller_interface::return_type;

  auto on_init() -> CallbackReturn override;
  auto command_interface_configuration() const
    -> controller_interface::InterfaceConfiguration override;
  auto state_interface_configuration() const
    -> controller_interface::InterfaceConfiguration override;
  auto on_configure(const rclcpp_lifecycle::State & previous) -> CallbackReturn override;
  auto on_activate(const rclcpp_lifecycle::State & previous) -> CallbackReturn override;
  auto on_deactivate(const rclcpp_lifecycle::State & previous) -> CallbackReturn override;
  auto update(const rclcpp::Time & time, const rclcpp::Duration & period) -> return_type override;

private:
  void create_services();
  void on_request_stop(const srv::RequestStop::Request & request, srv::RequestStop::Response & out);
  void on_reset_stop(srv::ResetStop::Response & out);
  void publish();
  void publish_diagnostics(const CordReport & report);
  [[nodiscard]] auto cause_of(const CordReport & report) const -> std::string;
  [[nodiscard]] auto rejection_of(const CordReport & report) const -> std::string;

  std::vector<std::string> joints_;
  std::vector<std::string> feet_;

  // Loop side.
  double level_ = -1.0;
  double latched_ = -1.0;
  double answer_ = 0.0;
  std::int64_t next_report_ns_ = 0;
  TripleBuffer<CordReport> reports_;

  // Between the two.
  std::atomic<bool> active_{false};
  std::atomic<int> stop_asked_{0};
  std::atomic<std::int64_t> reset_asked_{0};
  std::atomic<std::int64_t> reset_answer_{0};
  std::array<std::atomic<double>, 3> reset_refusal_{};

  // Executor side.
  mutable std::mutex words_mutex_;
  std::string words_;
  double last_time_s_ = 0.0;
  std::int64_t last_wall_ns_ = 0;
  std::int64_t next_diagnostics_ns_ = 0;
  rclcpp::TimerBase::SharedPtr timer_;
  rclcpp::Publisher<msg::SpinalState>::SharedPtr state_;
  rclcpp::Publisher<diagnostic_msgs::msg::DiagnosticArray>::SharedPtr diagnostics_;
  rclcpp::Service<srv::RequestStop>::SharedPtr request_stop_;
  rclcpp::Service<srv::ResetStop>::SharedPtr reset_stop_;
};

}  // namespace neuraxis
