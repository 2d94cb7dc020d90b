// SPDX-License-Identifier: Apache-2.0
#include "wire_state.hpp"

#include <algorithm>
#include <limits>

namespace neuraxis
{
namespace
{

/// After this long without news a battery is unknown again, and a foot bears nothing.
constexpr double kBatteryKept_s = 10.0;
constexpr double kFeetKept_s = 0.1;

}  // namespace

auto domain_name(std::int32_t state) -> std::string
{
  static const std::array<const char *, 5> kNames{
    "NONE", "DAMPING", "POWERDOWN", "DISABLE", "DISCONNECT"};
  const bool known = state >= 0 && static_cast<std::size_t>(state) < kNames.size();
  return std::to_string(state) + (known ? std::string(" (") + kNames[state] + ")" : "");
}

WireReceiver::WireReceiver(
  WireSpace & space, double skew_s, bool has_imu, bool stop_on_joint_error)
: space_(space),
  skew_s_(skew_s),
  stop_on_joint_error_(stop_on_joint_error),
  sources_(space.groups().size() + (has_imu ? 1 : 0))
{
  arrivals_.fill(-std::numeric_limits<double>::infinity());
}

void WireReceiver::battery_arrived(const BatterySample & battery, double now_s) noexcept
{
  sample_.battery = battery;
  battery_s_ = now_s;
}

void WireReceiver::feet_arrived(const std::array<double, 2> & force_N, double now_s) noexcept
{
  sample_.foot_force_N = force_N;
  feet_s_ = now_s;
}

void WireReceiver::group_arrived(std::size_t group, double now_s) noexcept
{
  arrivals_[group] = now_s;
  counts_[group].fetch_add(1);
  chain_broken_ = !space_.to_joints(wire_, sample_);
  publish(now_s);
}

void WireReceiver::imu_arrived(double now_s) noexcept
{
  arrivals_[imu_source()] = now_s;
  counts_[imu_source()].fetch_add(1);
  publish(now_s);
}

void WireReceiver::set_domain(std::size_t group, std::int32_t state) noexcept
{
  domains_[group] = state;
  sample_.safety_state = *std::max_element(domains_.begin(), domains_.end());
}

void WireReceiver::set_fault(std::size_t source, std::int32_t code, const std::string & what)
{
  faults_[source] = code;
  {
    const std::lock_guard lock(text_mutex_);
    text_ = what;
  }
  publish(arrivals_[source]);
}

void WireReceiver::clear_fault(std::size_t source) noexcept { faults_[source] = 0; }

void WireReceiver::set_second_publisher(bool present, const std::string & who)
{
  if (second_publisher_.exchange(present) != present)
  {
    const std::lock_guard lock(text_mutex_);
    text_ = who;
  }
}

auto WireReceiver::worst_fault() const noexcept -> std::int32_t
{
  for (std::size_t i = 0; i < sources_; ++i)
  {
    if (faults_[i] != 0)
    {
      return faults_[i];
    }
  }
  if (sample_.safety_state != 0)
  {
    return wire_fault::kDomain + sample_.safety_state;
  }
  if (second_publisher_.load())
  {
    return wire_fault::kSecondPublisher;
  }
  if (stop_on_joint_error_)
  {
    for (std::size_t joint = 0; joint < kMaxJoints; ++joint)
    {
      if (sample_.joint_error[joint] != 0)
      {
        return wire_fault::kJoint + static_cast<std::int32_t>(joint);
      }
    }
  }
  return chain_broken_ ? wire_fault::kChain : 0;
}

void WireReceiver::publish(double now_s) noexcept
{
  const auto fault = worst_fault();
  const auto oldest = *std::min_element(arrivals_.begin(), arrivals_.begin() + sources_);
  const bool complete = now_s - oldest <= skew_s_;
  const bool news = fault != fault_.exchange(fault);
  if (!complete && !news && fault == 0)
  {
    return;
  }
  if (complete)
  {
    sample_.stamp_s = now_s;
  }
  if (now_s - battery_s_ > kBatteryKept_s)
  {
    sample_.battery = {};
  }
  if (now_s - feet_s_ > kFeetKept_s)
  {
    sample_.foot_force_N = {};
  }
  auto & snapshot = snapshots_.back();
  snapshot.sample = sample_;
  snapshot.fault = fault;
  snapshot.any = sample_.stamp_s > 0.0;
  snapshots_.publish();
}

auto WireReceiver::read(double now_s, double silence_s, StateSample & sample) noexcept -> ReadResult
{
  (void)snapshots_.update();
  const auto & newest = snapshots_.front();
  if (newest.fault != 0)
  {
    return {ReadStatus::error, newest.fault};
  }
  if (!newest.any || now_s - newest.sample.stamp_s > silence_s)
  {
    return {ReadStatus::silent, 0};
  }
  sample = newest.sample;
  return {ReadStatus::fresh, 0};
}

auto WireReceiver::fault_text() const -> std::string
{
  const auto code = fault_.load();
  if (code == 0)
  {
    return "";
  }
  if (code >= wire_fault::kJoint)
  {
    return "joint number " + std::to_string(code - wire_fault::kJoint) + " reports a drive error";
  }
  if (code >= wire_fault::kDomain)
  {
    return "the joints are in DomainErrorState " + domain_name(code - wire_fault::kDomain);
  }
  if (code == wire_fault::kChain)
  {
    return "drive positions of a closed chain that its rods do not allow";
  }
  const std::lock_guard lock(text_mutex_);
  return text_;
}

}  // namespace neuraxis
