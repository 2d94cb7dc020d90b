// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/socketcan_mit_backend.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace neuraxis
{
namespace
{

/// Time in which a drive is asked again where it has not answered, off the loop.
constexpr double kAskAgain_s = 0.01;
constexpr auto kNap = std::chrono::microseconds(200);
/// Damping before the drives are let go, and the pace of its frames.
constexpr double kRelease_s = 0.1;
constexpr auto kReleasePace = std::chrono::milliseconds(5);
/// Drives keep float32 of round figures, and the watchdog in counts.
constexpr double kTolerance = 1e-3;
/// Frames that one read takes from a bus at most, so that a babbling bus cannot hold up the loop.
constexpr int kFramesPerRead = 256;
/// Wire time of a frame with eight bytes, stuffing included: classic at 1 Mbit/s, FD at 1/5 Mbit/s.
constexpr double kClassicFrame_s = 130e-6;
constexpr double kFdFrame_s = 60e-6;

[[nodiscard]] auto steady_s() noexcept -> double
{
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
    .count();
}

[[nodiscard]] auto to_drive(const CanDrive & drive, const MotorCommand & joint) noexcept
  -> MotorCommand
{
  const double turn = drive.sign * drive.ratio;
  const double gain = 1.0 / (drive.ratio * drive.ratio);
  return {
    turn * (joint.pos - drive.offset_rad), turn * joint.vel, gain * joint.kp, gain * joint.kd,
    drive.sign / drive.ratio * joint.torque};
}

/// What a parameter of the drive has to be for the commands to mean what they say.
struct Wanted
{
  DriveParameter which;
  double value;
  const char * name;
};

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
      if (other.joint == slot.joint || (other.bus == slot.bus && other.drive.address.can_id == drive.address.can_id))
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
auto SocketcanMitBackend::extra_names() const -> const std::vector<std::string> &
{
  return extra_names_;
}
auto SocketcanMitBackend::extra_widths() const -> const std::vector<std::size_t> &
{
  return extra_widths_;
}
auto SocketcanMitBackend::time_s() const noexcept -> double { return steady_s(); }

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
           << (config_.fd ? "FD" : "classic") << " frames every " << period_s << " s, got " << count;
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
  const double now_s = steady_s();
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

auto SocketcanMitBackend::ask(const Slot & slot, DriveParameter which, double until_s) -> double
{
  CanFrame frame;
  const auto & drive = slot.drive;
  double asked_s = -kAskAgain_s;
  while (steady_s() < until_s)
  {
    if (steady_s() - asked_s > kAskAgain_s)
    {
      asked_s = steady_s();
      encode_parameter_read(drive.model, drive.address, which, frame);
      slot.bus->send(frame);
    }
    while (slot.bus->receive(frame))
    {
      if (const auto value = decode_parameter(drive.model, drive.address, which, frame); value)
      {
        return *value;
      }
    }
    std::this_thread::sleep_for(kNap);
  }
  throw std::runtime_error(who(slot) + " did not answer when asked for its parameters");
}

void SocketcanMitBackend::check_parameters(const Slot & slot, double until_s)
{
  const auto & drive = slot.drive;
  const std::array<Wanted, 5> wanted{
    {{DriveParameter::p_max, drive.model.p_max, "position scale"},
     {DriveParameter::v_max, drive.model.v_max, "velocity scale"},
     {DriveParameter::t_max, drive.model.t_max, "torque scale"},
     {DriveParameter::mit_mode, 1.0, "control mode"},
     {DriveParameter::watchdog_s, config_.drive_timeout_s, "time-out"}}};
  for (const auto & [which, expected, name] : wanted)
  {
    if (!has_parameter(drive.model.family, which))
    {
      continue;
    }
    CanFrame frame;
    // Ranges are the drive's own; mode and time-out are ours to set.
    if (which == DriveParameter::watchdog_s || which == DriveParameter::mit_mode)
    {
      encode_parameter_write(drive.model, drive.address, which, expected, frame);
      slot.bus->send(frame);
    }
    const double found = ask(slot, which, until_s);
    if (!(std::abs(found - expected) <= kTolerance * expected))
    {
      std::ostringstream text;
      text << who(slot) << ": the drive's " << name << " is " << found << ", it must be "
           << expected << " for motor '" << drive.model.name << "'";
      throw std::runtime_error(text.str());
    }
  }
}

void SocketcanMitBackend::wait_reply(Slot & slot, double since_s, double until_s, const char * to)
{
  double asked_s = -kAskAgain_s;
  while (slot.heard_s <= since_s)
  {
    const double now_s = steady_s();
    if (now_s > until_s)
    {
      throw std::runtime_error(who(slot) + " did not answer to " + to + " in time");
    }
    if (now_s - asked_s > kAskAgain_s)
    {
      asked_s = now_s;
      send_request(slot, DriveRequest::enable);
      slot.enabled = true;
      // Makes the drive say where it is; damped, because a limb may hang on it.
      send_command(slot, {0.0, 0.0, 0.0, config_.release_kd, 0.0});
    }
    drain();
    if (slot.bus->health().bus_off)
    {
      throw std::runtime_error(who(slot) + ": the bus is off");
    }
    std::this_thread::sleep_for(kNap);
  }
}

void SocketcanMitBackend::prepare(Slot & slot, double until_s)
{
  send_request(slot, DriveRequest::clear_error);
  check_parameters(slot, until_s);
  wait_reply(slot, steady_s(), until_s, "enable");
  if (slot.reply.error != 0)
  {
    throw std::runtime_error(who(slot) + ": " + error_text(slot.drive.model.family, slot.reply.error));
  }
}

void SocketcanMitBackend::activate(double timeout_s)
{
  const double until_s = steady_s() + timeout_s;
  clamped_ = 0;
  try
  {
    for (const auto & [name, bus] : buses_)
    {
      bus->open();
    }
    for (auto & slot : slots_)
    {
      slot.heard_s = -std::numeric_limits<double>::infinity();
      prepare(slot, until_s);
    }
    // The first ones have grown old while the last ones were enabled.
    const double since_s = steady_s();
    for (auto & slot : slots_)
    {
      wait_reply(slot, since_s, until_s, "a first command");
    }
  }
  catch (...)
  {
    release();
    throw;
  }
}

void SocketcanMitBackend::deactivate(double timeout_s)
{
  const double until_s = steady_s() + std::min(kRelease_s, timeout_s);
  const MotorCommand damped{0.0, 0.0, 0.0, config_.release_kd, 0.0};
  while (steady_s() < until_s)
  {
    for (const auto & slot : slots_)
    {
      send_command(slot, damped);
    }
    drain();
    std::this_thread::sleep_for(kReleasePace);
  }
  std::string deaf;
  for (const auto & slot : slots_)
  {
    const bool heard = slot.enabled && steady_s() - slot.heard_s < kRelease_s;
    deaf += heard ? "" : (deaf.empty() ? "" : ", ") + who(slot);
  }
  release();
  if (!deaf.empty())
  {
    throw std::runtime_error("let go without an answer from " + deaf);
  }
}

void SocketcanMitBackend::release() noexcept
{
  for (auto & slot : slots_)
  {
    if (slot.enabled && slot.bus->is_open())
    {
      send_request(slot, DriveRequest::disable);
    }
    slot.enabled = false;
  }
  for (const auto & [name, bus] : buses_)
  {
    bus->close();
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
  double oldest_s = steady_s();
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
  // A stamp that stands still would hide a drive that fell silent a moment ago.
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
