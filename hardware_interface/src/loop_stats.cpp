// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/loop_stats.hpp"

#include <algorithm>
#include <cmath>

namespace neuraxis
{

auto DurationHistogram::bucket_of(std::uint64_t duration_ns) noexcept -> std::size_t
{
  if (duration_ns < kSub)
  {
    return static_cast<std::size_t>(duration_ns);
  }
  const auto top_bit = static_cast<std::size_t>(63 - __builtin_clzll(duration_ns));
  const std::size_t shift = top_bit - kSubBits;
  const std::size_t bucket = (shift + 1) * kSub + ((duration_ns >> shift) & (kSub - 1));
  return std::min(bucket, kBuckets - 1);
}

auto DurationHistogram::upper_ns(std::size_t bucket) noexcept -> double
{
  if (bucket < kSub)
  {
    return static_cast<double>(bucket);
  }
  const std::size_t shift = bucket / kSub - 1;
  return std::ldexp(static_cast<double>(kSub + bucket % kSub + 1), static_cast<int>(shift));
}

void DurationHistogram::add(std::int64_t duration_ns) noexcept
{
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(duration_ns, 0));
  auto & bucket = buckets_[bucket_of(value)];
  bucket.store(bucket.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  sum_ns_.store(sum_ns_.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
  if (value > max_ns_.load(std::memory_order_relaxed))
  {
    max_ns_.store(value, std::memory_order_relaxed);
  }
}

void DurationHistogram::clear() noexcept
{
  for (auto & bucket : buckets_)
  {
    bucket.store(0, std::memory_order_relaxed);
  }
  sum_ns_.store(0, std::memory_order_relaxed);
  max_ns_.store(0, std::memory_order_relaxed);
}

auto DurationHistogram::percentile_us(double fraction, std::uint64_t total) const noexcept -> double
{
  const auto rank = static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(total)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i)
  {
    seen += buckets_[i].load(std::memory_order_relaxed);
    if (seen >= rank)
    {
      const auto max_ns = static_cast<double>(max_ns_.load(std::memory_order_relaxed));
      return std::min(upper_ns(i), max_ns) * 1e-3;
    }
  }
  return static_cast<double>(max_ns_.load(std::memory_order_relaxed)) * 1e-3;
}

auto DurationHistogram::summary() const noexcept -> DurationSummary
{
  DurationSummary out;
  for (const auto & bucket : buckets_)
  {
    out.count += bucket.load(std::memory_order_relaxed);
  }
  if (out.count == 0)
  {
    return out;
  }
  const auto sum_ns = static_cast<double>(sum_ns_.load(std::memory_order_relaxed));
  out.mean_us = sum_ns * 1e-3 / static_cast<double>(out.count);
  out.p50_us = percentile_us(0.5, out.count);
  out.p99_us = percentile_us(0.99, out.count);
  out.p999_us = percentile_us(0.999, out.count);
  out.max_us = static_cast<double>(max_ns_.load(std::memory_order_relaxed)) * 1e-3;
  return out;
}

}  // namespace neuraxis
