// SPDX-License-Identifier: Apache-2.0
// Python module `neuraxis_spinal`: the spinal cord for processes that host a simulator.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "neuraxis/loop.hpp"
#include "neuraxis/mock_backend.hpp"
#include "neuraxis/mujoco_backend.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace
{

using neuraxis::CordConfig;
using neuraxis::Loop;
using InputArray = nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using OutputArray = nb::ndarray<nb::numpy, double, nb::ndim<1>>;

auto to_numpy(const double * values, std::size_t count) -> OutputArray
{
  auto * copy = new double[count];
  std::copy_n(values, count, copy);
  nb::capsule owner(copy, [](void * p) noexcept { delete[] static_cast<double *>(p); });
  return OutputArray(copy, {count}, owner);
}

void copy_in(const char * what, const InputArray & from, std::size_t count, double * to)
{
  if (from.shape(0) != count)
  {
    throw std::invalid_argument(
      std::string(what) + " must have " + std::to_string(count) + " values, got " +
      std::to_string(from.shape(0)));
  }
  std::copy_n(from.data(), count, to);
}

auto to_vector(const InputArray & from) -> std::vector<double>
{
  return {from.data(), from.data() + from.shape(0)};
}

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

auto joint_from(const nb::dict & given) -> neuraxis::JointConfig
{
  using neuraxis::JointConfig;
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
    {"future_tolerance_s", &CordConfig::future_tolerance_s},
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
  neuraxis::validate(config);
  return config;
}

template <typename Enum, std::size_t N>
auto parse(
  const char * what, const std::string & name, const std::array<const char *, N> & names) -> Enum
{
  std::string known;
  for (std::size_t i = 0; i < N; ++i)
  {
    if (name == names[i])
    {
      return static_cast<Enum>(i);
    }
    known += (i > 0 ? ", " : "") + std::string(names[i]);
  }
  throw std::invalid_argument(std::string(what) + " '" + name + "' is unknown; known: " + known);
}

auto describe(const neuraxis::Verdict & verdict, const CordConfig & config) -> std::string
{
  if (verdict.accepted())
  {
    return {};
  }
  std::ostringstream text;
  text << neuraxis::kRejectionNames[static_cast<std::size_t>(verdict.reason)];
  if (verdict.joint < config.joints.size())
  {
    text << ": joint '" << config.joints[verdict.joint].name << "'";
  }
  if (verdict.reason == neuraxis::Rejection::nonfinite)
  {
    text << " got a value that is not finite";
  }
  else if (verdict.reason != neuraxis::Rejection::latched)
  {
    text << " got " << verdict.value << ", must be in [" << verdict.lower << ", " << verdict.upper
         << "]";
  }
  return text.str();
}

auto counters_dict(const neuraxis::CordCounters & counters) -> nb::dict
{
  nb::dict out;
  out["cycles"] = counters.cycles;
  out["commands_accepted"] = counters.commands_accepted;
  std::uint64_t rejected = 0;
  for (std::size_t i = 1; i < neuraxis::kRejectionCount; ++i)
  {
    const auto key = std::string("rejected_") + neuraxis::kRejectionNames[i];
    out[key.c_str()] = counters.commands_rejected[i];
    rejected += counters.commands_rejected[i];
  }
  out["commands_rejected"] = rejected;
  out["state_silent"] = counters.state_silent;
  out["state_nonfinite"] = counters.state_nonfinite;
  out["backend_errors"] = counters.backend_errors;
  out["outputs_limited"] = counters.outputs_limited;
  out["outputs_nonfinite"] = counters.outputs_nonfinite;
  return out;
}

auto extra_dict(const neuraxis::Backend & backend, const neuraxis::StateSample & sample) -> nb::dict
{
  nb::dict out;
  const auto & names = backend.extra_names();
  std::size_t offset = 0;
  for (std::size_t i = 0; i < names.size(); ++i)
  {
    const auto width = backend.extra_widths()[i];
    out[names[i].c_str()] = to_numpy(sample.extra.data() + offset, width);
    offset += width;
  }
  return out;
}

auto state_dict(Loop & loop) -> nb::dict
{
  const auto state = loop.state();
  const auto & sample = state.sample;
  const auto & status = state.status;
  const auto count = loop.joint_count();
  const bool filtered = loop.config().use_filter_quat || !sample.imu.has_quat;
  nb::dict out;
  out["time_s"] = state.time_s;
  out["stamp_s"] = sample.stamp_s;
  out["pos"] = to_numpy(sample.pos.data(), count);
  out["vel"] = to_numpy(sample.vel.data(), count);
  out["effort"] = to_numpy(sample.effort.data(), count);
  out["quat_wxyz"] =
    to_numpy((filtered ? status.filter_quat_wxyz : sample.imu.quat_wxyz).data(), 4);
  out["gyro"] = to_numpy(sample.imu.gyro_B_rad_s.data(), 3);
  out["accel"] = to_numpy(sample.imu.accel_B_m_s2.data(), 3);
  out["foot_force"] = to_numpy(sample.foot_force_N.data(), 2);
  out["extra"] = extra_dict(loop.backend(), sample);
  out["tilt_rad"] = status.tilt_rad;
  out["stop_level"] = neuraxis::name_of(status.level);
  out["latched"] = status.latched;
  out["stop_cause"] = neuraxis::describe(status.cause);
  out["counters"] = counters_dict(status.counters);
  out["last_rejection"] = describe(status.last_rejection, loop.config());
  return out;
}

auto summary_dict(const neuraxis::DurationSummary & summary) -> nb::dict
{
  nb::dict out;
  out["count"] = summary.count;
  out["mean_us"] = summary.mean_us;
  out["p50_us"] = summary.p50_us;
  out["p99_us"] = summary.p99_us;
  out["p999_us"] = summary.p999_us;
  out["max_us"] = summary.max_us;
  return out;
}

auto stats_dict(const Loop & loop) -> nb::dict
{
  const auto stats = loop.stats();
  nb::dict out;
  out["cord"] = summary_dict(stats.cord);
  out["cycle"] = summary_dict(stats.cycle);
  out["wake"] = summary_dict(stats.wake);
  out["rebased"] = stats.rebased;
  out["realtime_note"] = stats.realtime_note;
  return out;
}

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

void bind_backends(nb::module_ & m)
{
  using neuraxis::MockBackend;
  using neuraxis::MujocoBackend;
  nb::class_<neuraxis::Backend>(m, "Backend")
    .def_prop_ro("joint_names", &neuraxis::Backend::joint_names)
    .def_prop_ro("time_s", &neuraxis::Backend::time_s);
  nb::class_<MockBackend, neuraxis::Backend>(m, "MockBackend")
    .def(nb::init<std::vector<std::string>>(), "joint_names"_a)
    .def(
      "__init__",
      [](MockBackend * self, std::size_t count)
      {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < count; ++i)
        {
          names.push_back("joint_" + std::to_string(i));
        }
        new (self) MockBackend(std::move(names));
      },
      "count"_a)
    .def(
      "set_fault",
      [](MockBackend & self, const std::string & kind, double value)
      {
        constexpr std::array<const char *, 6> kNames{
          "none", "silence", "nan", "stuck", "delayed", "error_code"};
        self.set_fault(parse<neuraxis::MockFault>("fault", kind, kNames), value);
      },
      "kind"_a, "value"_a = 0.0,
      "Value: delay in s for 'delayed', code for 'error_code', joint index for 'nan'.")
    .def("set_tilt", &MockBackend::set_tilt, "roll_rad"_a)
    .def("set_joint", &MockBackend::set_joint, "joint"_a, "pos"_a, "vel"_a = 0.0)
    .def(
      "last_effort", [](const MockBackend & self)
      { return to_numpy(self.last_output().effort_total.data(), self.joint_names().size()); });
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
    .def_prop_ro("running", &Loop::running)
    .def_prop_ro("period_s", &Loop::period_s)
    .def(
      "command", &send_command, "stamp_s"_a, "pos"_a, "vel"_a, "effort"_a, "kp"_a, "kd"_a,
      "Five-tuple in the order of the joints; judged in the loop, see state()['counters'].")
    .def("state", &state_dict)
    .def("sim_state", &sim_state, "(time_s, qpos, qvel), newest copies.")
    .def(
      "set_sim_state",
      [](Loop & self, const InputArray & qpos, const InputArray & qvel, double time_s)
      {
        self.while_stopped(
          [&] { simulator(self).set_state(to_vector(qpos), to_vector(qvel), time_s); });
      },
      "qpos"_a, "qvel"_a, "time_s"_a = 0.0)
    .def(
      "request_stop",
      [](Loop & self, const std::string & level, const std::string & cause)
      {
        self.request_stop(
          parse<neuraxis::StopLevel>("stop level", level, neuraxis::kStopLevelNames),
          neuraxis::operator_cause(cause));
      },
      "level"_a, "cause"_a)
    .def(
      "reset_stop",
      [](Loop & self) -> std::pair<bool, std::string>
      {
        neuraxis::ResetResult result;
        {
          const nb::gil_scoped_release release;
          result = self.reset_stop();
        }
        return {result.accepted, neuraxis::describe(result.refusal)};
      },
      "(accepted, reason of refusal).")
    .def("restart", &Loop::restart)
    .def("stats", &stats_dict)
    .def("clear_stats", &Loop::clear_stats);
}

}  // namespace

NB_MODULE(neuraxis_spinal, m)
{
  m.doc() = "Spinal cord: gated, interpolated, limited five-tuple control of named joints at 1 kHz.";
  nb::class_<CordConfig>(m, "Config")
    .def(
      "__init__",
      [](CordConfig * self, const nb::list & joints, bool use_filter_quat, nb::kwargs options)
      { new (self) CordConfig(config_from(joints, use_filter_quat, options)); },
      "joints"_a, nb::kw_only(), "use_filter_quat"_a = false, "options"_a)
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
  bind_backends(m);
  bind_loop(m);
}
