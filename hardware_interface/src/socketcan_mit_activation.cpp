// SPDX-License-Identifier: Apache-2.0
// Taking drives over and letting them go: off the loop, with deadlines.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "neuraxis/socketcan_mit_backend.hpp"

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

/// What a parameter of the drive has to be for the commands to mean what they say.
struct Wanted
{
  DriveParameter which;
  double value;
  const char * name;
};

}  // namespace

auto SocketcanMitBackend::ask(const Slot & slot, DriveParameter which, double until_s) -> double
{
  CanFrame frame;
  const auto & drive = slot.drive;
  double asked_s = -kAskAgain_s;
  while (time_s() < until_s)
  {
    if (time_s() - asked_s > kAskAgain_s)
    {
      asked_s = time_s();
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
    const double now_s = time_s();
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
  wait_reply(slot, time_s(), until_s, "enable");
  if (slot.reply.error != 0)
  {
    const auto text = error_text(slot.drive.model.family, slot.reply.error);
    throw std::runtime_error(who(slot) + ": " + text);
  }
}

void SocketcanMitBackend::activate(double timeout_s)
{
  const double until_s = time_s() + timeout_s;
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
    const double since_s = time_s();
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
  const auto taken = [](const Slot & slot) { return slot.enabled; };
  if (std::none_of(slots_.begin(), slots_.end(), taken))
  {
    return;
  }
  const double until_s = time_s() + std::min(kRelease_s, timeout_s);
  const MotorCommand damped{0.0, 0.0, 0.0, config_.release_kd, 0.0};
  while (time_s() < until_s)
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
    const bool heard = time_s() - slot.heard_s < kRelease_s;
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

}  // namespace neuraxis
