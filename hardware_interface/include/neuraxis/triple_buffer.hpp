// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <utility>

namespace neuraxis
{

/// Newest-value mailbox between one writer and one reader; neither ever waits for the other.
template <typename T>
class TripleBuffer
{
public:
  TripleBuffer() = default;
  /// Starts all three slots as copies, so that slots which own memory have it from the start.
  explicit TripleBuffer(const T & initial) : slots_{initial, initial, initial} {}

  /// Slot the writer fills before `publish`. It holds some older value.
  [[nodiscard]] auto back() noexcept -> T & { return slots_[back_]; }

  void publish() noexcept
  {
    const auto taken =
      middle_.exchange(static_cast<std::uint8_t>(back_ | kFresh), std::memory_order_acq_rel);
    back_ = taken & kIndexMask;
  }

  void write(const T & value) noexcept(noexcept(std::declval<T &>() = value))
  {
    back() = value;
    publish();
  }

  /// Makes the newest value `front`. @returns false where nothing new was published.
  auto update() noexcept -> bool
  {
    if ((middle_.load(std::memory_order_relaxed) & kFresh) == 0)
    {
      return false;
    }
    front_ = middle_.exchange(front_, std::memory_order_acq_rel) & kIndexMask;
    return true;
  }

  [[nodiscard]] auto front() const noexcept -> const T & { return slots_[front_]; }

private:
  static constexpr std::uint8_t kFresh = 4;
  static constexpr std::uint8_t kIndexMask = 3;

  std::array<T, 3> slots_{};
  std::atomic<std::uint8_t> middle_{1};
  std::uint8_t back_ = 0;
  std::uint8_t front_ = 2;
};

}  // namespace neuraxis
