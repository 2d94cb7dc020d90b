// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "socketcan_mit_factory.hpp"

namespace neuraxis::test
{
namespace
{

auto good_request() -> BackendRequest
{
  BackendRequest request;
  request.backend = "socketcan_mit";
  request.joints = {"knee", "ankle", "gripper"};
  request.params = {{"absent_joints", "gripper"}};
  request.joint_params["knee"] = {
    {"can_bus", "unix:/tmp/a"}, {"can_id", "1"}, {"motor", "dm8009"}, {"reply_id", "17"},
    {"sign", "-1"}, {"ratio", "2.5"}};
  request.joint_params["ankle"] = {{"can_bus", "can1"}, {"can_id", "2"}, {"motor", "ak80-9"}};
  return request;
}

auto refusal_of(const BackendRequest & request) -> std::string
{
  try
  {
    (void)make_socketcan_mit(request);
  }
  catch (const std::invalid_argument & error)
  {
    return error.what();
  }
  return {};
}

void expect_named(const BackendRequest & request, const std::vector<std::string> & words)
{
  const auto refusal = refusal_of(request);
  for (const auto & word : words)
  {
    EXPECT_NE(refusal.find(word), std::string::npos) << "'" << refusal << "' lacks " << word;
  }
}

TEST(CanConfig, reads_what_the_description_says)
{
  const auto config = can_mit_config(good_request());
  ASSERT_EQ(config.drives.size(), 2U);
  EXPECT_EQ(config.drives[0].address.reply_id, 17U);
  EXPECT_DOUBLE_EQ(config.drives[0].sign, -1.0);
  EXPECT_DOUBLE_EQ(config.drives[0].ratio, 2.5);
  EXPECT_EQ(config.drives[1].address.reply_id, 0U);
  EXPECT_EQ(refusal_of(good_request()), "");
}

TEST(CanConfig, each_mistake_names_joint_and_parameter)
{
  auto request = good_request();
  request.joint_params.erase("ankle");
  expect_named(request, {"joint 'ankle'", "'can_bus'", "missing"});
  request = good_request();
  request.joint_params["knee"].erase("reply_id");
  expect_named(request, {"joint 'knee'", "'reply_id'", "missing"});
  request = good_request();
  request.joint_params["knee"]["motor"] = "dm1";
  expect_named(request, {"joint 'knee'", "'dm1'", "dm8009"});
  request = good_request();
  request.joint_params["ankle"]["motor"] = "ak10-9";
  expect_named(request, {"joint 'ankle'", "'v_max'", "sources say"});
  request = good_request();
  request.joint_params["knee"]["can_id"] = "4000";
  expect_named(request, {"joint 'knee'", "'can_id'", "[0, 2046]", "4000"});
  request = good_request();
  request.joint_params["knee"]["sign"] = "2";
  expect_named(request, {"joint 'knee'", "'sign'"});
  request = good_request();
  request.joint_params["knee"]["ratio"] = "fast";
  expect_named(request, {"joint 'knee'", "'ratio'", "'fast'"});
  request = good_request();
  request.joint_params["ankle"]["can_bus"] = "unix:/tmp/a";
  request.joint_params["ankle"]["can_id"] = "1";
  expect_named(request, {"'knee'", "'ankle'", "share a drive"});
  request = good_request();
  request.params["absent_joints"] = "knee ankle gripper";
  expect_named(request, {"absent_joints"});
  request = good_request();
  request.params["reply_timeout_s"] = "0";
  expect_named(request, {"'reply_timeout_s'", "[0.001, 1]"});
}

TEST(CanConfig, a_bus_that_cannot_carry_its_drives_is_refused)
{
  auto request = good_request();
  request.joints.clear();
  for (int i = 1; i <= 5; ++i)
  {
    const auto joint = "joint_" + std::to_string(i);
    request.joints.push_back(joint);
    request.joint_params[joint] = {
      {"can_bus", "can0"}, {"can_id", std::to_string(i)}, {"motor", "ak80-9"}};
  }
  EXPECT_THROW(make_socketcan_mit(request)->check_period(0.001), std::invalid_argument);
  request.params["can_fd"] = "1";
  EXPECT_NO_THROW(make_socketcan_mit(request)->check_period(0.001));
}

TEST(CanConfig, a_bus_that_is_not_there_is_named)
{
  auto request = good_request();
  request.joint_params["ankle"]["can_bus"] = "unix:/nonexistent/bus";
  const auto backend = make_socketcan_mit(request);
  try
  {
    backend->activate(0.2);
    FAIL();
  }
  catch (const std::runtime_error & error)
  {
    EXPECT_NE(std::string(error.what()).find("CAN bus 'unix:/"), std::string::npos);
  }
}

}  // namespace
}  // namespace neuraxis::test
