// SPDX-License-Identifier: Apache-2.0
#include "config_dict.hpp"

#include <nanobind/stl/string.h>

#include <stdexcept>
#include <string>
#include <unordered_map>

namespace neuraxis::python
{
namespace
{

namespace nb = nanobind;

/// Fills a struct from a dict by a table of fields; unknown and missing keys are named.
template <typename Struct>
void fill(
  const std::string & who, const nb::dict & values,
  const std::unordered_map<std::string, double Struct::*> & fields, Struct & out)
{
  for (const auto & [key, value] : values)
  {
    const auto name = nb::cast<std::string>(key);
    const auto field = fields.find(name);
    if (field == fields.end())
    {
      throw std::invalid_argument(who + " has no field '" + name + "'");
    }
    double number = 0.0;
    if (!nb::try_cast<double>(value, number))
    {
      throw std::invalid_argument(who + ": field '" + name + "' must be a number");
    }
    out.*(field->second) = number;
  }
}

auto joint_from(const nb::dict & given) -> JointConfig
{
  static const std::unordered_map<std::string, double JointConfig::*> kFields{
    {"lower", &JointConfig::lower},
    {"upper", &JointConfig::upper},
    {"velocity_max", &JointConfig::velocity_max},
    {"effort_max", &JointConfig::effort_max},
    {"kp_max", &JointConfig::kp_max},
    {"kd_max", &JointConfig::kd_max},
    {"kp_hold", &JointConfig::kp_hold},
    {"kd_hold", &JointConfig::kd_hold},
    {"kd_damping", &JointConfig::kd_damping},
    {"lowering_pos", &JointConfig::lowering_pos},
    {"knee_speed", &JointConfig::knee_speed},
    {"no_load_speed", &JointConfig::no_load_speed}};
  if (!given.contains("name"))
  {
    throw std::invalid_argument("a joint lacks the field 'name'");
  }
  JointConfig joint;
  joint.name = nb::cast<std::string>(given["name"]);
  nb::dict numbers;
  numbers.update(given);
  nb::del(numbers["name"]);
  const std::string who = "joint '" + joint.name + "'";
  fill(who, numbers, kFields, joint);
  for (const auto & [name, field] : kFields)
  {
    if (name != "knee_speed" && name != "no_load_speed" && !given.contains(name.c_str()))
    {
      throw std::invalid_argument(who + " lacks the field '" + name + "'");
    }
  }
  return joint;
}

}  // namespace

auto config_from(const nb::list & joints, bool use_filter_quat, const nb::kwargs & options)
  -> CordConfig
{
  static const std::unordered_map<std::string, double CordConfig::*> kFields{
    {"command_timeout_s", &CordConfig::command_timeout_s},
    {"state_timeout_s", &CordConfig::state_timeout_s},
    {"hold_time_s", &CordConfig::hold_time_s},
    {"lowering_time_s", &CordConfig::lowering_time_s},
    {"damping_time_s", &CordConfig::damping_time_s},
    {"tilt_limit_rad", &CordConfig::tilt_limit_rad},
    {"fade_time_s", &CordConfig::fade_time_s},
    {"command_period_max_s", &CordConfig::command_period_max_s},
    {"late_margin_s", &CordConfig::late_margin_s},
    {"future_tolerance_s", &CordConfig::future_tolerance_s},
    {"limit_margin", &CordConfig::limit_margin},
    {"position_step", &CordConfig::position_step},
    {"frozen_timeout_s", &CordConfig::frozen_timeout_s},
    {"filter_gain_1_s", &CordConfig::filter_gain_1_s}};
  CordConfig config;
  for (const auto & joint : joints)
  {
    config.joints.push_back(joint_from(nb::cast<nb::dict>(joint)));
  }
  config.use_filter_quat = use_filter_quat;
  fill("Config", nb::dict(options), kFields, config);
  validate(config);
  return config;
}

}  // namespace neuraxis::python
