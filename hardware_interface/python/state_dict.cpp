// SPDX-License-Identifier: Apache-2.0
#include "state_dict.hpp"

#include <nanobind/stl/string.h>

#include <string>

#include "arrays.hpp"

namespace neuraxis::python
{
namespace
{

auto describe(const Verdict & verdict, const CordConfig & config) -> std::string
{
  const bool known = verdict.joint < config.joints.size();
  return describe(verdict, known ? config.joints[verdict.joint].name : "");
}

auto counters_dict(const CordCounters & counters) -> nb::dict
{
  nb::dict out;
  out["cycles"] = counters.cycles;
  out["commands_accepted"] = counters.commands_accepted;
  std::uint64_t rejected = 0;
  for (std::size_t i = 1; i < kRejectionCount; ++i)
  {
    const auto key = std::string("rejected_") + kRejectionNames[i];
    out[key.c_str()] = counters.commands_rejected[i];
    rejected += counters.commands_rejected[i];
  }
  out["commands_rejected"] = rejected;
  out["bridges"] = counters.bridges;
  out["state_silent"] = counters.state_silent;
  out["state_nonfinite"] = counters.state_nonfinite;
  out["backend_errors"] = counters.backend_errors;
  out["outputs_limited"] = counters.outputs_limited;
  out["outputs_nonfinite"] = counters.outputs_nonfinite;
  return out;
}

auto extra_dict(const Backend & backend, const StateSample & sample) -> nb::dict
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

auto summary_dict(const DurationSummary & summary) -> nb::dict
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

}  // namespace

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
  out["stop_level"] = name_of(status.level);
  out["latched"] = status.latched;
  out["bridging"] = status.bridging;
  out["stop_cause"] = describe(status.cause);
  out["counters"] = counters_dict(status.counters);
  out["last_rejection"] = describe(status.last_rejection, loop.config());
  return out;
}

auto stats_dict(const Loop & loop) -> nb::dict
{
  const auto stats = loop.stats();
  nb::dict out;
  out["cord"] = summary_dict(stats.cord);
  out["cycle"] = summary_dict(stats.cycle);
  out["wake"] = summary_dict(stats.wake);
  out["overruns"] = stats.overruns;
  out["rebased"] = stats.rebased;
  out["realtime_note"] = stats.realtime_note;
  return out;
}

}  // namespace neuraxis::python
