// SPDX-License-Identifier: Apache-2.0
// A description of some joints, and a bridge over a mock robot whose points go by name.
#pragma once

#include <limits>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "cord_bridge.hpp"
#include "neuraxis/mock_backend.hpp"

namespace neuraxis::test
{

inline constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

[[nodiscard]] inline auto make_spec(const std::vector<std::string> & joints) -> SystemSpec
{
  SystemSpec spec;
  spec.params = {{"backend", "mock"}, {"activate_timeout_s", "0.02"}};
  for (const auto & name : joints)
  {
    spec.joints.push_back(
      {name,
       {"position", "velocity", "effort", "kp", "kd"},
       {"position", "velocity", "effort"},
       {{"kp", "100"},
        {"kd", "5"},
        {"kp_max", "300"},
        {"kd_max", "20"},
        {"kd_damping", "8"},
        {"lowering", "0.4"}}});
    spec.movable[name] = {-1.0, 1.5, 10.0, 20.0};
  }
  spec.sensors.push_back({"imu_link", {}, known_sensor_interfaces("imu_link"), {}});
  spec.sensors.push_back({"left_sole", {}, {"force.z"}, {}});
  spec.sensors.push_back({"battery", {}, known_sensor_interfaces("battery"), {}});
  spec.gpios.push_back(
    {std::string(kGpioName),
     {kGpioCommandNames.begin(), kGpioCommandNames.end()},
     {kGpioStateNames.begin(), kGpioStateNames.end()},
     {}});
  return spec;
}

[[nodiscard]] inline auto make_spec() -> SystemSpec { return make_spec({"hip", "knee"}); }

/// All five interfaces of a joint.
[[nodiscard]] inline auto all_of(const std::string & joint) -> std::vector<std::string>
{
  std::vector<std::string> names;
  for (const auto * name : {"position", "velocity", "effort", "kp", "kd"})
  {
    names.push_back(joint + "/" + name);
  }
  return names;
}

/// A bridge over a mock, its values by "component/interface".
struct BridgeBench
{
  explicit BridgeBench(const SystemSpec & spec = make_spec()) : bridge(spec)
  {
    auto backend = std::make_unique<MockBackend>(bridge.joint_names());
    mock = backend.get();
    bridge.attach(std::move(backend));
    for (const auto & point : bridge.state_points())
    {
      states[point.component + "/" + point.name] = point.value;
    }
    for (const auto & point : bridge.command_points())
    {
      commands[point.component + "/" + point.name] = point.value;
    }
  }

  [[nodiscard]] auto state(const std::string & name) const -> double { return *states.at(name); }
  [[nodiscard]] auto gpio(const std::string & name) const -> double
  {
    return state(std::string(kGpioName) + "/" + name);
  }
  [[nodiscard]] auto level() const -> StopLevel { return static_cast<StopLevel>(gpio("level")); }
  void command(const std::string & name, double value) { *commands.at(name) = value; }
  void ask(const std::string & name, double value)
  {
    command(std::string(kGpioName) + "/" + name, value);
  }
  void claim(const std::vector<std::string> & start, const std::vector<std::string> & stop = {})
  {
    const auto refusal = bridge.check_switch(start, stop);
    if (!refusal.empty())
    {
      throw std::invalid_argument(refusal);
    }
    bridge.perform_switch(start, stop);
  }
  void tuple(const std::string & joint, double pos, double kp = 80.0, double kd = 4.0)
  {
    command(joint + "/position", pos);
    command(joint + "/velocity", 0.0);
    command(joint + "/effort", 0.0);
    command(joint + "/kp", kp);
    command(joint + "/kd", kd);
  }
  auto cycle() -> bool
  {
    const bool alive = bridge.read();
    bridge.write();
    return alive;
  }
  auto pass(double duration_s) -> bool
  {
    bool alive = true;
    for (int i = 0; i < static_cast<int>(duration_s * 1000.0 + 0.5); ++i)
    {
      alive = cycle();
    }
    return alive;
  }
  [[nodiscard]] auto target() const -> const JointTuple & { return mock->last_output().target; }

  CordBridge bridge;
  MockBackend * mock = nullptr;
  std::map<std::string, double *> states;
  std::map<std::string, double *> commands;
};

}  // namespace neuraxis::test
