// SPDX-License-Identifier: Apache-2.0
// What bench_spinal_cord.py runs: one measurement per call, its result as JSON on stdout.
//
//   neuraxis_bench_spinal_cord cycle SECONDS PRIORITY   CPU time of a cycle, 31 joints, mock robot
//   neuraxis_bench_spinal_cord wake SECONDS PRIORITY    wake-up lateness of the loop's own thread
//   neuraxis_bench_spinal_cord sim WORLD ROUNDS STEPS   loop with MuJoCo against bare mj_step
#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "neuraxis/loop.hpp"
#include "neuraxis/mock_backend.hpp"
#include "neuraxis/mujoco_backend.hpp"
#include "neuraxis/mujoco_model.hpp"
#include "neuraxis/rt.hpp"

namespace
{

using neuraxis::JointConfig;

constexpr double kPeriod_s = 1e-3;
constexpr std::int64_t kPeriod_ns = 1'000'000;
constexpr std::size_t kJoints = 31;
constexpr int kCyclesPerCommand = 10;

auto mock_config() -> neuraxis::CordConfig
{
  neuraxis::CordConfig config;
  for (std::size_t i = 0; i < kJoints; ++i)
  {
    JointConfig joint;
    joint.name = "joint_" + std::to_string(i);
    joint.lower = -2.0;
    joint.upper = 2.0;
    joint.velocity_max = 10.0;
    joint.effort_max = 60.0;
    joint.kp_max = 500.0;
    joint.kd_max = 50.0;
    joint.kp_hold = 100.0;
    joint.kd_hold = 5.0;
    joint.kd_damping = 5.0;
    joint.knee_speed = 6.0;
    joint.no_load_speed = 10.0;
    config.joints.push_back(joint);
  }
  return config;
}

auto make_mock(const neuraxis::CordConfig & config) -> std::shared_ptr<neuraxis::MockBackend>
{
  std::vector<std::string> names;
  for (const auto & joint : config.joints)
  {
    names.push_back(joint.name);
  }
  return std::make_shared<neuraxis::MockBackend>(names);
}

void send_sine(neuraxis::Loop & loop)
{
  neuraxis::JointCommand command;
  command.stamp_s = loop.state().sample.stamp_s;
  for (std::size_t i = 0; i < loop.joint_count(); ++i)
  {
    const double phase = 2.0 * command.stamp_s + static_cast<double>(i);
    command.target.pos[i] = 0.02 * std::sin(phase);
    command.target.vel[i] = 0.04 * std::cos(phase);
    command.target.effort[i] = 0.5;
    command.target.kp[i] = 100.0;
    command.target.kd[i] = 5.0;
  }
  loop.command(command);
}

auto percentile(const std::vector<double> & sorted, double fraction) -> double
{
  const auto rank = std::ceil(fraction * static_cast<double>(sorted.size()));
  return sorted[std::max<std::size_t>(static_cast<std::size_t>(rank), 1) - 1];
}

void print_summary(
  std::size_t count, double p50_us, double p99_us, double p999_us, double max_us,
  const std::string & note)
{
  std::cout << "{\"count\": " << count << ", \"p50_us\": " << p50_us << ", \"p99_us\": " << p99_us
            << ", \"p999_us\": " << p999_us << ", \"max_us\": " << max_us << ", \"note\": \""
            << note << "\"}" << std::endl;
}

/// Paced like the robot, so that caches are as cold between cycles as they are there.
void bench_cycle(double seconds, int priority)
{
  const auto config = mock_config();
  neuraxis::Loop loop(config, make_mock(config), kPeriod_s);
  const auto cycles = static_cast<std::size_t>(seconds / kPeriod_s);
  std::vector<double> cpu_us(cycles);
  const auto note = neuraxis::enter_realtime(priority);
  auto next_ns = neuraxis::monotonic_ns();
  for (std::size_t i = 0; i < cycles; ++i)
  {
    next_ns = std::max(next_ns + kPeriod_ns, neuraxis::monotonic_ns());
    neuraxis::sleep_until_ns(next_ns);
    if (i % kCyclesPerCommand == 0)
    {
      send_sine(loop);
    }
    const auto start_ns = neuraxis::thread_cpu_ns();
    loop.step(1);
    cpu_us[i] = static_cast<double>(neuraxis::thread_cpu_ns() - start_ns) * 1e-3;
  }
  if (loop.state().status.level != neuraxis::StopLevel::run)
  {
    throw std::runtime_error("the cord left run: " + describe(loop.state().status.cause));
  }
  std::sort(cpu_us.begin(), cpu_us.end());
  print_summary(
    cycles, percentile(cpu_us, 0.5), percentile(cpu_us, 0.99), percentile(cpu_us, 0.999),
    cpu_us.back(), note);
}

void bench_wake(double seconds, int priority)
{
  const auto config = mock_config();
  neuraxis::Loop loop(config, make_mock(config), kPeriod_s);
  loop.start(1.0, priority);
  const auto commands = static_cast<int>(seconds / kPeriod_s) / kCyclesPerCommand;
  for (int i = 0; i < commands; ++i)
  {
    send_sine(loop);
    std::this_thread::sleep_for(std::chrono::milliseconds(kCyclesPerCommand));
  }
  loop.stop();
  const auto stats = loop.stats();
  print_summary(
    stats.wake.count, stats.wake.p50_us, stats.wake.p99_us, stats.wake.p999_us, stats.wake.max_us,
    stats.realtime_note);
}

/// World as bench_spinal_cord.py writes it: model path; nq and qpos; joints with limits and gains.
struct World
{
  std::string model_path;
  std::vector<double> qpos;
  neuraxis::CordConfig config;
};

auto read_world(const std::string & path) -> World
{
  std::ifstream file(path);
  World world;
  std::size_t count = 0;
  file >> world.model_path >> count;
  world.qpos.resize(count);
  for (auto & value : world.qpos)
  {
    file >> value;
  }
  file >> count;
  for (std::size_t i = 0; i < count; ++i)
  {
    JointConfig j;
    file >> j.name >> j.lower >> j.upper >> j.velocity_max >> j.effort_max >> j.kp_hold >>
      j.kd_hold >> j.knee_speed >> j.no_load_speed;
    j.kp_max = j.kp_hold;
    j.kd_max = j.kd_hold;
    j.lowering_pos = j.lower;
    world.config.joints.push_back(j);
  }
  if (!file)
  {
    throw std::runtime_error("world file '" + path + "' ends too early");
  }
  return world;
}

/// Remembers the controls, so that the bare loop can repeat the same physics.
class Recorder : public neuraxis::MujocoBackend
{
public:
  using MujocoBackend::MujocoBackend;
  void write(const neuraxis::ActuatorOutput & output) noexcept override
  {
    MujocoBackend::write(output);
    outputs.push_back(output.effort_total);
  }
  std::vector<neuraxis::JointArray> outputs;
};

/// `steps` times nothing but controls and mj_step. @returns CPU time per step and the last qpos.
auto run_bare(
  const mjModel * model, const World & world, const std::vector<int> & ctrl,
  const std::vector<neuraxis::JointArray> & outputs) -> std::pair<double, std::vector<double>>
{
  mjData * data = mj_makeData(model);
  std::copy(world.qpos.begin(), world.qpos.end(), data->qpos);
  mj_forward(model, data);
  const auto start_ns = neuraxis::thread_cpu_ns();
  for (const auto & output : outputs)
  {
    for (std::size_t i = 0; i < ctrl.size(); ++i)
    {
      data->ctrl[ctrl[i]] = output[i];
    }
    mj_step(model, data);
  }
  const auto cpu_ns = static_cast<double>(neuraxis::thread_cpu_ns() - start_ns);
  std::vector<double> qpos(data->qpos, data->qpos + model->nq);
  mj_deleteData(data);
  return {cpu_ns * 1e-3 / static_cast<double>(outputs.size()), qpos};
}

const neuraxis::MujocoSensors kSensors{
  "imu_quat", "imu_gyro", "imu_accel", {"left_foot_force", "right_foot_force"}, {}};

/// The world as a backend of type `Backend`, placed at its start.
template <typename Backend>
auto make_world(const World & world, const std::vector<std::string> & names)
  -> std::shared_ptr<Backend>
{
  const auto backend = std::make_shared<Backend>(world.model_path, names, kSensors);
  backend->set_state(world.qpos, std::vector<double>(backend->qvel_size(), 0.0), 0.0);
  return backend;
}

auto median(std::vector<double> values) -> double
{
  std::sort(values.begin(), values.end());
  return percentile(values, 0.5);
}

void bench_sim(const std::string & world_path, int rounds, std::uint64_t steps)
{
  const auto world = read_world(world_path);
  std::vector<std::string> names;
  for (const auto & joint : world.config.joints)
  {
    names.push_back(joint.name);
  }
  const auto recorder = make_world<Recorder>(world, names);
  recorder->outputs.reserve(steps);
  neuraxis::Loop(world.config, recorder, kPeriod_s).step(steps);

  const std::unique_ptr<mjModel, decltype(&mj_deleteModel)> model(
    neuraxis::load_mujoco_model(world.model_path), &mj_deleteModel);
  std::vector<int> ctrl;
  for (const auto & name : names)
  {
    const int actuator = mj_name2id(model.get(), mjOBJ_ACTUATOR, name.c_str());
    ctrl.push_back(model->actuator_ctrladr[actuator]);
  }
  std::vector<double> loop_us;
  std::vector<double> bare_us;
  for (int round = 0; round < rounds; ++round)
  {
    const auto backend = make_world<neuraxis::MujocoBackend>(world, names);
    neuraxis::Loop loop(world.config, backend, kPeriod_s);
    const auto start_ns = neuraxis::thread_cpu_ns();
    loop.step(steps);
    const auto cpu_ns = static_cast<double>(neuraxis::thread_cpu_ns() - start_ns);
    loop_us.push_back(cpu_ns * 1e-3 / static_cast<double>(steps));
    const auto [bare, qpos] = run_bare(model.get(), world, ctrl, recorder->outputs);
    bare_us.push_back(bare);
    if (qpos != backend->snapshot().qpos)
    {
      throw std::runtime_error("bare mj_step did not repeat the physics of the spinal cord's loop");
    }
  }
  std::cout << "{\"rounds\": " << rounds << ", \"steps\": " << steps
            << ", \"loop_us\": " << median(loop_us) << ", \"bare_us\": " << median(bare_us) << "}"
            << std::endl;
}

}  // namespace

int main(int argc, char ** argv)
{
  const std::vector<std::string> args(argv + 1, argv + argc);
  try
  {
    if (args.size() == 3 && args[0] == "cycle")
    {
      bench_cycle(std::stod(args[1]), std::stoi(args[2]));
    }
    else if (args.size() == 3 && args[0] == "wake")
    {
      bench_wake(std::stod(args[1]), std::stoi(args[2]));
    }
    else if (args.size() == 4 && args[0] == "sim")
    {
      bench_sim(args[1], std::stoi(args[2]), std::stoull(args[3]));
    }
    else
    {
      std::cerr
        << "usage: cycle SECONDS PRIORITY | wake SECONDS PRIORITY | sim WORLD ROUNDS STEPS\n";
      return 2;
    }
  }
  catch (const std::exception & error)
  {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
