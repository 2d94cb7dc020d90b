// SPDX-License-Identifier: Apache-2.0
#include "bridge_spec.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>

#include "cord_bridge.hpp"
#include "neuraxis/types.hpp"
#include "param_reader.hpp"

namespace neuraxis
{
namespace
{

[[noreturn]] void refuse(const std::string & why) { throw std::invalid_argument(why); }

[[nodiscard]] auto contains(const std::vector<std::string> & names, const std::string & name)
  -> bool
{
  return std::find(names.begin(), names.end(), name) != names.end();
}

[[nodiscard]] auto joined(const std::vector<std::string> & names) -> std::string
{
  std::string out;
  for (const auto & name : names)
  {
    out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

void check_names(
  const std::string & who, const std::string & kind, const std::vector<std::string> & names,
  const std::vector<std::string> & known)
{
  std::set<std::string> seen;
  for (const auto & name : names)
  {
    if (!contains(known, name))
    {
      refuse(
        who + ": unknown " + kind + " interface '" + name + "', known are " +
        (known.empty() ? "none" : joined(known)));
    }
    if (!seen.insert(name).second)
    {
      refuse(who + ": " + kind + " interface '" + name + "' is listed twice");
    }
  }
}

void check_joint_interfaces(const ComponentSpec & joint, const BridgeConfig & config)
{
  const std::string who = "joint '" + joint.name + "'";
  const auto names = command_names(config);
  check_names(who, "command", joint.command_interfaces, {names.begin(), names.end()});
  check_names(
    who, "state", joint.state_interfaces,
    {"position", "velocity", "effort", "temperature", "error_code"});
  for (const auto * needed : {"position", "velocity", "effort"})
  {
    if (!contains(joint.state_interfaces, needed))
    {
      refuse(
        who + " has state interfaces [" + joined(joint.state_interfaces) + "], need '" + needed +
        "'");
    }
  }
  const bool has_kp = contains(joint.command_interfaces, config.kp_interface);
  const bool has_kd = contains(joint.command_interfaces, config.kd_interface);
  if (has_kp != has_kd)
  {
    refuse(
      who + " has command interfaces [" + joined(joint.command_interfaces) + "], need '" +
      (has_kp ? config.kd_interface : config.kp_interface) + "' too");
  }
}

[[nodiscard]] auto parse_joint(const ComponentSpec & joint, const DescribedLimits & limits)
  -> JointConfig
{
  const ParamReader params("joint '" + joint.name + "'", joint.params);
  JointConfig out;
  out.name = joint.name;
  out.lower = limits.lower;
  out.upper = limits.upper;
  out.velocity_max = limits.velocity;
  out.effort_max = limits.effort;
  out.kp_hold = params.number("kp");
  out.kd_hold = params.number("kd");
  out.kp_max = params.number("kp_max");
  out.kd_max = params.number("kd_max");
  out.kd_damping = params.number("kd_damping");
  out.lowering_pos = params.number("lowering");
  out.knee_speed = params.number("knee_speed", out.knee_speed);
  out.no_load_speed = params.number("no_load_speed", out.no_load_speed);
  return out;
}

void check_cover(const SystemSpec & spec, const ParamReader & params)
{
  std::set<std::string> driven;
  for (const auto & joint : spec.joints)
  {
    if (!driven.insert(joint.name).second)
    {
      refuse("joint '" + joint.name + "' is listed twice in the ros2_control block");
    }
    if (spec.movable.count(joint.name) == 0)
    {
      refuse(
        "joint '" + joint.name +
        "' is in the ros2_control block, but is no movable joint of the robot description");
    }
  }
  const auto elsewhere = params.words("joints_elsewhere");
  for (const auto & [name, limits] : spec.movable)
  {
    if (driven.count(name) == 0 && !contains(elsewhere, name))
    {
      refuse(
        "joint '" + name +
        "' of the robot description is missing in the ros2_control block; nothing would hold it "
        "(where something else does, name it in parameter 'joints_elsewhere')");
    }
  }
}

[[nodiscard]] auto in_range(
  const ParamReader & params, const std::string & name, double fallback, double lower, double upper)
  -> double
{
  const double value = params.number(name, fallback);
  if (!(value >= lower && value <= upper))
  {
    std::ostringstream text;
    text << "hardware: parameter '" << name << "' must be in [" << lower << ", " << upper
         << "], got " << value;
    refuse(text.str());
  }
  return value;
}

void parse_cord(const ParamReader & params, CordConfig & cord)
{
  cord.command_timeout_s = params.number("command_timeout_s", cord.command_timeout_s);
  cord.state_timeout_s = params.number("state_timeout_s", cord.state_timeout_s);
  cord.hold_time_s = params.number("hold_time_s", cord.hold_time_s);
  cord.lowering_time_s = params.number("lowering_time_s", cord.lowering_time_s);
  cord.damping_time_s = params.number("damping_time_s", cord.damping_time_s);
  cord.tilt_limit_rad = params.number("tilt_limit_rad", cord.tilt_limit_rad);
  cord.frozen_timeout_s = params.number("frozen_timeout_s", cord.frozen_timeout_s);
  cord.limit_margin = params.number("limit_margin", cord.limit_margin);
  // Commands come every cycle here: the slack on top of velocity_max is per cycle, too.
  cord.position_step = params.number("position_step", 0.01);
}

void check_parts(const SystemSpec & spec)
{
  for (const auto & sensor : spec.sensors)
  {
    const std::string who = "sensor '" + sensor.name + "'";
    check_names(who, "command", sensor.command_interfaces, {});
    check_names(who, "state", sensor.state_interfaces, known_sensor_interfaces(sensor.name));
  }
  for (const auto & gpio : spec.gpios)
  {
    const std::string who = "gpio '" + gpio.name + "'";
    if (gpio.name != kGpioName)
    {
      refuse(who + " is unknown, the only one is '" + std::string(kGpioName) + "'");
    }
    check_names(
      who, "command", gpio.command_interfaces,
      {kGpioCommandNames.begin(), kGpioCommandNames.end()});
    check_names(
      who, "state", gpio.state_interfaces, {kGpioStateNames.begin(), kGpioStateNames.end()});
  }
}

}  // namespace

auto parse_bridge(const SystemSpec & spec) -> BridgeConfig
{
  const ParamReader params("hardware", spec.params);
  BridgeConfig config;
  config.backend = params.text("backend");
  config.kp_interface = params.text("kp_interface", config.kp_interface);
  config.kd_interface = params.text("kd_interface", config.kd_interface);
  config.update_rate_hz = in_range(params, "update_rate", config.update_rate_hz, 10.0, 10000.0);
  config.activate_timeout_s =
    in_range(params, "activate_timeout_s", config.activate_timeout_s, 0.01, 120.0);
  config.dead_link_s = in_range(params, "dead_link_s", config.dead_link_s, 0.05, 3600.0);
  parse_cord(params, config.cord);
  check_cover(spec, params);
  for (const auto & joint : spec.joints)
  {
    check_joint_interfaces(joint, config);
    config.cord.joints.push_back(parse_joint(joint, spec.movable.at(joint.name)));
  }
  check_parts(spec);
  validate(config.cord);
  return config;
}

}  // namespace neuraxis
