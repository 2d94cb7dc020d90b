// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace neuraxis
{

/// Monotonic clock.
[[nodiscard]] auto monotonic_ns() noexcept -> std::int64_t;
/// CPU time of the calling thread.
[[nodiscard]] auto thread_cpu_ns() noexcept -> std::int64_t;
/// Sleeps until an absolute time of the monotonic clock.
void sleep_until_ns(std::int64_t deadline_ns) noexcept;

/// Makes the calling thread SCHED_FIFO at `priority`, touches its stack, and keeps the memory of
/// the process from being paged out, as far as the machine allows.
/// @param priority 1 to 99; 0 asks for nothing.
/// @returns One line that says what was granted, and what to do about the rest.
[[nodiscard]] auto enter_realtime(int priority) -> std::string;
/// Takes back the memory lock of enter_realtime.
void leave_realtime() noexcept;

}  // namespace neuraxis
