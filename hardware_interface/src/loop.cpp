// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/loop.hpp"

#include <chrono>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include "neuraxis/joint_map.hpp"
#include "neuraxis/rt.hpp"

namespace neuraxis
{
namespace
{

constexpr std::int64_t kLateMax_ns = 5'000'000;
constexpr double kNsPerS = 1e9;
constexpr std::int64_t kHorizonPoll_ns = 500'000;
constexpr auto kResetDeadline = std::chrono::milliseconds(500);
constexpr auto kResetPoll = std::chrono::microseconds(200);

}  // namespace

Loop::Loop(const CordConfig & config, std::shared_ptr<Backend> backend, double period_s)
: config_(config), backend_(std::move(backend)), period_s_(period_s), cord_(config)
{
  if (!backend_)
  {
    throw std::invalid_argument("the loop needs a backend");
  }
  backend_->check_period(period_s);
  const auto & names = backend_->joint_names();
  if (names.size() != config.joints.size())
  {
    throw std::invalid_argument(
      "config has " + std::to_string(config.joints.size()) + " joints, the backend " +
      std::to_string(names.size()));
  }
  std::vector<std::string> wanted;
  for (const auto & joint : config.joints)
  {
    wanted.push_back(joint.name);
  }
  const auto map = map_joints(wanted, names);
  for (std::size_t i = 0; i < map.size(); ++i)
  {
    if (map[i] != i)
    {
      throw std::invalid_argument(
        "joint " + std::to_string(i) + " is '" + wanted[i] + "' in the config and '" + names[i] +
        "' in the backend");
    }
  }
  restart_locked();
}

Loop::~Loop() { stop(); }

void Loop::require_stopped() const
{
  if (running_.load())
  {
    throw std::logic_error("the loop's thread runs; stop() it first");
  }
}

void Loop::restart_locked()
{
  const bool fresh = backend_->read(sample_).status == ReadStatus::fresh;
  StateSample none;
  none.stamp_s = std::numeric_limits<double>::quiet_NaN();
  cord_.start(backend_->time_s(), fresh ? sample_ : none);
  command_box_.update();
  for (auto & box : stop_boxes_)
  {
    box.update();
  }
  publish();
}

void Loop::restart()
{
  restart_after([] {});
}

void Loop::take_mail(double now_s) noexcept
{
  if (command_box_.update())
  {
    cord_.submit(now_s, command_box_.front());
  }
  for (std::size_t level = stop_boxes_.size() - 1; level > 0; --level)
  {
    if (stop_boxes_[level].update())
    {
      cord_.request_stop(now_s, static_cast<StopLevel>(level), stop_boxes_[level].front());
    }
  }
  const auto asked = reset_asked_.load(std::memory_order_acquire);
  if (asked != reset_seen_)
  {
    reset_seen_ = asked;
    reset_box_.write({asked, cord_.reset_stop(now_s)});
  }
}

void Loop::publish() noexcept
{
  auto & slot = state_box_.back();
  slot.time_s = backend_->time_s();
  slot.sample = cord_.sample();
  slot.status = cord_.status();
  state_box_.publish();
}

void Loop::cycle() noexcept
{
  const auto start_ns = monotonic_ns();
  const double now_s = backend_->time_s();
  take_mail(now_s);
  const auto & output = cord_.update(now_s);
  const auto cord_ns = monotonic_ns() - start_ns;
  backend_->write(output);
  backend_->advance(period_s_);
  const auto read_ns = monotonic_ns();
  const auto result = backend_->read(sample_);
  cord_.measure(backend_->time_s(), result, sample_);
  publish();
  const auto end_ns = monotonic_ns();
  cord_ns_.add(cord_ns + end_ns - read_ns);
  cycle_ns_.add(end_ns - start_ns);
}

void Loop::step(std::uint64_t cycles)
{
  const std::lock_guard<std::mutex> lock(cycle_mutex_);
  require_stopped();
  for (std::uint64_t i = 0; i < cycles; ++i)
  {
    cycle();
  }
}

void Loop::start(double speed, int rt_priority)
{
  if (!(speed >= 0.0) || !std::isfinite(speed))
  {
    throw std::invalid_argument("speed must be at least 0, got " + std::to_string(speed));
  }
  if (rt_priority < 0 || rt_priority > 99)
  {
    throw std::invalid_argument(
      "rt_priority must be in [0, 99], got " + std::to_string(rt_priority));
  }
  const std::lock_guard<std::mutex> lock(cycle_mutex_);
  require_stopped();
  running_.store(true);
  ready_.store(false);
  thread_ = std::thread(
    [this, speed, rt_priority]
    {
      realtime_note_ = enter_realtime(speed > 0.0 ? rt_priority : 0);
      ready_.store(true, std::memory_order_release);
      run(speed);
    });
  while (!ready_.load(std::memory_order_acquire))
  {
    std::this_thread::yield();
  }
}

void Loop::stop()
{
  const std::lock_guard<std::mutex> lock(cycle_mutex_);
  running_.store(false);
  if (thread_.joinable())
  {
    thread_.join();
    leave_realtime();
  }
}

void Loop::run(double speed) noexcept
{
  if (speed == 0.0)
  {
    while (running_.load(std::memory_order_relaxed))
    {
      if (at_horizon())
      {
        stand_still();
        sleep_until_ns(monotonic_ns() + kHorizonPoll_ns);
        continue;
      }
      cycle();
    }
    return;
  }
  const auto period_ns = static_cast<std::int64_t>(std::llround(period_s_ / speed * kNsPerS));
  std::int64_t next_ns = monotonic_ns();
  while (running_.load(std::memory_order_relaxed))
  {
    wait_for_next(next_ns, period_ns);
    if (at_horizon())
    {
      stand_still();
      continue;
    }
    cycle();
  }
}

void Loop::stand_still() noexcept
{
  take_mail(backend_->time_s());
  publish();
}

auto Loop::at_horizon() const noexcept -> bool
{
  return backend_->time_s() >= horizon_s_.load(std::memory_order_relaxed);
}

void Loop::wait_for_next(std::int64_t & next_ns, std::int64_t period_ns) noexcept
{
  next_ns += period_ns;
  const auto before_ns = monotonic_ns();
  if (before_ns - next_ns > kLateMax_ns)
  {
    // Bursting to catch up would feed stale commands to a robot; simulated time slows instead.
    next_ns = before_ns;
    rebased_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  if (before_ns >= next_ns)
  {
    overruns_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  sleep_until_ns(next_ns);
  wake_ns_.add(monotonic_ns() - next_ns);
}

void Loop::command(const JointCommand & command)
{
  const std::lock_guard<std::mutex> lock(command_mutex_);
  command_box_.write(command);
}

void Loop::request_stop(StopLevel level, const StopCause & cause)
{
  if (level == StopLevel::run)
  {
    throw std::invalid_argument("a stop goes to hold, lowering, damping or zero, not to run");
  }
  const std::lock_guard<std::mutex> lock(command_mutex_);
  stop_boxes_[static_cast<std::size_t>(level)].write(cause);
}

auto Loop::reset_stop() -> ResetResult
{
  const std::lock_guard<std::mutex> lock(reset_mutex_);
  const auto id = reset_asked_.fetch_add(1, std::memory_order_acq_rel) + 1;
  const auto deadline = std::chrono::steady_clock::now() + kResetDeadline;
  while (std::chrono::steady_clock::now() < deadline)
  {
    if (std::unique_lock<std::mutex> idle(cycle_mutex_, std::try_to_lock);
        idle.owns_lock() && !running_.load())
    {
      take_mail(backend_->time_s());
      publish();
    }
    if (reset_box_.update() && reset_box_.front().id == id)
    {
      return reset_box_.front().result;
    }
    std::this_thread::sleep_for(kResetPoll);
  }
  throw std::runtime_error("the loop did not answer the reset within 0.5 s");
}

auto Loop::state() -> LoopState
{
  const std::lock_guard<std::mutex> lock(state_mutex_);
  state_box_.update();
  return state_box_.front();
}

auto Loop::stats() const -> LoopStats
{
  return {cord_ns_.summary(), cycle_ns_.summary(),
          wake_ns_.summary(), overruns_.load(),
          rebased_.load(),    ready_.load() ? realtime_note_ : "the loop's thread was not started"};
}

void Loop::clear_stats() noexcept
{
  cord_ns_.clear();
  cycle_ns_.clear();
  wake_ns_.clear();
  overruns_.store(0);
  rebased_.store(0);
}

}  // namespace neuraxis
