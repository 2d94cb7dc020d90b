// SPDX-License-Identifier: Apache-2.0
#include "cord_bridge.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "neuraxis/joint_map.hpp"
#include "neuraxis/rt.hpp"

namespace neuraxis
{
namespace
{

constexpr auto kSamplePoll = std::chrono::milliseconds(1);
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

[[nodiscard]] auto level_asked(double value) noexcept -> StopLevel
{
  // Not a number fails the comparison and asks for nothing.
  return value >= 0.5 ? static_cast<StopLevel>(std::lround(std::min(value, 4.0))) : StopLevel::run;
}

}  // namespace

CordBridge::CordBridge(const SystemSpec & spec)
: config_(parse_bridge(spec)),
  spec_(spec),
  count_(config_.cord.joints.size()),
  period_s_(1.0 / config_.update_rate_hz),
  cord_(config_.cord),
  operator_(operator_cause("stop_level")),
  halted_(operator_cause("halt_level"))
{
  halted_.bound = 1.0;
  const auto names = command_names(config_);
  for (std::size_t i = 0; i < count_; ++i)
  {
    for (const auto & name : spec.joints[i].command_interfaces)
    {
      const auto bit = std::find(names.begin(), names.end(), name) - names.begin();
      claims_[spec.joints[i].name + "/" + name] = {i, static_cast<CommandBit>(bit)};
    }
  }
  temperature_.fill(kNan);
  battery_.fill(kNan);
  clear_commands();
}

void CordBridge::attach(std::unique_ptr<Backend> backend)
{
  const auto & names = backend->joint_names();
  const auto map = map_joints(joint_names(), names);
  for (std::size_t i = 0; i < map.size(); ++i)
  {
    if (map[i] != i || names.size() != count_)
    {
      throw std::invalid_argument(
        "backend '" + config_.backend + "' has " + std::to_string(names.size()) +
        " joints, joint " + std::to_string(i) + " is '" + names[i] + "'; the description has " +
        std::to_string(count_) + " and '" + config_.cord.joints[i].name + "'");
    }
  }
  backend->check_period(period_s_);
  backend_ = std::move(backend);
  claimed_.fill(0);
}

void CordBridge::detach() noexcept
{
  active_ = false;
  claimed_.fill(0);
  backend_.reset();
}

auto CordBridge::wait_for_sample() -> StateSample
{
  const auto deadline = std::chrono::steady_clock::now() +
    std::chrono::duration<double>(config_.activate_timeout_s);
  std::string seen = "nothing";
  StateSample sample;
  do
  {
    const auto result = backend_->read(sample);
    if (result.status == ReadStatus::fresh)
    {
      const auto bad = std::find_if(
        sample.pos.begin(), sample.pos.begin() + static_cast<std::ptrdiff_t>(count_),
        [](double pos) { return !std::isfinite(pos); });
      const auto joint = static_cast<std::size_t>(bad - sample.pos.begin());
      if (joint == count_)
      {
        return sample;
      }
      seen = "no finite position of joint '" + config_.cord.joints[joint].name + "'";
    }
    else if (result.status == ReadStatus::error)
    {
      seen = "error code " + std::to_string(result.error_code);
    }
    std::this_thread::sleep_for(kSamplePoll);
  } while (std::chrono::steady_clock::now() < deadline);
  std::ostringstream text;
  text << "backend '" << config_.backend << "' gave no good measurement within "
       << config_.activate_timeout_s << " s, but " << seen;
  throw std::runtime_error(text.str());
}

void CordBridge::check_pose(const StateSample & sample) const
{
  for (std::size_t i = 0; i < count_; ++i)
  {
    const auto & joint = config_.cord.joints[i];
    const double margin = config_.cord.limit_margin;
    if (sample.pos[i] < joint.lower - margin || sample.pos[i] > joint.upper + margin)
    {
      std::ostringstream text;
      text << "joint '" << joint.name << "' stands at " << sample.pos[i] << ", outside ["
           << joint.lower << ", " << joint.upper << "] by more than " << margin
           << ": holding it there or pulling it in would both be wrong";
      throw std::runtime_error(text.str());
    }
  }
}

void CordBridge::activate()
{
  backend_->activate(config_.activate_timeout_s);
  try
  {
    sample_ = wait_for_sample();
    check_pose(sample_);
  }
  catch (const std::exception &)
  {
    backend_->deactivate(config_.activate_timeout_s);
    throw;
  }
  const double now_s = backend_->time_s();
  cord_.start(now_s, sample_);
  output_ = nullptr;
  kept_pos_ = sample_.pos;
  engaged_ = false;
  good_s_ = now_s;
  error_code_ = 0;
  read_ns_ = 0;
  cycle_ns_.clear();
  period_ns_.clear();
  clear_commands();
  show_sample(sample_);
  show_status(now_s);
  show_durations(0);
  active_ = true;
}

void CordBridge::deactivate()
{
  active_ = false;
  claimed_.fill(0);
  if (backend_)
  {
    backend_->deactivate(config_.activate_timeout_s);
  }
}

auto CordBridge::check_switch(
  const std::vector<std::string> & start, const std::vector<std::string> & stop) const
  -> std::string
{
  auto next = claimed_;
  for (const auto & name : stop)
  {
    const auto claim = claims_.find(name);
    if (claim != claims_.end())
    {
      next[claim->second.joint] &= static_cast<CommandSet>(~set_of(claim->second.bit));
    }
  }
  for (const auto & name : start)
  {
    const auto claim = claims_.find(name);
    if (claim != claims_.end())
    {
      next[claim->second.joint] |= set_of(claim->second.bit);
    }
  }
  for (std::size_t i = 0; i < count_; ++i)
  {
    if (next[i] != 0 && next[i] != claimed_[i] && !is_mode(next[i]))
    {
      return "joint '" + config_.cord.joints[i].name +
        "': " + explain_refusal(next[i], command_names(config_));
    }
  }
  return {};
}

void CordBridge::perform_switch(
  const std::vector<std::string> & start, const std::vector<std::string> & stop) noexcept
{
  const auto before = claimed_;
  for (const auto * list : {&stop, &start})
  {
    for (const auto & name : *list)
    {
      const auto found = claims_.find(name);
      if (found == claims_.end())
      {
        continue;
      }
      const auto & claim = found->second;
      const auto bit = set_of(claim.bit);
      auto & claimed = claimed_[claim.joint];
      claimed = static_cast<CommandSet>(list == &stop ? claimed & ~bit : claimed | bit);
      // What a former owner left behind is no command of the next one.
      command_row(claim.bit)[claim.joint] = kNan;
    }
  }
  for (std::size_t i = 0; i < count_; ++i)
  {
    if (before[i] != 0 && claimed_[i] == 0)
    {
      let_go(i, before[i]);
    }
    engaged_ = engaged_ || claimed_[i] != 0;
  }
}

void CordBridge::let_go(std::size_t joint, CommandSet before) noexcept
{
  // Its sag under load is what carries a standing robot: a target keeps the torque as it is.
  const auto & limits = config_.cord.joints[joint];
  kept_pos_[joint] = output_ != nullptr && has(before, CommandBit::position)
    ? output_->target.pos[joint]
    : std::clamp(cord_.sample().pos[joint], limits.lower, limits.upper);
}

auto CordBridge::read() noexcept -> bool
{
  if (!backend_)
  {
    return true;
  }
  const auto before_ns = read_ns_;
  read_ns_ = monotonic_ns();
  if (before_ns != 0)
  {
    period_ns_.add(read_ns_ - before_ns);
  }
  const auto result = backend_->read(sample_);
  const bool fresh = result.status == ReadStatus::fresh;
  if (!active_)
  {
    if (fresh)
    {
      show_sample(sample_);
    }
    return true;
  }
  const double now_s = backend_->time_s();
  const double stamp_s = cord_.sample().stamp_s;
  error_code_ = result.status == ReadStatus::error ? result.error_code : 0;
  cord_.measure(now_s, result, sample_);
  if (cord_.sample().stamp_s > stamp_s)
  {
    good_s_ = now_s;
  }
  show_sample(cord_.sample());
  const auto level = cord_.status().level;
  const bool spent = level == StopLevel::zero ||
    (level == StopLevel::damping && std::isinf(config_.cord.damping_time_s));
  return !(spent && now_s - good_s_ > config_.dead_link_s);
}

void CordBridge::write() noexcept
{
  if (!backend_ || !active_)
  {
    return;
  }
  const double now_s = backend_->time_s();
  take_requests(now_s);
  if (gather(now_s))
  {
    cord_.submit(now_s, command_);
  }
  output_ = &cord_.update(now_s);
  backend_->write(*output_);
  backend_->advance(period_s_);
  show_status(now_s);
  show_durations(cord_.status().counters.cycles);
  // A robot that is taken over between read and write begins with half a cycle.
  if (read_ns_ != 0)
  {
    cycle_ns_.add(monotonic_ns() - read_ns_);
  }
}

auto CordBridge::gather(double now_s) noexcept -> bool
{
  if (!engaged_)
  {
    return false;
  }
  double sum = 0.0;
  for (std::size_t i = 0; i < count_; ++i)
  {
    for (std::size_t bit = 0; claimed_[i] != 0 && bit < kCommandBits; ++bit)
    {
      const auto which = static_cast<CommandBit>(bit);
      sum += has(claimed_[i], which) ? command_row(which)[i] : 0.0;
    }
  }
  if (!std::isfinite(sum))
  {
    return false;
  }
  command_.stamp_s = now_s;
  for (std::size_t i = 0; i < count_; ++i)
  {
    gather_joint(i, command_.target);
  }
  return true;
}

void CordBridge::gather_joint(std::size_t joint, JointTuple & to) const noexcept
{
  const auto claimed = claimed_[joint];
  const auto & limits = config_.cord.joints[joint];
  const bool aims = has(claimed, CommandBit::position);
  const bool gains = has(claimed, CommandBit::kp);
  if (aims)
  {
    to.pos[joint] = commanded_.pos[joint];
  }
  else
  {
    // A joint without a target is nowhere but where it is; gate and stop ladder see that.
    to.pos[joint] = claimed == 0
      ? kept_pos_[joint]
      : std::clamp(cord_.sample().pos[joint], limits.lower, limits.upper);
  }
  to.vel[joint] = has(claimed, CommandBit::velocity) ? commanded_.vel[joint] : 0.0;
  to.effort[joint] = has(claimed, CommandBit::effort) ? commanded_.effort[joint] : 0.0;
  to.kp[joint] = gains ? commanded_.kp[joint] : aims || claimed == 0 ? limits.kp_hold : 0.0;
  to.kd[joint] = gains ? commanded_.kd[joint] : claimed == modes::kE ? 0.0 : limits.kd_hold;
}

void CordBridge::take_requests(double now_s) noexcept
{
  const auto stop = level_asked(gpio(GpioCommand::stop_level));
  const auto halt = level_asked(gpio(GpioCommand::halt_level));
  const auto asked = std::max(stop, halt);
  const auto & cause = halt >= stop ? halted_ : operator_;
  if (asked != StopLevel::run)
  {
    cord_.request_stop(now_s, asked, cause);
  }
  take_reset(now_s, asked == StopLevel::run ? nullptr : &cause);
}

void CordBridge::take_reset(double now_s, const StopCause * standing) noexcept
{
  const double reset = gpio(GpioCommand::reset);
  if (!std::isfinite(reset) || reset == 0.0 || reset == last_reset_)
  {
    return;
  }
  last_reset_ = reset;
  const bool fell = cord_.status().level > StopLevel::hold;
  const auto result =
    standing == nullptr ? cord_.reset_stop(now_s) : ResetResult{false, *standing};
  if (result.accepted && fell)
  {
    kept_pos_ = cord_.sample().pos;
  }
  gpio(GpioState::reset_answer) = result.accepted ? reset : -reset;
  gpio(GpioState::reset_refusal) = static_cast<double>(result.refusal.reason);
  gpio(GpioState::reset_refusal_value) = result.refusal.value;
  gpio(GpioState::reset_refusal_bound) = result.refusal.bound;
}

}  // namespace neuraxis
