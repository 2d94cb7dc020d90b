// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace neuraxis::test
{

/// What the armed threads of this process did since the last `clear_trap`.
struct Trapped
{
  std::uint64_t allocations = 0;
  std::uint64_t frees = 0;
  std::uint64_t locks = 0;
};

/// Counts heap and lock calls of the calling thread while armed.
void arm_trap(bool armed) noexcept;
void clear_trap() noexcept;
[[nodiscard]] auto trapped() noexcept -> Trapped;

}  // namespace neuraxis::test
