// SPDX-License-Identifier: Apache-2.0
#include "wire_backend.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "neuraxis/rt.hpp"

namespace neuraxis
{
namespace
{

/// Fixed-axis roll, pitch, yaw of the IMU in base_link as a matrix, row-major.
[[nodiscard]] auto mount_of(const std::vector<double> & rpy) -> std::array<double, 9>
{
  const double cr = std::cos(rpy[0]), sr = std::sin(rpy[0]);
  const double cp = std::cos(rpy[1]), sp = std::sin(rpy[1]);
  const double cy = std::cos(rpy[2]), sy = std::sin(rpy[2]);
  return {
    cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr,  //
    sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr,  //
    -sp,     cp * sr,                cp * cr};
}

[[nodiscard]] auto turned(const std::array<double, 9> & m, double x, double y, double z)
  -> std::array<double, 3>
{
  return {
    m[0] * x + m[1] * y + m[2] * z, m[3] * x + m[4] * y + m[5] * z,
    m[6] * x + m[7] * y + m[8] * z};
}

}  // namespace

WireBackend::WireBackend(const BackendRequest & request)
: params_(request.backend, request.params),
  joint_names_(request.joints),
  space_(joint_names_, params_),
  receiver_(
    space_, params_.number("source_skew_s", 0.03, 1e-3, 1.0),
    !params_.text("imu_topic", "").empty(), params_.flag("stop_on_joint_error", true)),
  node_name_("neuraxis_" + request.backend),
  namespace_(request.node_namespace),
  imu_topic_(params_.text("imu_topic", "")),
  imu_mount_(mount_of(params_.numbers("imu_rpy", {0.0, 0.0, 0.0}))),
  rate_min_hz_(params_.number("state_rate_min_hz", 100.0, 0.0, 1e4)),
  rate_window_s_(params_.number("rate_window_s", 0.5, 0.05, 10.0)),
  silence_s_(params_.number("silence_s", 0.1, 1e-3, 10.0)),
  gap_max_s_(params_.number("command_gap_max_s", 0.03, 1e-3, 1.0)),
  damping_s_(params_.number("damping_s", 0.5, 0.0, 10.0)),
  probe_(params_.flag("probe", false)),
  check_owners_(params_.flag("check_owners", true)),
  names_(space_.groups().size()),
  writer_(
    params_.number("wire_rate_hz", 500.0, 1.0, 2000.0),
    params_.number("damping_kd", 5.0, 0.0, 100.0),
    static_cast<int>(params_.number("writer_priority", 0.0, 0.0, 99.0)))
{
  if (joint_names_.empty() || joint_names_.size() > kMaxJoints)
  {
    throw std::invalid_argument(
      "number of joints must be in [1, " + std::to_string(kMaxJoints) + "], got " +
      std::to_string(joint_names_.size()));
  }
  for (const auto * reliability : {"state_reliability", "command_reliability"})
  {
    (void)params_.choice(reliability, "best_effort", {"best_effort", "reliable"});
  }
  (void)params_.number("domain_id", -1.0, -1.0, 232.0);
}

WireBackend::~WireBackend() = default;

auto WireBackend::joint_names() const -> const std::vector<std::string> & { return joint_names_; }
auto WireBackend::extra_names() const -> const std::vector<std::string> & { return extra_names_; }
auto WireBackend::extra_widths() const -> const std::vector<std::size_t> &
{
  return extra_widths_;
}

auto WireBackend::time_s() const noexcept -> double
{
  return static_cast<double>(monotonic_ns()) * 1e-9;
}

void WireBackend::advance(double) noexcept {}

void WireBackend::check_period(double period_s) const
{
  if (!(period_s > 0.0 && period_s <= gap_max_s_))
  {
    throw std::invalid_argument(
      "period_s must be in (0, " + std::to_string(gap_max_s_) +
      "], the longest gap the robot allows between commands, got " + std::to_string(period_s));
  }
}

auto WireBackend::state_qos() const -> rclcpp::QoS
{
  rclcpp::QoS qos(rclcpp::KeepLast(5));
  qos.durability_volatile();
  return params_.text("state_reliability", "best_effort") == "reliable" ? qos.reliable()
                                                                       : qos.best_effort();
}

auto WireBackend::command_qos() const -> rclcpp::QoS
{
  rclcpp::QoS qos(rclcpp::KeepLast(1));
  qos.durability_volatile();
  return params_.text("command_reliability", "best_effort") == "reliable" ? qos.reliable()
                                                                         : qos.best_effort();
}

auto WireBackend::read(StateSample & sample) noexcept -> ReadResult
{
  const auto result = receiver_.read(time_s(), silence_s_, sample);
  if (result.status == ReadStatus::fresh)
  {
    outgoing_.pos = sample.pos;
    outgoing_.vel = sample.vel;
  }
  outgoing_.state_usable = result.status == ReadStatus::fresh;
  return result;
}

void WireBackend::write(const ActuatorOutput & output) noexcept
{
  if (commanding_.load(std::memory_order_relaxed))
  {
    outgoing_.output = output;
    writer_.post(outgoing_);
  }
}

auto WireBackend::check_names(std::size_t group, const std::vector<std::string> & names) -> Names &
{
  const std::lock_guard lock(names_mutex_);
  auto & known = names_[group];
  const auto wrong = resolve_names(space_.groups()[group], space_.aliases(), names, known.places);
  known.last = names;
  known.valid = wrong.empty();
  if (known.valid)
  {
    receiver_.clear_fault(group);
  }
  else
  {
    receiver_.set_fault(group, wire_fault::kNames, wrong);
  }
  return known;
}

auto WireBackend::spoken_names(std::size_t group) -> std::vector<std::string>
{
  const std::lock_guard lock(names_mutex_);
  const auto & known = names_[group];
  auto names = space_.groups()[group].names;
  for (std::size_t i = 0; known.valid && i < known.last.size(); ++i)
  {
    if (!known.last[i].empty())
    {
      names[known.places[i]] = known.last[i];
    }
  }
  return names;
}

void WireBackend::listen_to_imu()
{
  if (imu_topic_.empty())
  {
    return;
  }
  imu_ = node_->node().create_subscription<sensor_msgs::msg::Imu>(
    imu_topic_, state_qos(),
    [this](const sensor_msgs::msg::Imu & message)
    {
      auto & imu = receiver_.imu();
      const auto & gyro = message.angular_velocity;
      const auto & accel = message.linear_acceleration;
      const auto & quat = message.orientation;
      imu.gyro_B_rad_s = turned(imu_mount_, gyro.x, gyro.y, gyro.z);
      imu.accel_B_m_s2 = turned(imu_mount_, accel.x, accel.y, accel.z);
      const double norm = std::hypot(std::hypot(quat.w, quat.x), std::hypot(quat.y, quat.z));
      // By sensor_msgs/Imu, -1 says that there is no orientation. A turned mount would turn it
      // too; then the cord's own filter is the one to ask.
      imu.has_quat = message.orientation_covariance[0] != -1.0 && imu_mount_[0] == 1.0 &&
        imu_mount_[4] == 1.0;
      if (imu.has_quat && !(std::abs(norm - 1.0) < 0.05))
      {
        receiver_.set_fault(
          receiver_.imu_source(), wire_fault::kImu,
          "the orientation on " + imu_topic_ + " is no unit quaternion");
        return;
      }
      if (imu.has_quat)
      {
        imu.quat_wxyz = {quat.w / norm, quat.x / norm, quat.y / norm, quat.z / norm};
      }
      receiver_.clear_fault(receiver_.imu_source());
      receiver_.imu_arrived(time_s());
    });
}

}  // namespace neuraxis
