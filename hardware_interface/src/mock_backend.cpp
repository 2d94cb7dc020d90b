// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/mock_backend.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace neuraxis
{
namespace
{

constexpr double kInertia = 0.1;
constexpr double kFriction = 0.05;
constexpr double kGravity_m_s2 = 9.80665;
constexpr double kDelayMax_s = 0.25;

}  // namespace

MockBackend::MockBackend(std::vector<std::string> joint_names)
: joint_names_(std::move(joint_names))
{
  if (joint_names_.empty() || joint_names_.size() > kMaxJoints)
  {
    throw std::invalid_argument(
      "number of joints must be in [1, " + std::to_string(kMaxJoints) + "], got " +
      std::to_string(joint_names_.size()));
  }
  now_.imu.has_quat = true;
  now_.imu.accel_B_m_s2 = {0.0, 0.0, kGravity_m_s2};
  history_.fill(now_);
}

auto MockBackend::joint_names() const -> const std::vector<std::string> & { return joint_names_; }
auto MockBackend::extra_names() const -> const std::vector<std::string> & { return extra_names_; }
auto MockBackend::extra_widths() const -> const std::vector<std::size_t> & { return extra_widths_; }
auto MockBackend::time_s() const noexcept -> double { return now_.stamp_s; }

auto MockBackend::recall(double age_s) const noexcept -> const StateSample &
{
  for (std::size_t back = 0; back < kHistory; ++back)
  {
    const auto & past = history_[(head_ + kHistory - back) % kHistory];
    if (now_.stamp_s - past.stamp_s >= age_s)
    {
      return past;
    }
  }
  return history_[(head_ + 1) % kHistory];
}

auto MockBackend::read(StateSample & sample) noexcept -> ReadResult
{
  const double value = fault_value_.load();
  switch (fault_.load())
  {
    case MockFault::none:
      sample = now_;
      break;
    case MockFault::silence:
      return {ReadStatus::silent, 0};
    case MockFault::nan:
      sample = now_;
      sample.pos[static_cast<std::size_t>(value)] = std::numeric_limits<double>::quiet_NaN();
      break;
    case MockFault::stuck:
      sample = history_[head_];
      break;
    case MockFault::delayed:
      sample = recall(value);
      break;
    case MockFault::error_code:
      return {ReadStatus::error, static_cast<std::int32_t>(value)};
  }
  return {ReadStatus::fresh, 0};
}

void MockBackend::write(const ActuatorOutput & output) noexcept { output_ = output; }

void MockBackend::advance(double period_s) noexcept
{
  for (std::size_t i = 0; i < joint_names_.size(); ++i)
  {
    const double effort = output_.effort_total[i];
    now_.vel[i] += (effort - kFriction * now_.vel[i]) / kInertia * period_s;
    now_.pos[i] += now_.vel[i] * period_s;
    now_.effort[i] = effort;
  }
  turn_base(roll_rad_.load(), period_s);
  now_.stamp_s += period_s;
  if (fault_.load() != MockFault::stuck)
  {
    head_ = (head_ + 1) % kHistory;
    history_[head_] = now_;
  }
}

void MockBackend::turn_base(double roll_rad, double period_s) noexcept
{
  // A step of the tilt is a turn within one period, which a gyro would see.
  now_.imu.gyro_B_rad_s = {(roll_rad - base_roll_rad_) / period_s, 0.0, 0.0};
  if (roll_rad == base_roll_rad_)
  {
    return;
  }
  base_roll_rad_ = roll_rad;
  now_.imu.quat_wxyz = {std::cos(roll_rad / 2.0), std::sin(roll_rad / 2.0), 0.0, 0.0};
  now_.imu.accel_B_m_s2 = {
    0.0, kGravity_m_s2 * std::sin(roll_rad), kGravity_m_s2 * std::cos(roll_rad)};
}

void MockBackend::check_period(double period_s) const
{
  if (!(period_s > 0.0))
  {
    throw std::invalid_argument("period_s must be positive, got " + std::to_string(period_s));
  }
}

void MockBackend::set_fault(MockFault fault, double value)
{
  const auto count = static_cast<double>(joint_names_.size());
  if (fault == MockFault::nan && !(value >= 0.0 && value < count))
  {
    throw std::invalid_argument(
      "joint index must be in [0, " + std::to_string(joint_names_.size()) + "), got " +
      std::to_string(value));
  }
  if (fault == MockFault::delayed && !(value >= 0.0 && value <= kDelayMax_s))
  {
    throw std::invalid_argument(
      "delay must be in [0, " + std::to_string(kDelayMax_s) + "] s, got " + std::to_string(value));
  }
  fault_.store(MockFault::none);
  fault_value_.store(value);
  fault_.store(fault);
}

void MockBackend::set_joint(std::size_t joint, double pos, double vel)
{
  if (joint >= joint_names_.size())
  {
    throw std::invalid_argument(
      "joint index must be in [0, " + std::to_string(joint_names_.size()) + "), got " +
      std::to_string(joint));
  }
  now_.pos[joint] = pos;
  now_.vel[joint] = vel;
  history_.fill(now_);
}

}  // namespace neuraxis
