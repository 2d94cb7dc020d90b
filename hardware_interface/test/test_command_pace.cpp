// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "neuraxis/command_pace.hpp"

namespace neuraxis
{
namespace
{

constexpr double kPeriodMax_s = 0.02;
constexpr double kMargin_s = 0.007;

/// A pace that has learnt a period; its last command came at zero.
auto paced(double period_s) -> CommandPace
{
  CommandPace pace(kPeriodMax_s, kMargin_s);
  pace.restart(-40 * period_s);
  for (int k = 39; k >= 0; --k)
  {
    pace.arrive(-k * period_s);
  }
  return pace;
}

TEST(CommandPace, learns_the_period_within_its_bounds)
{
  EXPECT_NEAR(paced(0.01).period_s(), 0.01, 1e-6);
  EXPECT_NEAR(paced(1e-5).period_s(), 1e-3, 1e-6);
  EXPECT_NEAR(paced(0.5).period_s(), kPeriodMax_s, 1e-9);
}

TEST(CommandPace, is_late_a_margin_after_the_next_was_due)
{
  for (const double period_s : {0.005, 0.01, 0.02})
  {
    const auto pace = paced(period_s);
    const double bound_s = period_s + std::min(period_s, kMargin_s);
    EXPECT_FALSE(pace.late(bound_s - 1e-4)) << period_s;
    EXPECT_TRUE(pace.late(bound_s + 1e-4)) << period_s;
  }
}

TEST(CommandPace, after_one_command_it_waits_for_the_longest_period)
{
  CommandPace pace(kPeriodMax_s, kMargin_s);
  pace.restart(5.0);
  EXPECT_FALSE(pace.late(5.026));
  EXPECT_TRUE(pace.late(5.028));
}

TEST(CommandPace, a_time_that_is_no_number_is_late)
{
  EXPECT_TRUE(paced(0.01).late(std::numeric_limits<double>::quiet_NaN()));
}

}  // namespace
}  // namespace neuraxis
