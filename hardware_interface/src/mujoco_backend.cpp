// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/mujoco_backend.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "neuraxis/mujoco_model.hpp"

namespace neuraxis
{

MujocoBackend::MujocoBackend(
  const std::string & model_path, std::vector<std::string> joint_names,
  const MujocoSensors & sensors)
: joint_names_(std::move(joint_names)),
  model_(load_mujoco_model(model_path)),
  data_(mj_makeData(model_.get())),
  snapshots_(SimSnapshot{
    0.0, std::vector<double>(static_cast<std::size_t>(model_->nq)),
    std::vector<double>(static_cast<std::size_t>(model_->nv))}),
  wrenches_W_(6 * static_cast<std::size_t>(model_->nbody), 0.0),
  wrench_box_(wrenches_W_)
{
  if (!data_)
  {
    throw std::invalid_argument("model file '" + model_path + "': no memory for its data");
  }
  if (joint_names_.empty() || joint_names_.size() > kMaxJoints)
  {
    throw std::invalid_argument(
      "number of joints must be in [1, " + std::to_string(kMaxJoints) + "], got " +
      std::to_string(joint_names_.size()));
  }
  for (const auto & name : joint_names_)
  {
    map_joint(name);
  }
  map_sensors(sensors);
  prime_warnings();
  mj_forward(model_.get(), data_.get());
  publish();
}

void MujocoBackend::map_joint(const std::string & name)
{
  const auto * m = model_.get();
  const int joint = mj_name2id(m, mjOBJ_JOINT, name.c_str());
  if (joint < 0)
  {
    throw std::invalid_argument("the model has no joint '" + name + "'");
  }
  if (m->jnt_type[joint] != mjJNT_HINGE && m->jnt_type[joint] != mjJNT_SLIDE)
  {
    throw std::invalid_argument("joint '" + name + "' is neither a hinge nor a slide");
  }
  const int actuator = mj_name2id(m, mjOBJ_ACTUATOR, name.c_str());
  if (actuator < 0)
  {
    throw std::invalid_argument("the model has no actuator '" + name + "'");
  }
  const bool drives_joint =
    m->actuator_trntype[actuator] == mjTRN_JOINT && m->actuator_trnid[2 * actuator] == joint;
  const bool is_motor = m->actuator_gaintype[actuator] == mjGAIN_FIXED &&
    m->actuator_gainprm[actuator * mjNGAIN] == 1.0 &&
    m->actuator_biastype[actuator] == mjBIAS_NONE &&
    m->actuator_gear[6 * m->actuator_outadr[actuator]] == 1.0;
  if (!drives_joint || !is_motor)
  {
    throw std::invalid_argument(
      "actuator '" + name + "' must be a motor of gear 1 on the joint of its name");
  }
  joints_.push_back({m->jnt_qposadr[joint], m->jnt_dofadr[joint], m->actuator_ctrladr[actuator]});
}

auto MujocoBackend::find_sensor(const std::string & name) const -> SensorSlot
{
  if (name.empty())
  {
    return {};
  }
  const int sensor = mj_name2id(model_.get(), mjOBJ_SENSOR, name.c_str());
  if (sensor < 0)
  {
    throw std::invalid_argument("the model has no sensor '" + name + "'");
  }
  return {model_->sensor_adr[sensor], model_->sensor_dim[sensor]};
}

void MujocoBackend::map_sensors(const MujocoSensors & sensors)
{
  const auto find_sized = [this](const std::string & name, int width)
  {
    const auto slot = find_sensor(name);
    if (slot.address >= 0 && slot.width != width)
    {
      throw std::invalid_argument(
        "sensor '" + name + "' has " + std::to_string(slot.width) + " values, need " +
        std::to_string(width));
    }
    return slot;
  };
  quat_ = find_sized(sensors.quat, 4);
  gyro_ = find_sized(sensors.gyro, 3);
  accel_ = find_sized(sensors.accel, 3);
  if (sensors.feet.size() > 2)
  {
    throw std::invalid_argument(
      "there are two feet at most, got " + std::to_string(sensors.feet.size()) + " sensors");
  }
  for (const auto & name : sensors.feet)
  {
    feet_.push_back(find_sensor(name));
  }
  std::size_t total = 0;
  for (const auto & name : sensors.extra)
  {
    const auto slot = find_sensor(name);
    extra_.push_back(slot);
    extra_names_.push_back(name);
    extra_widths_.push_back(static_cast<std::size_t>(slot.width));
    total += static_cast<std::size_t>(slot.width);
  }
  if (total > kMaxExtra)
  {
    throw std::invalid_argument(
      "extra sensors have " + std::to_string(total) + " values, at most " +
      std::to_string(kMaxExtra) + " fit");
  }
}

auto MujocoBackend::joint_names() const -> const std::vector<std::string> & { return joint_names_; }
auto MujocoBackend::extra_names() const -> const std::vector<std::string> & { return extra_names_; }
auto MujocoBackend::extra_widths() const -> const std::vector<std::size_t> &
{
  return extra_widths_;
}
auto MujocoBackend::time_s() const noexcept -> double { return data_->time; }

auto MujocoBackend::foot_force(const SensorSlot & slot) const noexcept -> double
{
  const double * values = data_->sensordata + slot.address;
  return slot.width == 3 ? std::abs(values[2]) : values[0];
}

void MujocoBackend::prime_warnings() noexcept
{
  // MuJoCo prints the first warning of each kind, into a file too: not in this loop.
  for (auto & warning : data_->warning)
  {
    warning.number = 1;
  }
  divergence_ = 0;
  warning_count_.store(0, std::memory_order_relaxed);
}

void MujocoBackend::look_at_warnings() noexcept
{
  int count = -mjNWARNING;
  for (const auto & warning : data_->warning)
  {
    count += warning.number;
  }
  if (count == warning_count_.load(std::memory_order_relaxed))
  {
    return;
  }
  warning_count_.store(count, std::memory_order_relaxed);
  for (const int kind : {mjWARN_BADQPOS, mjWARN_BADQVEL, mjWARN_BADQACC})
  {
    if (data_->warning[kind].number > 1)
    {
      divergence_ = kind + 1;
    }
  }
}

auto MujocoBackend::read(StateSample & sample) noexcept -> ReadResult
{
  if (divergence_ != 0)
  {
    return {ReadStatus::error, divergence_};
  }
  const auto * d = data_.get();
  sample.stamp_s = d->time;
  for (std::size_t i = 0; i < joints_.size(); ++i)
  {
    sample.pos[i] = d->qpos[joints_[i].qpos];
    sample.vel[i] = d->qvel[joints_[i].dof];
    sample.effort[i] = d->qfrc_actuator[joints_[i].dof];
  }
  const auto copy = [d](const SensorSlot & slot, double * to)
  {
    if (slot.address >= 0)
    {
      std::copy_n(d->sensordata + slot.address, slot.width, to);
    }
  };
  copy(quat_, sample.imu.quat_wxyz.data());
  copy(gyro_, sample.imu.gyro_B_rad_s.data());
  copy(accel_, sample.imu.accel_B_m_s2.data());
  sample.imu.has_quat = quat_.address >= 0;
  for (std::size_t i = 0; i < feet_.size(); ++i)
  {
    sample.foot_force_N[i] = foot_force(feet_[i]);
  }
  double * to = sample.extra.data();
  for (const auto & slot : extra_)
  {
    copy(slot, to);
    to += slot.width;
  }
  return {ReadStatus::fresh, 0};
}

void MujocoBackend::write(const ActuatorOutput & output) noexcept
{
  for (std::size_t i = 0; i < joints_.size(); ++i)
  {
    data_->ctrl[joints_[i].ctrl] = output.effort_total[i];
  }
}

void MujocoBackend::advance(double period_s) noexcept
{
  if (wrench_box_.update())
  {
    const auto & wrenches = wrench_box_.front();
    std::copy(wrenches.begin(), wrenches.end(), data_->xfrc_applied);
  }
  if (divergence_ != 0)
  {
    data_->time += period_s;
    return;
  }
  const auto steps = std::lround(period_s / model_->opt.timestep);
  for (long i = 0; i < steps; ++i)
  {
    mj_step(model_.get(), data_.get());
  }
  look_at_warnings();
  if (divergence_ == 0)
  {
    publish();
  }
}

void MujocoBackend::publish() noexcept
{
  auto & slot = snapshots_.back();
  slot.time_s = data_->time;
  std::copy_n(data_->qpos, slot.qpos.size(), slot.qpos.begin());
  std::copy_n(data_->qvel, slot.qvel.size(), slot.qvel.begin());
  snapshots_.publish();
}

void MujocoBackend::check_period(double period_s) const
{
  const double timestep_s = model_->opt.timestep;
  const double ratio = period_s / timestep_s;
  if (!(ratio > 0.5) || std::abs(ratio - std::round(ratio)) > 1e-6 * ratio)
  {
    throw std::invalid_argument(
      "period_s must be a multiple of the model's timestep " + std::to_string(timestep_s) +
      " s, got " + std::to_string(period_s));
  }
}

auto MujocoBackend::qpos_size() const noexcept -> std::size_t
{
  return static_cast<std::size_t>(model_->nq);
}

auto MujocoBackend::qvel_size() const noexcept -> std::size_t
{
  return static_cast<std::size_t>(model_->nv);
}

auto MujocoBackend::snapshot() -> SimSnapshot
{
  const std::lock_guard<std::mutex> lock(snapshot_mutex_);
  snapshots_.update();
  return snapshots_.front();
}

void MujocoBackend::check_state(
  const std::vector<double> & qpos, const std::vector<double> & qvel) const
{
  const auto require = [](const char * what, const std::vector<double> & got, std::size_t need)
  {
    if (got.size() != need)
    {
      throw std::invalid_argument(
        std::string(what) + " must have " + std::to_string(need) + " values, got " +
        std::to_string(got.size()));
    }
    if (!std::all_of(got.begin(), got.end(), [](double value) { return std::isfinite(value); }))
    {
      throw std::invalid_argument(std::string(what) + " must be finite");
    }
  };
  require("qpos", qpos, qpos_size());
  require("qvel", qvel, qvel_size());
}

void MujocoBackend::put(const std::vector<double> & qpos, const std::vector<double> & qvel)
{
  std::copy(qpos.begin(), qpos.end(), data_->qpos);
  std::copy(qvel.begin(), qvel.end(), data_->qvel);
  mj_forward(model_.get(), data_.get());
  publish();
}

void MujocoBackend::set_state(
  const std::vector<double> & qpos, const std::vector<double> & qvel, double time_s)
{
  check_state(qpos, qvel);
  if (!std::isfinite(time_s))
  {
    throw std::invalid_argument("time_s must be finite");
  }
  const std::lock_guard<std::mutex> lock(wrench_mutex_);
  std::fill(wrenches_W_.begin(), wrenches_W_.end(), 0.0);
  wrench_box_.write(wrenches_W_);
  mj_resetData(model_.get(), data_.get());
  data_->time = time_s;
  prime_warnings();
  put(qpos, qvel);
}

void MujocoBackend::place_at_keyframe(const std::string & name)
{
  const auto * m = model_.get();
  const int key = mj_name2id(m, mjOBJ_KEY, name.c_str());
  if (key < 0)
  {
    throw std::invalid_argument("the model has no keyframe '" + name + "'");
  }
  const double * qpos = m->key_qpos + static_cast<std::ptrdiff_t>(key) * m->nq;
  const double * qvel = m->key_qvel + static_cast<std::ptrdiff_t>(key) * m->nv;
  set_state({qpos, qpos + m->nq}, {qvel, qvel + m->nv}, m->key_time[key]);
}

void MujocoBackend::edit_state(const std::vector<double> & qpos, const std::vector<double> & qvel)
{
  check_state(qpos, qvel);
  if (divergence_ == 0)
  {
    put(qpos, qvel);
  }
}

void MujocoBackend::set_external_wrench(
  const std::string & body, const std::array<double, 6> & wrench_W)
{
  const int id = mj_name2id(model_.get(), mjOBJ_BODY, body.c_str());
  if (id < 0)
  {
    throw std::invalid_argument("the model has no body '" + body + "'");
  }
  if (!std::all_of(wrench_W.begin(), wrench_W.end(), [](double v) { return std::isfinite(v); }))
  {
    throw std::invalid_argument("wrench on body '" + body + "' must be finite");
  }
  const std::lock_guard<std::mutex> lock(wrench_mutex_);
  std::copy(wrench_W.begin(), wrench_W.end(), wrenches_W_.begin() + 6 * id);
  wrench_box_.write(wrenches_W_);
}

}  // namespace neuraxis
