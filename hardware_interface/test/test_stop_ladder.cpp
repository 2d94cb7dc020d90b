// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "fixture.hpp"
#include "neuraxis/stop_ladder.hpp"

namespace neuraxis::test
{
namespace
{

auto ladder_config() -> CordConfig
{
  auto config = make_config();
  config.hold_time_s = 1.0;
  config.lowering_time_s = 2.0;
  config.damping_time_s = 3.0;
  return config;
}

auto cause(StopReason reason) -> StopCause
{
  StopCause out;
  out.reason = reason;
  return out;
}

TEST(StopLadder, starts_in_an_unlatched_hold_that_lasts)
{
  StopLadder ladder(ladder_config());
  EXPECT_FALSE(ladder.advance(1e6));
  EXPECT_EQ(ladder.level(), StopLevel::hold);
  EXPECT_FALSE(ladder.latched());
}

TEST(StopLadder, a_command_leaves_an_unlatched_hold_but_not_a_latched_one)
{
  StopLadder ladder(ladder_config());
  EXPECT_TRUE(ladder.engage());
  EXPECT_EQ(ladder.level(), StopLevel::run);
  ladder.trip(StopLevel::hold, cause(StopReason::command_stale), 0.0);
  EXPECT_FALSE(ladder.engage());
  EXPECT_EQ(ladder.level(), StopLevel::hold);
}

TEST(StopLadder, goes_down_level_by_level_in_the_configured_times)
{
  StopLadder ladder(ladder_config());
  ladder.trip(StopLevel::hold, cause(StopReason::command_stale), 10.0);
  EXPECT_FALSE(ladder.advance(10.999));
  EXPECT_TRUE(ladder.advance(11.0));
  EXPECT_EQ(ladder.level(), StopLevel::lowering);
  EXPECT_TRUE(ladder.advance(13.0));
  EXPECT_EQ(ladder.level(), StopLevel::damping);
  EXPECT_TRUE(ladder.advance(16.0));
  EXPECT_EQ(ladder.level(), StopLevel::zero);
  EXPECT_FALSE(ladder.advance(1e9));
  EXPECT_EQ(ladder.cause().reason, StopReason::command_stale);
}

TEST(StopLadder, a_deeper_cause_replaces_a_shallower_one_and_not_the_other_way)
{
  StopLadder ladder(ladder_config());
  ladder.trip(StopLevel::damping, cause(StopReason::tilt), 0.0);
  EXPECT_FALSE(ladder.trip(StopLevel::hold, cause(StopReason::command_stale), 0.1));
  EXPECT_EQ(ladder.cause().reason, StopReason::tilt);
  EXPECT_TRUE(ladder.trip(StopLevel::zero, cause(StopReason::operator_request), 0.2));
  EXPECT_EQ(ladder.cause().reason, StopReason::operator_request);
}

TEST(StopLadder, a_request_to_run_is_no_stop)
{
  StopLadder ladder(ladder_config());
  EXPECT_FALSE(ladder.trip(StopLevel::run, cause(StopReason::operator_request), 0.0));
  EXPECT_FALSE(ladder.latched());
}

TEST(StopLadder, never_goes_up_without_reset_whatever_happens)
{
  std::mt19937_64 random(3);
  std::uniform_int_distribution<int> action(0, 40);
  StopLadder ladder(ladder_config());
  double now_s = 0.0;
  for (int i = 0; i < 200000; ++i)
  {
    const auto before = ladder.level();
    const bool latched = ladder.latched();
    now_s += 0.01;
    const int chosen = action(random);
    if (chosen == 0)
    {
      ladder.reset(now_s);
      EXPECT_EQ(ladder.level(), StopLevel::hold);
      continue;
    }
    if (chosen < 5)
    {
      ladder.trip(static_cast<StopLevel>(chosen), cause(StopReason::tilt), now_s);
    }
    else if (chosen < 10)
    {
      ladder.engage();
    }
    else
    {
      ladder.advance(now_s);
    }
    if (latched)
    {
      ASSERT_TRUE(ladder.latched());
      ASSERT_GE(ladder.level(), before);
    }
  }
}

TEST(StopCause, keeps_the_operators_words_cut_to_what_fits)
{
  EXPECT_EQ(describe(operator_cause("hand in the way")), "operator_request: hand in the way");
  const auto cut = describe(operator_cause(std::string(1000, 'x')));
  EXPECT_EQ(cut.size(), std::string("operator_request: ").size() + StopCause{}.text.size() - 1);
}

TEST(StopCause, says_value_and_bound)
{
  auto stale = cause(StopReason::command_stale);
  stale.value = 0.25;
  stale.bound = 0.2;
  EXPECT_EQ(describe(stale), "command_stale: age 0.25 s, limit 0.2 s");
  EXPECT_EQ(describe(StopCause{}), "");
}

}  // namespace
}  // namespace neuraxis::test
