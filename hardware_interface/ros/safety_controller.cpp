// SPDX-License-Identifier: Apache-2.0
#include "safety_controller.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include <pluginlib/class_list_macros.hpp>

#include "loan.hpp"
#include "neuraxis/command_gate.hpp"
#include "neuraxis/rt.hpp"

namespace neuraxis
{
namespace
{

constexpr auto kPublishPoll = std::chrono::milliseconds(10);
constexpr std::int64_t kReportEvery_ns = 100'000'000;
constexpr std::int64_t kDiagnoseEvery_ns = 1'000'000'000;
constexpr auto kResetDeadline = std::chrono::milliseconds(500);
constexpr auto kResetPoll = std::chrono::milliseconds(1);

[[nodiscard]] auto gpio(const CordReport & report, GpioState state) -> double
{
  return report.values[static_cast<std::size_t>(state)];
}

/// An interface that is being written reads as not a number; counts and indices must not.
[[nodiscard]] auto whole(const CordReport & report, GpioState state) -> std::size_t
{
  const double value = gpio(report, state);
  return value >= 0.0 ? static_cast<std::size_t>(value) : 0;
}

template <typename Names>
[[nodiscard]] auto name_at(const Names & names, std::size_t index) -> const char *
{
  return index < names.size() ? names[index] : "unknown";
}

}  // namespace

auto SafetyController::on_init() -> CallbackReturn
{
  auto_declare<std::vector<std::string>>("joints", {});
  auto_declare<std::vector<std::string>>("sensors", {"left_sole", "right_sole"});
  return CallbackReturn::SUCCESS;
}

auto SafetyController::command_interface_configuration() const
  -> controller_interface::InterfaceConfiguration
{
  const std::string prefix = std::string(kGpioName) + "/";
  return {
    controller_interface::interface_configuration_type::INDIVIDUAL,
    {prefix + "stop_level", prefix + "reset"}};
}

auto SafetyController::state_interface_configuration() const
  -> controller_interface::InterfaceConfiguration
{
  controller_interface::InterfaceConfiguration config{
    controller_interface::interface_configuration_type::INDIVIDUAL, {}};
  for (const auto * name : kGpioStateNames)
  {
    config.names.push_back(std::string(kGpioName) + "/" + name);
  }
  for (const auto & foot : feet_)
  {
    config.names.push_back(foot + "/force.z");
  }
  return config;
}

auto SafetyController::on_configure(const rclcpp_lifecycle::State & /*previous*/) -> CallbackReturn
{
  const auto node = get_node();
  joints_ = node->get_parameter("joints").as_string_array();
  feet_ = node->get_parameter("sensors").as_string_array();
  if (feet_.size() > 2)
  {
    RCLCPP_ERROR(
      node->get_logger(), "parameter 'sensors' names the (left, right) feet, got %zu names",
      feet_.size());
    return CallbackReturn::FAILURE;
  }
  state_ = node->create_publisher<msg::SpinalState>("spinal_cord/state", rclcpp::QoS(10));
  diagnostics_ =
    node->create_publisher<diagnostic_msgs::msg::DiagnosticArray>("/diagnostics", rclcpp::QoS(10));
  create_services();
  timer_ = node->create_wall_timer(kPublishPoll, [this] { publish(); });
  return CallbackReturn::SUCCESS;
}

void SafetyController::create_services()
{
  const auto node = get_node();
  request_stop_ = node->create_service<srv::RequestStop>(
    "spinal_cord/request_stop",
    [this](
      const srv::RequestStop::Request::SharedPtr request,
      const srv::RequestStop::Response::SharedPtr response)
    { on_request_stop(*request, *response); });
  reset_stop_ = node->create_service<srv::ResetStop>(
    "spinal_cord/reset_stop",
    [this](
      const srv::ResetStop::Request::SharedPtr /*request*/,
      const srv::ResetStop::Response::SharedPtr response) { on_reset_stop(*response); });
}

auto SafetyController::on_activate(const rclcpp_lifecycle::State & /*previous*/) -> CallbackReturn
{
  level_ = -1.0;
  next_report_ns_ = 0;
  stop_asked_.store(0);
  put(command_interfaces_[0], 0.0);
  put(command_interfaces_[1], 0.0);
  // Numbers of resets go on where another life of this controller ended.
  answer_ = take(state_interfaces_[static_cast<std::size_t>(GpioState::reset_answer)]);
  const auto last = std::isfinite(answer_) ? std::abs(std::llround(answer_)) : 0;
  reset_asked_.store(last);
  reset_answer_.store(last);
  active_.store(true);
  return CallbackReturn::SUCCESS;
}

auto SafetyController::on_deactivate(const rclcpp_lifecycle::State & /*previous*/) -> CallbackReturn
{
  active_.store(false);
  put(command_interfaces_[0], 0.0);
  return CallbackReturn::SUCCESS;
}

auto SafetyController::update(const rclcpp::Time & time, const rclcpp::Duration & /*period*/)
  -> return_type
{
  put(command_interfaces_[0], static_cast<double>(stop_asked_.exchange(0)));
  put(command_interfaces_[1], static_cast<double>(reset_asked_.load(std::memory_order_acquire)));
  const auto read = [this](GpioState state)
  { return take(state_interfaces_[static_cast<std::size_t>(state)]); };

  const double answer = read(GpioState::reset_answer);
  if (std::isfinite(answer) && answer != answer_)
  {
    answer_ = answer;
    reset_refusal_[0].store(read(GpioState::reset_refusal));
    reset_refusal_[1].store(read(GpioState::reset_refusal_value));
    reset_refusal_[2].store(read(GpioState::reset_refusal_bound));
    reset_answer_.store(std::llround(answer), std::memory_order_release);
  }
  const double level = read(GpioState::level);
  const double latched = read(GpioState::latched);
  const auto now_ns = monotonic_ns();
  if (level == level_ && latched == latched_ && now_ns < next_report_ns_)
  {
    return return_type::OK;
  }
  level_ = level;
  latched_ = latched;
  next_report_ns_ = now_ns + kReportEvery_ns;
  auto & report = reports_.back();
  report.stamp_s = time.seconds();
  for (std::size_t i = 0; i < report.values.size(); ++i)
  {
    report.values[i] = take(state_interfaces_[i]);
  }
  for (std::size_t i = 0; i < feet_.size(); ++i)
  {
    report.foot_force_N[i] = take(state_interfaces_[report.values.size() + i]);
  }
  reports_.publish();
  return return_type::OK;
}

void SafetyController::on_request_stop(
  const srv::RequestStop::Request & request, srv::RequestStop::Response & out)
{
  const auto level = std::find(kStopLevelNames.begin(), kStopLevelNames.end(), request.level);
  if (level == kStopLevelNames.begin() || level == kStopLevelNames.end())
  {
    out.message = "level must be hold, lowering, damping or zero, got '" + request.level + "'";
    return;
  }
  if (!active_.load())
  {
    out.message = "the safety controller is not active";
    return;
  }
  {
    const std::lock_guard<std::mutex> lock(words_mutex_);
    words_ = request.cause;
  }
  const auto wanted = static_cast<int>(level - kStopLevelNames.begin());
  int asked = stop_asked_.load();
  while (asked < wanted && !stop_asked_.compare_exchange_weak(asked, wanted))
  {
  }
  out.accepted = true;
}

void SafetyController::on_reset_stop(srv::ResetStop::Response & out)
{
  if (!active_.load())
  {
    out.message = "the safety controller is not active";
    return;
  }
  const auto id = reset_asked_.fetch_add(1) + 1;
  const auto deadline = std::chrono::steady_clock::now() + kResetDeadline;
  while (std::abs(reset_answer_.load(std::memory_order_acquire)) != id)
  {
    if (std::chrono::steady_clock::now() > deadline)
    {
      out.message = "the spinal cord did not answer within 0.5 s";
      return;
    }
    std::this_thread::sleep_for(kResetPoll);
  }
  out.accepted = reset_answer_.load() == id;
  if (!out.accepted)
  {
    StopCause cause;
    cause.reason = static_cast<StopReason>(std::lround(reset_refusal_[0].load()));
    cause.value = reset_refusal_[1].load();
    cause.bound = reset_refusal_[2].load();
    out.message = cause.reason == StopReason::operator_request
      ? "a stop is still being asked for; is the halt controller active?"
      : describe(cause);
  }
}

auto SafetyController::cause_of(const CordReport & report) const -> std::string
{
  StopCause cause;
  const auto reason = whole(report, GpioState::reason);
  cause.reason = static_cast<StopReason>(std::min(reason, kStopReasonNames.size() - 1));
  cause.value = gpio(report, GpioState::reason_value);
  cause.bound = gpio(report, GpioState::reason_bound);
  if (cause.reason != StopReason::operator_request)
  {
    return describe(cause);
  }
  const std::lock_guard<std::mutex> lock(words_mutex_);
  return describe(operator_cause(cause.bound != 0.0 ? "halt controller" : words_));
}

auto SafetyController::rejection_of(const CordReport & report) const -> std::string
{
  Verdict verdict;
  const auto reason = whole(report, GpioState::last_rejection);
  verdict.reason = static_cast<Rejection>(std::min(reason, kRejectionCount - 1));
  verdict.joint = whole(report, GpioState::last_rejection_joint);
  verdict.value = gpio(report, GpioState::last_rejection_value);
  verdict.lower = gpio(report, GpioState::last_rejection_lower);
  verdict.upper = gpio(report, GpioState::last_rejection_upper);
  return describe(verdict, verdict.joint < joints_.size() ? joints_[verdict.joint] : "");
}

void SafetyController::publish()
{
  if (!reports_.update())
  {
    return;
  }
  const auto & report = reports_.front();
  const auto wall_ns = monotonic_ns();
  const double time_s = gpio(report, GpioState::time);
  const double nominal_us = 1e6 / get_update_rate();
  msg::SpinalState message;
  message.header.stamp = rclcpp::Time(static_cast<std::int64_t>(report.stamp_s * 1e9));
  message.stop_level = name_at(kStopLevelNames, whole(report, GpioState::level));
  message.stop_cause = cause_of(report);
  message.foot_force = report.foot_force_N;
  message.cycles = whole(report, GpioState::cycles);
  message.commands_accepted = whole(report, GpioState::accepted);
  message.commands_rejected = whole(report, GpioState::rejected);
  message.last_rejection = rejection_of(report);
  message.cycle_us_p50 = gpio(report, GpioState::cycle_us_p50);
  message.cycle_us_p999 = gpio(report, GpioState::cycle_us_p999);
  message.jitter_us_p999 = std::max(0.0, gpio(report, GpioState::period_us_p999) - nominal_us);
  message.real_time_factor = (time_s - last_time_s_) * 1e9 /
    static_cast<double>(std::max<std::int64_t>(wall_ns - last_wall_ns_, 1));
  last_time_s_ = time_s;
  last_wall_ns_ = wall_ns;
  state_->publish(message);
  if (wall_ns >= next_diagnostics_ns_)
  {
    next_diagnostics_ns_ = wall_ns + kDiagnoseEvery_ns;
    publish_diagnostics(report);
  }
}

void SafetyController::publish_diagnostics(const CordReport & report)
{
  using diagnostic_msgs::msg::DiagnosticStatus;
  const auto level = whole(report, GpioState::level);
  const bool latched = gpio(report, GpioState::latched) > 0.5;
  DiagnosticStatus status;
  status.name = std::string(get_node()->get_namespace()) + ": spinal cord";
  status.hardware_id = get_node()->get_namespace();
  status.message = name_at(kStopLevelNames, level);
  const auto cause = cause_of(report);
  status.message += cause.empty() ? "" : ", " + cause;
  status.level = !latched ? DiagnosticStatus::OK
    : level > static_cast<std::size_t>(StopLevel::hold) ? DiagnosticStatus::ERROR
                                                        : DiagnosticStatus::WARN;
  for (std::size_t i = 0; i < report.values.size(); ++i)
  {
    diagnostic_msgs::msg::KeyValue entry;
    entry.key = kGpioStateNames[i];
    entry.value = std::to_string(report.values[i]);
    status.values.push_back(entry);
  }
  diagnostic_msgs::msg::DiagnosticArray message;
  message.header.stamp = get_node()->now();
  message.status.push_back(status);
  diagnostics_->publish(message);
}

}  // namespace neuraxis

PLUGINLIB_EXPORT_CLASS(neuraxis::SafetyController, controller_interface::ControllerInterface)
