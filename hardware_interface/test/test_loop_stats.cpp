// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include "neuraxis/loop_stats.hpp"

namespace neuraxis
{
namespace
{

TEST(DurationHistogram, is_empty_at_first_and_after_clear)
{
  const auto histogram = std::make_unique<DurationHistogram>();
  EXPECT_EQ(histogram->summary().count, 0U);
  histogram->add(5);
  histogram->clear();
  EXPECT_EQ(histogram->summary().count, 0U);
  EXPECT_DOUBLE_EQ(histogram->summary().max_us, 0.0);
}

TEST(DurationHistogram, percentiles_agree_with_sorting_within_a_bucket)
{
  const auto histogram = std::make_unique<DurationHistogram>();
  std::mt19937_64 random(9);
  std::lognormal_distribution<double> durations(8.0, 1.5);
  std::vector<double> all_us;
  for (int i = 0; i < 20000; ++i)
  {
    const auto duration_ns = static_cast<std::int64_t>(durations(random));
    histogram->add(duration_ns);
    all_us.push_back(static_cast<double>(duration_ns) * 1e-3);
  }
  std::sort(all_us.begin(), all_us.end());
  const auto exact = [&](double fraction)
  { return all_us[static_cast<std::size_t>(std::ceil(fraction * 20000.0)) - 1]; };
  const auto summary = histogram->summary();
  constexpr double kBucket = 1.0 / 32.0;
  for (const auto & [got, want] :
       {std::pair{summary.p50_us, exact(0.5)}, std::pair{summary.p99_us, exact(0.99)},
        std::pair{summary.p999_us, exact(0.999)}})
  {
    EXPECT_GE(got, want * (1.0 - 1e-9));
    EXPECT_LE(got, want * (1.0 + kBucket) + 2e-3);
  }
  EXPECT_DOUBLE_EQ(summary.max_us, all_us.back());
}

TEST(DurationHistogram, takes_the_negative_and_the_enormous)
{
  const auto histogram = std::make_unique<DurationHistogram>();
  histogram->add(-7);
  histogram->add(std::int64_t{1} << 60);
  const auto summary = histogram->summary();
  EXPECT_EQ(summary.count, 2U);
  EXPECT_DOUBLE_EQ(summary.p50_us, 0.0);
}

}  // namespace
}  // namespace neuraxis
