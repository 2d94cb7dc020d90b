// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/socketcan_mit_backend.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace neuraxis
{
namespace
{

/// Frames that one read takes from a bus at most, so that a babbling bus cannot hold up the loop.
constexpr int kFramesPerRead = 256;
/// Wire time of a frame with eight bytes, stuffing included: classic at 1 Mbit/s, FD at 1/5 Mbit/s.
constexpr double kClassicFrame_s = 130e-6;
constexpr double kFdFrame_s = 60e-6;

[[nodiscard]] auto to_drive(const CanDrive & drive, const MotorCommand & joint) noexcept
  -> MotorCommand
{
  const double turn = drive.sign * drive.ratio;
  const double gain = 1.0 / (drive.ratio * drive.ratio);
  return {
    turn * (joint.pos - drive.offset_rad), turn * joint.vel, gain * joint.kp, gain * joint.kd,
    drive.sign / drive.ratio * joint.torque};
}

}  // namespace

SocketcanMitBackend::SocketcanMitBackend(std::vector<std::string> joint_names, CanMitConfig config)
: joint_names_(std::move(joint_names)), config_(std::move(config))
{
  for (const auto & drive : config_.drives)
  {
    const auto joint = std::find(joint_names_.begin(), joint_names_.end(), drive.joint);
    if (joint == joint_names_.end())
    {
      throw std::invalid_argument("drive for joint '" + drive.joint + "', which is not commanded");
    }
    auto & bus = buses_[drive.bus];
    if (!bus)
    {
      bus = std::make_unique<CanBus>(drive.bus, config_.fd);
    }
    Slot slot;
    slot.drive = drive;
    slot.joint = static_cast<std::size_t>(joint - joint_names_.begin());
    slot.bus = bus.get();
    for (const auto & other : slots_)
    {
      const bool same_id = other.drive.address.can_id == drive.address.can_id;
      if (other.joint == slot.joint || (other.bus == slot.bus && same_id))
      {
        throw std::invalid_argument(
          "joints '" + other.drive.joint + "' and '" + drive.joint + "' share a drive: bus '" +
          drive.bus + "', id " + std::to_string(drive.address.can_id));
      }
    }
    slots_.push_back(slot);
  }
}

SocketcanMitBackend::~SocketcanMitBackend() { release(); }

auto SocketcanMitBackend::joint_names() const -> const std::vector<std::string> &
{
  return joint_names_;
}
auto SocketcanMitBackend::extra_names() const -> const std::vector<std::string> & { return none_; }
auto SocketcanMitBackend::extra_widths() const -> const std::vector<std::size_t> &
{
  return no_widths_;
}
auto SocketcanMitBackend::time_s() const noexcept -> double
{
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

auto SocketcanMitBackend::who(const Slot & slot) const -> std::string
{
  return "joint '" + slot.drive.joint + "' (" + slot.drive.model.name + " on bus '" +
    slot.drive.bus + "', id " + std::to_string(slot.drive.address.can_id) + ")";
}

auto SocketcanMitBackend::health(const std::string & bus) const -> const CanHealth &
{
  return buses_.at(bus)->health();
}

void SocketcanMitBackend::check_period(double period_s) const
{
  if (!(period_s > 0.0) || period_s > config_.reply_timeout_s)
  {
    throw std::invalid_argument(
      "period_s must be in (0, " + std::to_string(config_.reply_timeout_s) +
      "] (reply_timeout_s), got " + std::to_string(period_s));
  }
  const double frame_s = config_.fd ? kFdFrame_s : kClassicFrame_s;
  for (const auto & [name, bus] : buses_)
  {
    const auto count = std::count_if(
      slots_.begin(), slots_.end(),
      [other = bus.get()](const Slot & slot) { return slot.bus == other; });
    // A command and a reply per drive and cycle.
    const auto most = static_cast<std::ptrdiff_t>(period_s / (2.0 * frame_s));
    if (name.rfind("unix:", 0) != 0 && count > most)
    {
      std::ostringstream text;
      text << "bus '" << name << "' carries at most " << most << " drives with "
           << (config_.fd ? "FD" : "classic") << " frames every " << period_s << " s, got "
           << count;
      throw std::invalid_argument(text.str());
    }
  }
}

void SocketcanMitBackend::take(const CanFrame & frame, const CanBus & bus, double now_s) noexcept
{
  for (auto & slot : slots_)
  {
    const auto & drive = slot.drive;
    if (
      slot.bus == &bus && (frame.can_id & CAN_ERR_FLAG) == 0U &&
      decode_reply(drive.model, drive.address, frame, slot.reply) == Match::ours)
    {
      slot.heard_s = now_s;
      return;
    }
  }
}

void SocketcanMitBackend::drain() noexcept
{
  CanFrame frame;
  const double now_s = time_s();
  for (const auto & [name, bus] : buses_)
  {
    for (int i = 0; i < kFramesPerRead && bus->receive(frame); ++i)
    {
      take(frame, *bus, now_s);
    }
  }
}

void SocketcanMitBackend::send_command(const Slot & slot, const MotorCommand & joint) noexcept
{
  CanFrame frame;
  const auto & drive = slot.drive;
  clamped_ += encode_command(drive.model, drive.address, to_drive(drive, joint), frame);
  slot.bus->send(frame);
}

void SocketcanMitBackend::send_request(const Slot & slot, DriveRequest request) noexcept
{
  CanFrame frame;
  if (encode_request(slot.drive.model, slot.drive.address, request, frame))
  {
    slot.bus->send(frame);
  }
}

auto SocketcanMitBackend::read(StateSample & sample) noexcept -> ReadResult
{
  drain();
  for (const auto & [name, bus] : buses_)
  {
    if (bus->health().bus_off)
    {
      return {ReadStatus::error, kCanBusOff};
    }
  }
  double oldest_s = time_s();
  const double limit_s = oldest_s - config_.reply_timeout_s;
  for (const auto & slot : slots_)
  {
    const auto & reply = slot.reply;
    const auto & drive = slot.drive;
    const auto i = slot.joint;
    if (reply.error != 0)
    {
      return {
        ReadStatus::error, static_cast<std::int32_t>(i) * kCanErrorPerJoint + reply.error};
    }
    oldest_s = std::min(oldest_s, slot.heard_s);
    sample.pos[i] = drive.sign * reply.pos / drive.ratio + drive.offset_rad;
    sample.vel[i] = drive.sign * reply.vel / drive.ratio;
    sample.effort[i] = drive.sign * reply.torque * drive.ratio;
    sample.temperature_C[i] = reply.temperature_C;
    sample.joint_error[i] = reply.error;
  }
  if (oldest_s < limit_s)
  {
    return {ReadStatus::silent, 0};
  }
  // As old as the drive heard longest ago: one that falls silent lets the stamp stand still.
  sample.stamp_s = stamp_s_ = std::max(oldest_s, stamp_s_);
  return {ReadStatus::fresh, 0};
}

void SocketcanMitBackend::write(const ActuatorOutput & output) noexcept
{
  const auto & target = output.target;
  for (const auto & slot : slots_)
  {
    const auto i = slot.joint;
    send_command(
      slot, {target.pos[i], target.vel[i], target.kp[i], target.kd[i], target.effort[i]});
  }
}

}  // namespace neuraxis
