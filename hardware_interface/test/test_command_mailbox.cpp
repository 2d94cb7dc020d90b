// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "command_mailbox.hpp"

namespace neuraxis::test
{
namespace
{

struct Columns
{
  std::vector<std::string> name{"knee", "hip"};
  std::vector<double> pos{0.2, 0.1};
  std::vector<double> rest{0.0, 0.0};

  auto post(CommandMailbox & mailbox, double stamp_s) -> std::string
  {
    return mailbox.post(stamp_s, {name, pos, rest, rest, rest, rest});
  }
};

/// ROS time: the digits of a double must still tell milliseconds apart.
constexpr double kNow_s = 1.8e9;

TEST(CommandMailbox, sorts_by_name_and_ignores_joints_of_others)
{
  CommandMailbox mailbox({"hip", "knee"}, 0.2);
  Columns columns;
  columns.name.push_back("tail");
  columns.pos.push_back(9.0);
  columns.rest.push_back(0.0);
  ASSERT_EQ(columns.post(mailbox, kNow_s), "");
  JointTuple out;
  ASSERT_TRUE(mailbox.sample(kNow_s + 0.001, out));
  EXPECT_EQ(out.pos[0], 0.1);
  EXPECT_EQ(out.pos[1], 0.2);
}

TEST(CommandMailbox, refuses_what_is_missing_twice_or_not_finite_by_name)
{
  CommandMailbox mailbox({"hip", "knee"}, 0.2);
  Columns columns;
  columns.name = {"knee", "knee"};
  EXPECT_EQ(columns.post(mailbox, kNow_s), "joint 'knee' is commanded twice");
  columns.name = {"knee", "tail"};
  EXPECT_EQ(columns.post(mailbox, kNow_s), "joint 'hip' is missing in the command");
  columns.name = {"knee", "hip"};
  columns.pos[1] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(
    columns.post(mailbox, kNow_s), "joint 'hip' is commanded a value that is not finite");
  columns.pos = {0.1};
  const auto refusal = columns.post(mailbox, kNow_s);
  EXPECT_NE(refusal.find("length of 'name', 2, one has 1"), std::string::npos) << refusal;
  JointTuple out;
  EXPECT_FALSE(mailbox.sample(kNow_s, out));
}

TEST(CommandMailbox, a_command_lives_until_the_next_one_is_late)
{
  CommandMailbox mailbox({"hip", "knee"}, 0.2);
  Columns columns;
  JointTuple out;
  double now_s = kNow_s;
  for (int i = 0; i < 400; ++i)
  {
    if (i % 10 == 0)
    {
      ASSERT_EQ(columns.post(mailbox, now_s), "");
    }
    ASSERT_TRUE(mailbox.sample(now_s, out)) << i;
    now_s += 0.001;
  }
  // The last one came 10 ms ago; with its period and the margin it is late after 17 ms.
  EXPECT_TRUE(mailbox.sample(now_s + 0.006, out));
  EXPECT_FALSE(mailbox.sample(now_s + 0.008, out));
  ASSERT_EQ(columns.post(mailbox, now_s + 0.05), "");
  EXPECT_TRUE(mailbox.sample(now_s + 0.05, out));
}

TEST(CommandMailbox, a_command_lives_no_longer_than_its_stamp)
{
  CommandMailbox mailbox({"hip", "knee"}, 0.2);
  Columns columns;
  JointTuple out;
  ASSERT_EQ(columns.post(mailbox, kNow_s - 0.19), "");
  EXPECT_TRUE(mailbox.sample(kNow_s, out));
  EXPECT_FALSE(mailbox.sample(kNow_s + 0.015, out));
}

TEST(CommandMailbox, drops_old_future_and_backward_stamps)
{
  CommandMailbox mailbox({"hip", "knee"}, 0.2);
  Columns columns;
  JointTuple out;
  ASSERT_EQ(columns.post(mailbox, kNow_s - 0.3), "");
  EXPECT_FALSE(mailbox.sample(kNow_s, out));
  ASSERT_EQ(columns.post(mailbox, kNow_s + 0.1), "");
  EXPECT_FALSE(mailbox.sample(kNow_s, out));
  ASSERT_EQ(columns.post(mailbox, kNow_s), "");
  EXPECT_TRUE(mailbox.sample(kNow_s, out));
  ASSERT_EQ(columns.post(mailbox, kNow_s - 0.01), "");
  EXPECT_TRUE(mailbox.sample(kNow_s + 0.001, out));
  EXPECT_EQ(mailbox.dropped(), 3U);
}

TEST(CommandMailbox, interpolates_between_commands)
{
  CommandMailbox mailbox({"hip", "knee"}, 0.2);
  Columns columns;
  JointTuple out;
  double now_s = kNow_s;
  double last = 0.0;
  for (int i = 0; i < 500; ++i)
  {
    if (i % 10 == 0)
    {
      columns.pos = {0.0, 0.01 * (i / 10)};
      ASSERT_EQ(columns.post(mailbox, now_s), "");
    }
    ASSERT_TRUE(mailbox.sample(now_s, out));
    // Once the interval is known, 0.01 per 10 ms comes as 0.001 per ms.
    if (i > 250)
    {
      EXPECT_NEAR(out.pos[0] - last, 0.001, 2e-4) << i;
    }
    last = out.pos[0];
    now_s += 0.001;
  }
}

TEST(CommandMailbox, clear_forgets_even_what_was_not_seen_yet)
{
  CommandMailbox mailbox({"hip", "knee"}, 0.2);
  Columns columns;
  JointTuple out;
  ASSERT_EQ(columns.post(mailbox, kNow_s), "");
  mailbox.clear();
  EXPECT_FALSE(mailbox.sample(kNow_s, out));
}

TEST(CommandMailbox, refuses_bad_parameters)
{
  EXPECT_THROW(CommandMailbox({}, 0.2), std::invalid_argument);
  EXPECT_THROW(CommandMailbox({"hip", "hip"}, 0.2), std::invalid_argument);
  EXPECT_THROW(CommandMailbox({"hip"}, 0.0), std::invalid_argument);
}

}  // namespace
}  // namespace neuraxis::test
