// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/config.hpp"

#include <cmath>
#include <set>
#include <sstream>
#include <stdexcept>

#include "neuraxis/types.hpp"

namespace neuraxis
{
namespace
{

[[noreturn]] void refuse(const std::string & what, double value, const std::string & bound)
{
  std::ostringstream text;
  text << what << " must be " << bound << ", got " << value;
  throw std::invalid_argument(text.str());
}

void require_positive(const std::string & what, double value)
{
  if (!(value > 0.0) || !std::isfinite(value))
  {
    refuse(what, value, "positive and finite");
  }
}

void require_duration(const std::string & what, double value)
{
  if (!(value >= 0.0))
  {
    refuse(what, value, "at least 0");
  }
}

void require_gain(const std::string & what, double value, double bound)
{
  if (!(value >= 0.0 && value <= bound))
  {
    std::ostringstream range;
    range << "in [0, " << bound << "]";
    refuse(what, value, range.str());
  }
}

void validate_joint(const JointConfig & joint)
{
  const std::string who = "joint '" + joint.name + "': ";
  if (!std::isfinite(joint.lower) || !std::isfinite(joint.upper) || !(joint.lower < joint.upper))
  {
    std::ostringstream text;
    text << who << "limits must be finite and lower < upper, got [" << joint.lower << ", "
         << joint.upper << "]";
    throw std::invalid_argument(text.str());
  }
  require_positive(who + "velocity_max", joint.velocity_max);
  require_positive(who + "effort_max", joint.effort_max);
  const double infinity = std::numeric_limits<double>::max();
  require_gain(who + "kp_max", joint.kp_max, infinity);
  require_gain(who + "kd_max", joint.kd_max, infinity);
  require_gain(who + "kp_hold", joint.kp_hold, joint.kp_max);
  require_gain(who + "kd_hold", joint.kd_hold, joint.kd_max);
  require_gain(who + "kd_damping", joint.kd_damping, joint.kd_max);
  if (!(joint.lowering_pos >= joint.lower && joint.lowering_pos <= joint.upper))
  {
    refuse(who + "lowering_pos", joint.lowering_pos, "within the joint's limits");
  }
  require_duration(who + "knee_speed", joint.knee_speed);
  if (!(joint.no_load_speed >= joint.knee_speed && joint.no_load_speed > 0.0))
  {
    refuse(who + "no_load_speed", joint.no_load_speed, "positive and at least knee_speed");
  }
}

}  // namespace

void validate(const CordConfig & config)
{
  if (config.joints.empty() || config.joints.size() > kMaxJoints)
  {
    refuse(
      "number of joints", static_cast<double>(config.joints.size()),
      "in [1, " + std::to_string(kMaxJoints) + "]");
  }
  std::set<std::string> names;
  for (const auto & joint : config.joints)
  {
    if (joint.name.empty() || !names.insert(joint.name).second)
    {
      throw std::invalid_argument(
        "joint names must be unique and not empty, got '" + joint.name + "'");
    }
    validate_joint(joint);
  }
  require_positive("command_timeout_s", config.command_timeout_s);
  require_positive("state_timeout_s", config.state_timeout_s);
  require_duration("hold_time_s", config.hold_time_s);
  require_positive("lowering_time_s", config.lowering_time_s);
  require_duration("damping_time_s", config.damping_time_s);
  require_positive("tilt_limit_rad", config.tilt_limit_rad);
  require_positive("fade_time_s", config.fade_time_s);
  require_positive("command_period_max_s", config.command_period_max_s);
  require_positive("late_margin_s", config.late_margin_s);
  require_duration("future_tolerance_s", config.future_tolerance_s);
  require_duration("limit_margin", config.limit_margin);
  require_duration("position_step", config.position_step);
  require_duration("filter_gain_1_s", config.filter_gain_1_s);
  if (!(config.frozen_timeout_s > 0.0))
  {
    refuse("frozen_timeout_s", config.frozen_timeout_s, "positive");
  }
}

}  // namespace neuraxis
