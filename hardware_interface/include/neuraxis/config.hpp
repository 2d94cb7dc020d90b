// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <string>
#include <vector>

namespace neuraxis
{

/// Limits and gains of one joint. Units as in JointTuple.
struct JointConfig
{
  std::string name;
  double lower = 0.0;
  double upper = 0.0;
  double velocity_max = 0.0;
  double effort_max = 0.0;
  double kp_max = 0.0;
  double kd_max = 0.0;
  double kp_hold = 0.0;
  double kd_hold = 0.0;
  double kd_damping = 0.0;
  double lowering_pos = 0.0;
  /// Torque is flat up to the knee and falls linearly to zero at no load. Infinite: no such limit.
  double knee_speed = std::numeric_limits<double>::infinity();
  double no_load_speed = std::numeric_limits<double>::infinity();
};

/// Everything the spinal cord decides by. Immutable once a loop runs.
struct CordConfig
{
  std::vector<JointConfig> joints;
  double command_timeout_s = 0.2;
  double state_timeout_s = 0.05;
  /// Infinite: hold until reset, for a robot whose hold keeps its balance.
  double hold_time_s = std::numeric_limits<double>::infinity();
  double lowering_time_s = 3.0;
  double damping_time_s = 5.0;
  double tilt_limit_rad = 0.8;
  /// Time in which feed-forward and gains go over to those of hold.
  double fade_time_s = 0.2;
  /// Commands further apart than this are interpolated as if they were this far apart.
  double command_period_max_s = 0.02;
  /// A command is late when its period has passed and, on top, the period again or this, whichever
  /// is shorter. The cord then bridges the gap until one comes or the timeout is over.
  double late_margin_s = 0.007;
  /// How far a command's stamp may lie ahead of the loop's time.
  double future_tolerance_s = 0.005;
  /// A joint found this far outside its limits is held and may be commanded where it is; its
  /// limits follow its commands back in. X2 encoders at rest were seen 0.077 rad outside.
  double limit_margin = 0.1;
  /// Step of a position target that is always allowed, on top of velocity_max times the time
  /// since the last accepted command, or where others came since then, command_period_max_s.
  double position_step = 0.05;
  /// Bit-identical IMU samples for this long mean a frozen sensor. Infinite: not watched, as in a
  /// noiseless simulator, where a body at rest repeats itself.
  double frozen_timeout_s = std::numeric_limits<double>::infinity();
  /// Feedback of gravity onto the integrated gyro in the orientation filter.
  double filter_gain_1_s = 0.5;
  /// Report the filter's orientation even where the backend measures one.
  bool use_filter_quat = false;
};

/// Checks ranges and relations.
/// @throws std::invalid_argument naming the field, the value and the bound.
void validate(const CordConfig & config);

}  // namespace neuraxis
