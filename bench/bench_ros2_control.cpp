// SPDX-License-Identifier: Apache-2.0
// A controller manager with a stopwatch: ros2_control_node's loop, with every cycle's CPU time,
// wall time and period in histograms. Prints one JSON object per window and ends after the last.
//
//   bench_ros2_control WINDOW_S WINDOWS --ros-args ...
//
// The first window begins with a line on standard input.
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <controller_manager/controller_manager.hpp>
#include <rclcpp/executors/multi_threaded_executor.hpp>
#include <rclcpp/rclcpp.hpp>

#include "neuraxis/loop_stats.hpp"
#include "neuraxis/rt.hpp"

namespace
{

constexpr int kPriority = 50;

struct Stopwatch
{
  /// CPU time of read + update + write.
  neuraxis::DurationHistogram cpu_ns;
  neuraxis::DurationHistogram wall_ns;
  neuraxis::DurationHistogram period_ns;
  neuraxis::DurationHistogram read_ns;
  neuraxis::DurationHistogram update_ns;
  neuraxis::DurationHistogram write_ns;
  std::uint64_t overruns = 0;
};

void print(const char * name, const neuraxis::DurationSummary & summary, const char * end)
{
  std::printf(
    "\"%s\": {\"count\": %lu, \"p50_us\": %.2f, \"p99_us\": %.2f, \"p999_us\": %.2f, "
    "\"max_us\": %.2f}%s",
    name, static_cast<unsigned long>(summary.count), summary.p50_us, summary.p99_us,
    summary.p999_us, summary.max_us, end);
}

void print(const Stopwatch & watch, const std::string & note)
{
  std::printf("{");
  print("cpu", watch.cpu_ns.summary(), ", ");
  print("wall", watch.wall_ns.summary(), ", ");
  print("period", watch.period_ns.summary(), ", ");
  print("read", watch.read_ns.summary(), ", ");
  print("update", watch.update_ns.summary(), ", ");
  print("write", watch.write_ns.summary(), ", ");
  std::printf(
    "\"overruns\": %lu, \"realtime_note\": \"%s\"}\n", static_cast<unsigned long>(watch.overruns),
    note.c_str());
  std::fflush(stdout);
}

/// One window of cycles, paced as ros2_control_node paces them.
void run(
  controller_manager::ControllerManager & manager, Stopwatch & watch,
  const std::function<bool()> & goes_on, std::int64_t & next_ns)
{
  const std::int64_t period_ns = 1'000'000'000 / manager.get_update_rate();
  std::int64_t before_ns = 0;
  while (rclcpp::ok() && goes_on())
  {
    const auto start_ns = neuraxis::monotonic_ns();
    const auto period = rclcpp::Duration(
      std::chrono::nanoseconds(before_ns == 0 ? period_ns : start_ns - before_ns));
    if (before_ns != 0)
    {
      watch.period_ns.add(start_ns - before_ns);
    }
    before_ns = start_ns;
    const auto clock = manager.get_trigger_clock();
    const std::array<std::int64_t, 4> marks{
      neuraxis::thread_cpu_ns(),
      (manager.read(clock->now(), period), neuraxis::thread_cpu_ns()),
      (manager.update(clock->now(), period), neuraxis::thread_cpu_ns()),
      (manager.write(clock->now(), period), neuraxis::thread_cpu_ns())};
    const auto wall_ns = neuraxis::monotonic_ns() - start_ns;
    watch.read_ns.add(marks[1] - marks[0]);
    watch.update_ns.add(marks[2] - marks[1]);
    watch.write_ns.add(marks[3] - marks[2]);
    watch.cpu_ns.add(marks[3] - marks[0]);
    watch.wall_ns.add(wall_ns);
    watch.overruns += wall_ns > period_ns ? 1 : 0;
    next_ns += period_ns;
    const auto now_ns = neuraxis::monotonic_ns();
    if (now_ns > next_ns)
    {
      next_ns = now_ns;
      continue;
    }
    neuraxis::sleep_until_ns(next_ns);
  }
}

}  // namespace

auto main(int argc, char ** argv) -> int
{
  rclcpp::init(argc, argv);
  const auto plain = rclcpp::remove_ros_arguments(argc, argv);
  if (plain.size() != 3)
  {
    std::fprintf(stderr, "bench_ros2_control WINDOW_S WINDOWS --ros-args ...\n");
    return 2;
  }
  const auto window_ns = static_cast<std::int64_t>(std::atof(plain[1].c_str()) * 1e9);
  const int windows = std::atoi(plain[2].c_str());
  std::atomic<bool> asked{false};
  std::thread(
    [&asked]
    {
      (void)std::getchar();
      asked.store(true);
    })
    .detach();
  const auto executor = std::make_shared<rclcpp::executors::MultiThreadedExecutor>();
  // Controllers get the parameter files from their manager's own arguments.
  auto options = controller_manager::get_cm_node_options();
  auto arguments = options.arguments();
  for (int i = 3; i < argc; ++i)
  {
    arguments.emplace_back(argv[i]);
  }
  options.arguments(arguments);
  const auto manager = std::make_shared<controller_manager::ControllerManager>(
    executor, "controller_manager", "", options);
  std::thread loop(
    [&]
    {
      const auto note = neuraxis::enter_realtime(kPriority);
      auto next_ns = neuraxis::monotonic_ns();
      auto watch = std::make_unique<Stopwatch>();
      run(*manager, *watch, [&asked] { return !asked.load(); }, next_ns);
      for (int i = 0; i < windows && rclcpp::ok(); ++i)
      {
        watch = std::make_unique<Stopwatch>();
        const auto end_ns = neuraxis::monotonic_ns() + window_ns;
        run(*manager, *watch, [end_ns] { return neuraxis::monotonic_ns() < end_ns; }, next_ns);
        print(*watch, note);
      }
      rclcpp::shutdown();
    });
  executor->add_node(manager);
  executor->spin();
  loop.join();
  return 0;
}
