// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace neuraxis
{

/// Summary of a histogram. Percentiles are upper bounds of their buckets (within 3.2 %).
struct DurationSummary
{
  std::uint64_t count = 0;
  double mean_us = 0.0;
  double p50_us = 0.0;
  double p99_us = 0.0;
  double p999_us = 0.0;
  double max_us = 0.0;
};

/// Fixed-size log-linear histogram of durations: 32 buckets per octave from 1 ns to 1.1 s.
/// One writer; readers on other threads see each counter whole, if not all at one instant.
class DurationHistogram
{
public:
  void add(std::int64_t duration_ns) noexcept;
  void clear() noexcept;
  [[nodiscard]] auto summary() const noexcept -> DurationSummary;

private:
  static constexpr std::size_t kSubBits = 5;
  static constexpr std::size_t kSub = std::size_t{1} << kSubBits;
  static constexpr std::size_t kOctaves = 26;
  static constexpr std::size_t kBuckets = kSub * kOctaves;

  [[nodiscard]] static auto bucket_of(std::uint64_t duration_ns) noexcept -> std::size_t;
  [[nodiscard]] static auto upper_ns(std::size_t bucket) noexcept -> double;
  [[nodiscard]] auto percentile_us(double fraction, std::uint64_t total) const noexcept -> double;

  std::array<std::atomic<std::uint64_t>, kBuckets> buckets_{};
  std::atomic<std::uint64_t> sum_ns_{0};
  std::atomic<std::uint64_t> max_ns_{0};
};

}  // namespace neuraxis
