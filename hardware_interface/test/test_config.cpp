// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "fixture.hpp"
#include "neuraxis/joint_map.hpp"

namespace neuraxis::test
{
namespace
{

auto refusal_of(const CordConfig & config) -> std::string
{
  try
  {
    validate(config);
  }
  catch (const std::invalid_argument & error)
  {
    return error.what();
  }
  return {};
}

TEST(Config, good_values_pass) { EXPECT_EQ(refusal_of(make_config(kMaxJoints)), ""); }

TEST(Config, each_mistake_is_refused_by_the_name_of_its_field)
{
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::pair<std::string, std::function<void(CordConfig &)>>> mistakes{
    {"number of joints", [](CordConfig & c) { c.joints.clear(); }},
    {"number of joints", [](CordConfig & c) { c = make_config(kMaxJoints + 1); }},
    {"unique", [](CordConfig & c) { c.joints[1].name = c.joints[0].name; }},
    {"'joint_1': limits", [](CordConfig & c) { c.joints[1].lower = c.joints[1].upper; }},
    {"'joint_1': limits", [](CordConfig & c) { c.joints[1].upper = kNan; }},
    {"velocity_max", [](CordConfig & c) { c.joints[0].velocity_max = 0.0; }},
    {"effort_max", [](CordConfig & c) { c.joints[0].effort_max = kNan; }},
    {"kp_max", [](CordConfig & c) { c.joints[0].kp_max = -1.0; }},
    {"kp_hold", [](CordConfig & c) { c.joints[0].kp_hold = c.joints[0].kp_max + 1.0; }},
    {"kd_damping", [](CordConfig & c) { c.joints[0].kd_damping = kNan; }},
    {"lowering_pos", [](CordConfig & c) { c.joints[0].lowering_pos = 9.0; }},
    {"no_load_speed", [](CordConfig & c) { c.joints[0].no_load_speed = 1.0; }},
    {"command_timeout_s", [](CordConfig & c) { c.command_timeout_s = 0.0; }},
    {"state_timeout_s", [](CordConfig & c) { c.state_timeout_s = kNan; }},
    {"late_margin_s", [](CordConfig & c) { c.late_margin_s = 0.0; }},
    {"hold_time_s", [](CordConfig & c) { c.hold_time_s = -1.0; }},
    {"tilt_limit_rad", [](CordConfig & c) { c.tilt_limit_rad = 0.0; }},
    {"frozen_timeout_s", [](CordConfig & c) { c.frozen_timeout_s = 0.0; }}};
  for (const auto & [name, make_mistake] : mistakes)
  {
    auto config = make_config();
    make_mistake(config);
    EXPECT_NE(refusal_of(config).find(name), std::string::npos)
      << name << ": " << refusal_of(config);
  }
}

TEST(JointMap, joins_by_name_and_not_by_order)
{
  const std::vector<std::size_t> expected{2, 0};
  EXPECT_EQ(map_joints({"c", "a"}, {"a", "b", "c"}), expected);
}

TEST(JointMap, names_all_missing_joints)
{
  try
  {
    (void)map_joints({"a", "x", "y"}, {"a"});
    FAIL();
  }
  catch (const std::invalid_argument & error)
  {
    EXPECT_NE(std::string(error.what()).find("'x', 'y'"), std::string::npos);
  }
}

TEST(JointMap, refuses_duplicates_on_either_side)
{
  EXPECT_THROW((void)map_joints({"a"}, {"a", "a"}), std::invalid_argument);
  EXPECT_THROW((void)map_joints({"a", "a"}, {"a", "b"}), std::invalid_argument);
}

}  // namespace
}  // namespace neuraxis::test
