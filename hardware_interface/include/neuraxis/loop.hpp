// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "neuraxis/backend.hpp"
#include "neuraxis/loop_stats.hpp"
#include "neuraxis/spinal_cord.hpp"
#include "neuraxis/triple_buffer.hpp"

namespace neuraxis
{

/// What the loop shows to the outside after each cycle.
struct LoopState
{
  double time_s = 0.0;
  StateSample sample;
  CordStatus status;
};

struct LoopStats
{
  /// The spinal cord alone, from measurement to actuator output.
  DurationSummary cord;
  /// The whole cycle with the backend.
  DurationSummary cycle;
  /// Lateness of the paced thread's wake-ups from sleep.
  DurationSummary wake;
  /// Cycles that began late without sleep, because those before them took too long.
  std::uint64_t overruns = 0;
  /// How often the loop was too late to catch up and shifted its schedule.
  std::uint64_t rebased = 0;
  std::string realtime_note;
};

/// Runs a spinal cord against a backend, in lockstep on the caller's thread or on its own paced
/// thread. The public members may be called from any thread: they share a mutex with each other,
/// never with the cycle, which only touches wait-free mailboxes.
class Loop
{
public:
  /// @throws std::invalid_argument where config, backend and period do not fit together.
  Loop(const CordConfig & config, std::shared_ptr<Backend> backend, double period_s);
  ~Loop();
  Loop(const Loop &) = delete;
  Loop(Loop &&) = delete;
  auto operator=(const Loop &) -> Loop & = delete;
  auto operator=(Loop &&) -> Loop & = delete;

  /// Runs `cycles` cycles now. @throws std::logic_error while the thread runs.
  void step(std::uint64_t cycles);
  /// Starts the thread.
  /// @param speed Loop time over wall time; 0 runs free, without real-time priority, because an
  ///   unpaced SCHED_FIFO thread would starve its core.
  /// @param rt_priority 1 to 99, or 0 for an ordinary thread.
  void start(double speed, int rt_priority);
  /// Stops the thread; does nothing where none runs.
  void stop();
  [[nodiscard]] auto running() const noexcept -> bool { return running_.load(); }

  /// The thread lets a simulated world stand still from this loop time on, so that commanders on
  /// a busy machine slow the world down and do not lose it. Never use it with hardware.
  void set_horizon(double time_s) noexcept { horizon_s_.store(time_s, std::memory_order_relaxed); }

  void command(const JointCommand & command);
  void request_stop(StopLevel level, const StopCause & cause);
  /// @throws std::runtime_error where the running loop does not answer in 0.5 s.
  [[nodiscard]] auto reset_stop() -> ResetResult;
  [[nodiscard]] auto state() -> LoopState;
  [[nodiscard]] auto stats() const -> LoopStats;
  void clear_stats() noexcept;

  /// Forgets commands, latch and counters and holds where the backend stands now.
  /// @throws std::logic_error while the thread runs.
  void restart();
  /// Runs `action` while no cycle can run. @throws std::logic_error while the thread runs.
  template <typename Action>
  void while_stopped(Action && action)
  {
    const std::lock_guard<std::mutex> lock(cycle_mutex_);
    require_stopped();
    action();
  }
  /// As while_stopped, then restarts.
  template <typename Action>
  void restart_after(Action && action)
  {
    const std::lock_guard<std::mutex> lock(cycle_mutex_);
    require_stopped();
    action();
    restart_locked();
  }

  [[nodiscard]] auto joint_count() const noexcept -> std::size_t { return cord_.joint_count(); }
  [[nodiscard]] auto config() const noexcept -> const CordConfig & { return config_; }
  [[nodiscard]] auto backend() const noexcept -> Backend & { return *backend_; }
  [[nodiscard]] auto period_s() const noexcept -> double { return period_s_; }

private:
  struct ResetAnswer
  {
    std::uint64_t id = 0;
    ResetResult result;
  };

  void require_stopped() const;
  void restart_locked();
  void cycle() noexcept;
  void take_mail(double now_s) noexcept;
  void publish() noexcept;
  void run(double speed) noexcept;
  [[nodiscard]] auto at_horizon() const noexcept -> bool;
  /// Hears operators and commanders without letting time pass.
  void stand_still() noexcept;
  void wait_for_next(std::int64_t & next_ns, std::int64_t period_ns) noexcept;

  CordConfig config_;
  std::shared_ptr<Backend> backend_;
  double period_s_;
  SpinalCord cord_;
  StateSample sample_;

  TripleBuffer<JointCommand> command_box_;
  std::array<TripleBuffer<StopCause>, kStopLevelNames.size()> stop_boxes_;
  TripleBuffer<LoopState> state_box_;
  std::atomic<std::uint64_t> reset_asked_{0};
  std::uint64_t reset_seen_ = 0;
  TripleBuffer<ResetAnswer> reset_box_;

  DurationHistogram cord_ns_;
  DurationHistogram cycle_ns_;
  DurationHistogram wake_ns_;
  std::atomic<std::uint64_t> overruns_{0};
  std::atomic<std::uint64_t> rebased_{0};

  /// Held by whoever runs cycles on a caller's thread or starts and stops the thread.
  std::mutex cycle_mutex_;
  std::mutex command_mutex_;
  std::mutex state_mutex_;
  std::mutex reset_mutex_;
  std::thread thread_;
  std::atomic<double> horizon_s_{std::numeric_limits<double>::infinity()};
  std::atomic<bool> running_{false};
  std::atomic<bool> ready_{false};
  std::string realtime_note_;
};

}  // namespace neuraxis
