// SPDX-License-Identifier: Apache-2.0
// Activation and hand-back: everything that may wait.
#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "wire_backend.hpp"

namespace neuraxis
{
namespace
{

using std::chrono::milliseconds;

constexpr milliseconds kPoll(5);
constexpr milliseconds kOwnerWatch(250);
constexpr milliseconds kSilence(300);
constexpr double kLeave_s = 2.0;

[[nodiscard]] auto joined(const std::vector<std::string> & names) -> std::string
{
  std::string out;
  for (const auto & name : names)
  {
    out += (out.empty() ? "'" : ", '") + name + "'";
  }
  return out;
}

[[nodiscard]] auto seconds_from_now(double seconds) -> Clock::time_point
{
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(
                          std::chrono::duration<double>(seconds));
}

}  // namespace

auto WireBackend::source_name(std::size_t source) const -> std::string
{
  return source < space_.groups().size() ? space_.groups()[source].state_topic : imu_topic_;
}

void WireBackend::start_listening()
{
  if (node_)
  {
    return;
  }
  node_ = std::make_unique<WireNode>(
    node_name_, namespace_, static_cast<int>(params_.number("domain_id", -1.0, -1.0, 232.0)));
  listen();
  listen_to_imu();
  owner_timer_ = node_->node().create_wall_timer(kOwnerWatch, [this] { watch_owners(); });
  node_->spin();
}

void WireBackend::wait_for_state(Clock::time_point deadline)
{
  const auto start = Clock::now();
  const auto complete = [this]
  {
    for (std::size_t i = 0; i < receiver_.source_count(); ++i)
    {
      if (receiver_.count(i) == 0)
      {
        return false;
      }
    }
    return true;
  };
  while (!complete())
  {
    const auto fault = receiver_.fault_text();
    if (!fault.empty() && receiver_.fault_code() < wire_fault::kDomain)
    {
      throw std::runtime_error(params_.backend() + ": " + fault);
    }
    if (Clock::now() > deadline)
    {
      std::vector<std::string> silent;
      for (std::size_t i = 0; i < receiver_.source_count(); ++i)
      {
        if (receiver_.count(i) == 0)
        {
          silent.push_back(source_name(i));
        }
      }
      std::ostringstream text;
      text << params_.backend() << ": nothing arrived on " << joined(silent) << " within "
           << std::chrono::duration<double>(Clock::now() - start).count()
           << " s; is the robot on, and on this ROS domain?";
      throw std::runtime_error(text.str());
    }
    std::this_thread::sleep_for(kPoll);
  }
}

void WireBackend::measure_rates()
{
  std::vector<std::uint64_t> before;
  for (std::size_t i = 0; i < receiver_.source_count(); ++i)
  {
    before.push_back(receiver_.count(i));
  }
  const auto start = Clock::now();
  std::this_thread::sleep_for(std::chrono::duration<double>(rate_window_s_));
  const double span_s = std::chrono::duration<double>(Clock::now() - start).count();
  rates_.clear();
  std::ostringstream text;
  std::vector<std::string> slow;
  text.precision(4);
  for (std::size_t i = 0; i < receiver_.source_count(); ++i)
  {
    rates_.push_back(static_cast<double>(receiver_.count(i) - before[i]) / span_s);
    text << (i == 0 ? "" : ", ") << source_name(i) << " " << rates_[i] << " Hz";
    if (rates_[i] < rate_min_hz_)
    {
      slow.push_back(source_name(i));
    }
  }
  RCLCPP_INFO(node_->logger(), "measured state rates: %s", text.str().c_str());
  const auto fault = receiver_.fault_text();
  if (!fault.empty())
  {
    throw std::runtime_error(params_.backend() + ": " + fault);
  }
  if (!slow.empty())
  {
    text << "; below state_rate_min_hz " << rate_min_hz_ << ": " << joined(slow);
    throw std::runtime_error(params_.backend() + ": " + text.str());
  }
}

auto WireBackend::command_topics() const -> std::vector<std::string>
{
  std::vector<std::string> topics;
  for (const auto & group : space_.groups())
  {
    if (!group.command_topic.empty())
    {
      topics.push_back(group.command_topic);
    }
  }
  return topics;
}

void WireBackend::check_owners()
{
  if (!check_owners_)
  {
    return;
  }
  std::string owned;
  std::vector<std::string> owners;
  for (const auto & topic : command_topics())
  {
    for (const auto & name : node_->publishers_on(topic))
    {
      owned += (owned.empty() ? "node '" : "; node '") + name + "' publishes on " + topic;
      if (std::find(owners.begin(), owners.end(), name) == owners.end())
      {
        owners.push_back(name);
      }
    }
  }
  const std::lock_guard lock(tolerated_mutex_);
  tolerated_.clear();
  if (owned.empty())
  {
    return;
  }
  if (probe_)
  {
    RCLCPP_INFO(node_->logger(), "the joints belong to others: %s", owned.c_str());
    return;
  }
  if (!tolerates_silent_owners())
  {
    throw std::runtime_error(
      params_.backend() + ": somebody else commands the robot: " + owned);
  }
  tolerated_ = owners;
}

void WireBackend::check_silence()
{
  std::vector<std::string> owners;
  {
    const std::lock_guard lock(tolerated_mutex_);
    owners = tolerated_;
  }
  if (owners.empty())
  {
    return;
  }
  const auto before = overheard();
  std::this_thread::sleep_for(kSilence);
  const auto heard = overheard() - before;
  if (heard > 0)
  {
    throw std::runtime_error(
      params_.backend() + ": " + std::to_string(heard) +
      " commands of others in 0.3 s after the hand-over; publishers there: " + joined(owners));
  }
  RCLCPP_INFO(
    node_->logger(), "publishers that keep silent since the hand-over: %s", joined(owners).c_str());
}

void WireBackend::watch_owners()
{
  if (!commanding_.load() || !check_owners_)
  {
    return;
  }
  std::string who;
  const std::lock_guard lock(tolerated_mutex_);
  for (const auto & topic : command_topics())
  {
    for (const auto & name : node_->publishers_on(topic))
    {
      if (std::find(tolerated_.begin(), tolerated_.end(), name) == tolerated_.end())
      {
        who = "node '" + name + "' began to publish on " + topic;
      }
    }
  }
  const auto heard = overheard();
  if (heard != overheard_ && !tolerated_.empty())
  {
    who = "commands of others again, publishers there: " + joined(tolerated_);
  }
  overheard_ = heard;
  receiver_.set_second_publisher(!who.empty(), who);
}

void WireBackend::wait_for_listeners(Clock::time_point deadline)
{
  const bool reliable = command_qos().reliability() == rclcpp::ReliabilityPolicy::Reliable;
  for (const auto & topic : command_topics())
  {
    while (node_->listeners_on(topic, reliable) == 0)
    {
      if (Clock::now() > deadline)
      {
        throw std::runtime_error(
          params_.backend() + ": nobody listens to " + topic +
          " (is command_reliability = " + params_.text("command_reliability", "best_effort") +
          " what the robot wants?)");
      }
      std::this_thread::sleep_for(kPoll);
    }
  }
}

void WireBackend::activate(double timeout_s)
{
  if (active_.load())
  {
    return;
  }
  const auto deadline = seconds_from_now(timeout_s);
  start_listening();
  wait_for_state(deadline);
  measure_rates();
  check_owners();
  if (probe_)
  {
    RCLCPP_INFO(node_->logger(), "probe: listening only, nothing will be published");
    active_.store(true);
    return;
  }
  take_over(deadline);
  try
  {
    check_silence();
    open_commands();
    wait_for_listeners(deadline);
  }
  catch (const std::runtime_error & error)
  {
    close_commands();
    std::string result = "; the robot's own controller has it again";
    try
    {
      hand_back(seconds_from_now(timeout_s));
    }
    catch (const std::runtime_error & second)
    {
      result = std::string("; and the hand-back failed: ") + second.what();
    }
    throw std::runtime_error(error.what() + (tolerates_silent_owners() ? result : ""));
  }
  overheard_ = overheard();
  writer_.start([this](const WireOutput & output) { send(output); });
  commanding_.store(true);
  active_.store(true);
}

void WireBackend::deactivate(double timeout_s)
{
  if (!active_.exchange(false))
  {
    return;
  }
  if (!commanding_.exchange(false))
  {
    return;
  }
  writer_.set_mode(WriterMode::hold);
  std::string failure;
  try
  {
    hand_back(seconds_from_now(timeout_s));
  }
  catch (const std::runtime_error & error)
  {
    failure = error.what();
    writer_.set_mode(WriterMode::damp);
    std::this_thread::sleep_for(std::chrono::duration<double>(damping_s_));
  }
  writer_.stop();
  close_commands();
  receiver_.set_second_publisher(false, "");
  if (!failure.empty())
  {
    throw std::runtime_error(failure + "; damped for " + std::to_string(damping_s_) + " s");
  }
}

void WireBackend::leave() noexcept
{
  try
  {
    deactivate(kLeave_s);
  }
  catch (const std::exception & error)
  {
    RCLCPP_ERROR(node_->logger(), "%s", error.what());
  }
  node_.reset();
}

}  // namespace neuraxis
