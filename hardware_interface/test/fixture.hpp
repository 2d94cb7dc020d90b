// SPDX-License-Identifier: Apache-2.0
// What several tests need: a config, commands that fit it, and a cord that is fed time.
#pragma once

#include <string>
#include <vector>

#include "neuraxis/spinal_cord.hpp"

namespace neuraxis::test
{

inline constexpr double kPeriod_s = 1e-3;

[[nodiscard]] inline auto make_config(std::size_t count = 3) -> CordConfig
{
  CordConfig config;
  for (std::size_t i = 0; i < count; ++i)
  {
    JointConfig joint;
    joint.name = "joint_" + std::to_string(i);
    joint.lower = -1.0 - 0.1 * static_cast<double>(i);
    joint.upper = 1.5;
    joint.velocity_max = 10.0;
    joint.effort_max = 20.0 + static_cast<double>(i);
    joint.kp_max = 500.0;
    joint.kd_max = 50.0;
    joint.kp_hold = 100.0;
    joint.kd_hold = 5.0;
    joint.kd_damping = 8.0;
    joint.lowering_pos = 0.4;
    joint.knee_speed = 6.0;
    joint.no_load_speed = 10.0;
    config.joints.push_back(joint);
  }
  return config;
}

[[nodiscard]] inline auto names_of(const CordConfig & config) -> std::vector<std::string>
{
  std::vector<std::string> names;
  for (const auto & joint : config.joints)
  {
    names.push_back(joint.name);
  }
  return names;
}

[[nodiscard]] inline auto make_command(double stamp_s, double pos, std::size_t count = 3)
  -> JointCommand
{
  JointCommand command;
  command.stamp_s = stamp_s;
  for (std::size_t i = 0; i < count; ++i)
  {
    command.target.pos[i] = pos;
    command.target.kp[i] = 80.0;
    command.target.kd[i] = 4.0;
  }
  return command;
}

/// A cord with its clock; joints stand still at zero unless `sample` is changed.
struct CordBench
{
  explicit CordBench(const CordConfig & config) : cord(config) { cord.start(now_s, sample); }

  /// Lets `duration_s` pass with fresh measurements and without commands.
  auto pass(double duration_s) -> const ActuatorOutput &
  {
    const double end_s = now_s + duration_s - 0.5 * kPeriod_s;
    while (now_s < end_s)
    {
      cycle();
    }
    return output;
  }

  auto cycle() -> const ActuatorOutput &
  {
    now_s += kPeriod_s;
    if (fresh)
    {
      sample.stamp_s = now_s;
      cord.measure(now_s, {ReadStatus::fresh, 0}, sample);
    }
    else
    {
      cord.measure(now_s, {ReadStatus::silent, 0}, sample);
    }
    output = cord.update(now_s);
    return output;
  }

  auto command(double pos) -> Verdict
  {
    return cord.submit(now_s, make_command(now_s, pos, cord.joint_count()));
  }

  [[nodiscard]] auto level() const -> StopLevel { return cord.status().level; }

  SpinalCord cord;
  StateSample sample;
  ActuatorOutput output;
  double now_s = 0.0;
  bool fresh = true;
};

}  // namespace neuraxis::test
