// SPDX-License-Identifier: Apache-2.0
// Python module `neuraxis_spinal`: the spinal cord for processes that host a simulator.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "arrays.hpp"
#include "config_dict.hpp"
#include "neuraxis/loop.hpp"
#include "neuraxis/mock_backend.hpp"
#include "neuraxis/mujoco_backend.hpp"
#include "state_dict.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace
{

using neuraxis::CordConfig;
using neuraxis::Loop;
using namespace neuraxis::python;

void send_command(
  Loop & loop, double stamp_s, const InputArray & pos, const InputArray & vel,
  const InputArray & effort, const InputArray & kp, const InputArray & kd)
{
  const auto count = loop.joint_count();
  neuraxis::JointCommand command;
  command.stamp_s = stamp_s;
  copy_in("pos", pos, count, command.target.pos.data());
  copy_in("vel", vel, count, command.target.vel.data());
  copy_in("effort", effort, count, command.target.effort.data());
  copy_in("kp", kp, count, command.target.kp.data());
  copy_in("kd", kd, count, command.target.kd.data());
  loop.command(command);
}

auto simulator(Loop & loop) -> neuraxis::MujocoBackend &
{
  auto * backend = dynamic_cast<neuraxis::MujocoBackend *>(&loop.backend());
  if (backend == nullptr)
  {
    throw std::invalid_argument("this loop's backend is no simulator");
  }
  return *backend;
}

auto sim_state(Loop & loop) -> std::tuple<double, OutputArray, OutputArray>
{
  const auto snapshot = simulator(loop).snapshot();
  return {
    snapshot.time_s, to_numpy(snapshot.qpos.data(), snapshot.qpos.size()),
    to_numpy(snapshot.qvel.data(), snapshot.qvel.size())};
}

void set_sim_state(Loop & loop, const InputArray & qpos, const InputArray & qvel, double time_s)
{
  loop.restart_after([&] { simulator(loop).set_state(to_vector(qpos), to_vector(qvel), time_s); });
}

void edit_sim_state(Loop & loop, const InputArray & qpos, const InputArray & qvel)
{
  loop.while_stopped([&] { simulator(loop).edit_state(to_vector(qpos), to_vector(qvel)); });
}

void request_stop(Loop & loop, const std::string & level, const std::string & cause)
{
  loop.request_stop(
    parse<neuraxis::StopLevel>("stop level", level, neuraxis::kStopLevelNames),
    neuraxis::operator_cause(cause));
}

auto reset_stop(Loop & loop) -> std::pair<bool, std::string>
{
  neuraxis::ResetResult result;
  {
    const nb::gil_scoped_release release;
    result = loop.reset_stop();
  }
  return {result.accepted, neuraxis::describe(result.refusal)};
}

auto mock_names(std::size_t count) -> std::vector<std::string>
{
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i)
  {
    names.push_back("joint_" + std::to_string(i));
  }
  return names;
}

void set_fault(neuraxis::MockBackend & mock, const std::string & kind, double value)
{
  mock.set_fault(parse<neuraxis::MockFault>("fault", kind, neuraxis::kMockFaultNames), value);
}

void bind_mock(nb::module_ & m)
{
  using neuraxis::MockBackend;
  nb::class_<MockBackend, neuraxis::Backend>(m, "MockBackend")
    .def(nb::init<std::vector<std::string>>(), "joint_names"_a)
    .def(
      "__init__", [](MockBackend * self, std::size_t count)
      { new (self) MockBackend(mock_names(count)); }, "count"_a)
    .def(
      "set_fault", &set_fault, "kind"_a, "value"_a = 0.0,
      "Value: delay in s for 'delayed', code for 'error_code', joint index for 'nan'.")
    .def("set_tilt", &MockBackend::set_tilt, "roll_rad"_a)
    .def("set_joint", &MockBackend::set_joint, "joint"_a, "pos"_a, "vel"_a = 0.0)
    .def(
      "last_effort", [](const MockBackend & self)
      { return to_numpy(self.last_output().effort_total.data(), self.joint_names().size()); });
}

void bind_mujoco(nb::module_ & m)
{
  using neuraxis::MujocoBackend;
  nb::class_<MujocoBackend, neuraxis::Backend>(m, "MujocoBackend")
    .def(
      "__init__",
      [](
        MujocoBackend * self, const std::string & path, std::vector<std::string> joint_names,
        const std::string & quat, const std::string & gyro, const std::string & accel,
        std::vector<std::string> feet, std::vector<std::string> extra)
      {
        new (self) MujocoBackend(
          path, std::move(joint_names), {quat, gyro, accel, std::move(feet), std::move(extra)});
      },
      "model_path"_a, "joint_names"_a, "quat_sensor"_a = "", "gyro_sensor"_a = "",
      "accel_sensor"_a = "", "foot_sensors"_a = std::vector<std::string>{},
      "extra_sensors"_a = std::vector<std::string>{})
    .def_prop_ro("warning_count", &MujocoBackend::warning_count)
    .def(
      "set_external_wrench",
      [](MujocoBackend & self, const std::string & body, const InputArray & wrench_W)
      {
        std::array<double, 6> values{};
        copy_in("wrench6", wrench_W, 6, values.data());
        self.set_external_wrench(body, values);
      },
      "body_name"_a, "wrench6"_a,
      "Force (N) and torque (Nm) about the body's centre of mass, world axes, until replaced.");
}

void bind_loop(nb::module_ & m)
{
  nb::class_<Loop>(m, "Loop")
    .def(
      nb::init<const CordConfig &, std::shared_ptr<neuraxis::Backend>, double>(), "config"_a,
      "backend"_a, "period_s"_a = 0.001)
    .def("step", &Loop::step, "n"_a = 1, nb::call_guard<nb::gil_scoped_release>())
    .def(
      "start", &Loop::start, "speed"_a = 1.0, "rt_priority"_a = 80,
      nb::call_guard<nb::gil_scoped_release>())
    .def("stop", &Loop::stop, nb::call_guard<nb::gil_scoped_release>())
    .def("restart", &Loop::restart)
    .def_prop_ro("running", &Loop::running)
    .def_prop_ro("period_s", &Loop::period_s)
    .def(
      "command", &send_command, "stamp_s"_a, "pos"_a, "vel"_a, "effort"_a, "kp"_a, "kd"_a,
      "Five-tuple in the order of the joints; judged in the loop, see state()['counters'].")
    .def("state", &state_dict)
    .def("sim_state", &sim_state, "(time_s, qpos, qvel), newest copies.")
    .def(
      "set_sim_state", &set_sim_state, "qpos"_a, "qvel"_a, "time_s"_a = 0.0,
      "Place the whole world, end wrenches and restart the cord. Only while stopped.")
    .def(
      "edit_sim_state", &edit_sim_state, "qpos"_a, "qvel"_a,
      "Move things; the cord keeps its commands, latch and time. Only while stopped.")
    .def("request_stop", &request_stop, "level"_a, "cause"_a)
    .def("reset_stop", &reset_stop, "(accepted, reason of refusal).")
    .def(
      "set_horizon", &Loop::set_horizon, "time_s"_a,
      "A running simulated world stands still from this loop time on; inf for never.")
    .def("stats", &stats_dict)
    .def("clear_stats", &Loop::clear_stats);
}

}  // namespace

NB_MODULE(neuraxis_spinal, m)
{
  m.doc() =
    "Spinal cord: gated, interpolated, limited five-tuple control of named joints at 1 kHz.";
  nb::class_<CordConfig>(m, "Config")
    .def(
      "__init__",
      [](CordConfig * self, const nb::list & joints, bool use_filter_quat, nb::kwargs options)
      { new (self) CordConfig(config_from(joints, use_filter_quat, options)); }, "joints"_a,
      nb::kw_only(), "use_filter_quat"_a = false, "options"_a)
    .def_prop_ro(
      "joint_names",
      [](const CordConfig & self)
      {
        std::vector<std::string> names;
        for (const auto & joint : self.joints)
        {
          names.push_back(joint.name);
        }
        return names;
      })
    .def_ro("command_timeout_s", &CordConfig::command_timeout_s)
    .def_ro("state_timeout_s", &CordConfig::state_timeout_s)
    .def_ro("hold_time_s", &CordConfig::hold_time_s)
    .def_ro("tilt_limit_rad", &CordConfig::tilt_limit_rad);
  nb::class_<neuraxis::Backend>(m, "Backend")
    .def_prop_ro("joint_names", &neuraxis::Backend::joint_names)
    .def_prop_ro("time_s", &neuraxis::Backend::time_s);
  bind_mock(m);
  bind_mujoco(m);
  bind_loop(m);
}
