// SPDX-License-Identifier: Apache-2.0
// The names of the bridge's interfaces and the values behind them.
#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "cord_bridge.hpp"

namespace neuraxis
{
namespace
{

constexpr std::array kImuNames{
  "orientation.x",
  "orientation.y",
  "orientation.z",
  "orientation.w",
  "angular_velocity.x",
  "angular_velocity.y",
  "angular_velocity.z",
  "linear_acceleration.x",
  "linear_acceleration.y",
  "linear_acceleration.z"};
constexpr std::array kFootSensors{"left_sole", "right_sole"};
constexpr const char * kImuSensor = "imu_link";
constexpr const char * kFootInterface = "force.z";
constexpr const char * kBatterySensor = "battery";
constexpr std::array kBatteryNames{"percentage", "voltage", "current", "temperature"};
/// Percentiles cost some microseconds: one histogram every this many cycles.
constexpr std::uint64_t kShowEvery = 512;

static_assert(
  kGpioStateNames.size() == static_cast<std::size_t>(GpioState::period_us_max) + 1,
  "one name per state interface of the GPIO");

template <typename Names>
[[nodiscard]] auto index_in(const Names & names, const std::string & name) -> std::size_t
{
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

}  // namespace

auto command_names(const BridgeConfig & config) -> CommandNames
{
  return {"position", "velocity", "effort", config.kp_interface, config.kd_interface};
}

auto known_sensor_interfaces(const std::string & sensor) -> std::vector<std::string>
{
  if (sensor == kImuSensor)
  {
    return {kImuNames.begin(), kImuNames.end()};
  }
  if (index_in(kFootSensors, sensor) < kFootSensors.size())
  {
    return {kFootInterface};
  }
  if (sensor == kBatterySensor)
  {
    return {kBatteryNames.begin(), kBatteryNames.end()};
  }
  throw std::invalid_argument(
    "sensor '" + sensor + "' is unknown, known are " + kImuSensor + ", " + kFootSensors[0] + ", " +
    kFootSensors[1] + ", " + kBatterySensor);
}

auto CordBridge::joint_names() const -> std::vector<std::string>
{
  std::vector<std::string> names;
  for (const auto & joint : config_.cord.joints)
  {
    names.push_back(joint.name);
  }
  return names;
}

auto CordBridge::state_points() -> std::vector<InterfacePoint>
{
  const std::array rows{&pos_, &vel_, &effort_, &temperature_, &error_};
  const std::array<std::string, 5> names{
    "position", "velocity", "effort", "temperature", "error_code"};
  std::vector<InterfacePoint> points;
  for (std::size_t i = 0; i < count_; ++i)
  {
    for (const auto & name : spec_.joints[i].state_interfaces)
    {
      auto & row = *rows[index_in(names, name)];
      points.push_back({spec_.joints[i].name, name, &row[i]});
    }
  }
  for (const auto & sensor : spec_.sensors)
  {
    for (const auto & name : sensor.state_interfaces)
    {
      points.push_back({sensor.name, name, &sensor_value(sensor.name, name)});
    }
  }
  for (const auto & gpio : spec_.gpios)
  {
    for (const auto & name : gpio.state_interfaces)
    {
      points.push_back({gpio.name, name, &gpio_state_[index_in(kGpioStateNames, name)]});
    }
  }
  return points;
}

auto CordBridge::sensor_value(const std::string & sensor, const std::string & name) -> double &
{
  if (sensor == kBatterySensor)
  {
    return battery_[index_in(kBatteryNames, name)];
  }
  const auto foot = index_in(kFootSensors, sensor);
  return foot < feet_.size() ? feet_[foot] : imu_[index_in(kImuNames, name)];
}

auto CordBridge::command_points() -> std::vector<InterfacePoint>
{
  std::vector<InterfacePoint> points;
  for (const auto & joint : spec_.joints)
  {
    for (const auto & name : joint.command_interfaces)
    {
      const auto & claim = claims_.at(joint.name + "/" + name);
      points.push_back({joint.name, name, &command_row(claim.bit)[claim.joint]});
    }
  }
  for (const auto & gpio : spec_.gpios)
  {
    for (const auto & name : gpio.command_interfaces)
    {
      points.push_back({gpio.name, name, &gpio_command_[index_in(kGpioCommandNames, name)]});
    }
  }
  return points;
}

auto CordBridge::command_row(CommandBit bit) noexcept -> JointArray &
{
  switch (bit)
  {
    case CommandBit::position:
      return commanded_.pos;
    case CommandBit::velocity:
      return commanded_.vel;
    case CommandBit::effort:
      return commanded_.effort;
    case CommandBit::kp:
      return commanded_.kp;
    case CommandBit::kd:
      break;
  }
  return commanded_.kd;
}

auto CordBridge::gpio(GpioState state) noexcept -> double &
{
  return gpio_state_[static_cast<std::size_t>(state)];
}

auto CordBridge::gpio(GpioCommand command) const noexcept -> double
{
  return gpio_command_[static_cast<std::size_t>(command)];
}

void CordBridge::clear_commands() noexcept
{
  const auto nothing = filled(std::numeric_limits<double>::quiet_NaN());
  commanded_ = {nothing, nothing, nothing, nothing, nothing};
  gpio_command_.fill(0.0);
}

void CordBridge::show_sample(const StateSample & sample) noexcept
{
  pos_ = sample.pos;
  vel_ = sample.vel;
  effort_ = sample.effort;
  temperature_ = sample.temperature_C;
  std::copy(sample.joint_error.begin(), sample.joint_error.end(), error_.begin());
  const bool filtered = config_.cord.use_filter_quat || !sample.imu.has_quat;
  const auto & quat = filtered ? cord_.status().filter_quat_wxyz : sample.imu.quat_wxyz;
  std::copy_n(quat.begin() + 1, 3, imu_.begin());
  imu_[3] = quat[0];
  std::copy_n(sample.imu.gyro_B_rad_s.begin(), 3, imu_.begin() + 4);
  std::copy_n(sample.imu.accel_B_m_s2.begin(), 3, imu_.begin() + 7);
  feet_ = sample.foot_force_N;
  const auto & battery = sample.battery;
  battery_ = {battery.charge, battery.voltage_V, battery.current_A, battery.temperature_C};
  gpio(GpioState::battery_charge) = battery.charge;
  gpio(GpioState::safety_state) = sample.safety_state;
}

void CordBridge::show_status(double now_s) noexcept
{
  const auto & status = cord_.status();
  const auto & rejected = status.counters.commands_rejected;
  gpio(GpioState::level) = static_cast<double>(status.level);
  gpio(GpioState::latched) = status.latched ? 1.0 : 0.0;
  gpio(GpioState::reason) = static_cast<double>(status.cause.reason);
  gpio(GpioState::reason_value) = status.cause.value;
  gpio(GpioState::reason_bound) = status.cause.bound;
  gpio(GpioState::tilt) = status.tilt_rad;
  gpio(GpioState::time) = now_s;
  gpio(GpioState::cycles) = static_cast<double>(status.counters.cycles);
  gpio(GpioState::accepted) = static_cast<double>(status.counters.commands_accepted);
  gpio(GpioState::rejected) =
    static_cast<double>(std::accumulate(rejected.begin(), rejected.end(), std::uint64_t{0}));
  gpio(GpioState::last_rejection) = static_cast<double>(status.last_rejection.reason);
  gpio(GpioState::last_rejection_joint) = static_cast<double>(status.last_rejection.joint);
  gpio(GpioState::last_rejection_value) = status.last_rejection.value;
  gpio(GpioState::last_rejection_lower) = status.last_rejection.lower;
  gpio(GpioState::last_rejection_upper) = status.last_rejection.upper;
  gpio(GpioState::error_code) = error_code_;
}

void CordBridge::show_durations(std::uint64_t cycle) noexcept
{
  if (cycle % kShowEvery != 0)
  {
    return;
  }
  const bool cycles = cycle % (2 * kShowEvery) == 0;
  const auto summary = (cycles ? cycle_ns_ : period_ns_).summary();
  gpio(cycles ? GpioState::cycle_us_p50 : GpioState::period_us_p50) = summary.p50_us;
  gpio(cycles ? GpioState::cycle_us_p99 : GpioState::period_us_p99) = summary.p99_us;
  gpio(cycles ? GpioState::cycle_us_p999 : GpioState::period_us_p999) = summary.p999_us;
  gpio(cycles ? GpioState::cycle_us_max : GpioState::period_us_max) = summary.max_us;
}

}  // namespace neuraxis
