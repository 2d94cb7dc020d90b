// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/rt.hpp"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

namespace neuraxis
{
namespace
{

constexpr std::int64_t kNsPerS = 1'000'000'000;

[[nodiscard]] auto read_clock(clockid_t clock) noexcept -> std::int64_t
{
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * kNsPerS + now.tv_nsec;
}

void touch_stack() noexcept
{
  constexpr std::size_t kBytes = 256 * 1024;
  [[maybe_unused]] volatile unsigned char stack[kBytes];
  for (std::size_t i = 0; i < kBytes; i += 4096)
  {
    stack[i] = 0;
  }
}

[[nodiscard]] auto lock_memory() -> std::string
{
  rlimit limit{};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  // With a finite limit and no privilege MCL_FUTURE makes later allocations of the process fail.
  if (geteuid() != 0 && limit.rlim_cur != RLIM_INFINITY)
  {
    return "memory not locked: RLIMIT_MEMLOCK is " + std::to_string(limit.rlim_cur) +
      " bytes, set 'memlock unlimited' in /etc/security/limits.conf";
  }
  if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0)
  {
    return std::string("memory not locked: mlockall: ") + std::strerror(errno);
  }
  return "memory locked";
}

}  // namespace

auto monotonic_ns() noexcept -> std::int64_t { return read_clock(CLOCK_MONOTONIC); }

auto thread_cpu_ns() noexcept -> std::int64_t { return read_clock(CLOCK_THREAD_CPUTIME_ID); }

void sleep_until_ns(std::int64_t deadline_ns) noexcept
{
  timespec deadline{};
  deadline.tv_sec = static_cast<time_t>(deadline_ns / kNsPerS);
  deadline.tv_nsec = static_cast<long>(deadline_ns % kNsPerS);
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nullptr) == EINTR)
  {
  }
}

auto enter_realtime(int priority) -> std::string
{
  // Default slack of 50 us would show as wake-up jitter of an ordinary thread.
  prctl(PR_SET_TIMERSLACK, 1UL);
  pthread_setname_np(pthread_self(), "spinal_cord");
  if (priority <= 0)
  {
    return "ordinary thread: no real-time priority was asked for";
  }
  touch_stack();
  sched_param param{};
  param.sched_priority = priority;
  const int error = pthread_setschedparam(pthread_self(), SCHED_FIFO, &param);
  std::string note = error == 0
    ? "SCHED_FIFO " + std::to_string(priority)
    : std::string("ordinary thread: SCHED_FIFO ") + std::to_string(priority) + ": " +
      std::strerror(error) + ", set 'rtprio 99' in /etc/security/limits.conf";
  return note + "; " + lock_memory();
}

void leave_realtime() noexcept { munlockall(); }

}  // namespace neuraxis
