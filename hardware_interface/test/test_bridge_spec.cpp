// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "backend_factory.hpp"
#include "bridge_fixture.hpp"

namespace neuraxis::test
{
namespace
{

struct Refusal
{
  const char * name;
  std::function<void(SystemSpec &)> change;
  /// All of these must be in the message.
  std::vector<std::string> words;
};

class RefusedSpec : public testing::TestWithParam<Refusal>
{
};

TEST_P(RefusedSpec, names_who_and_what)
{
  auto spec = make_spec();
  GetParam().change(spec);
  try
  {
    const CordBridge bridge(spec);
    FAIL() << "was accepted";
  }
  catch (const std::invalid_argument & error)
  {
    for (const auto & word : GetParam().words)
    {
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos)
        << "'" << word << "' is not in: " << error.what();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
  All, RefusedSpec,
  testing::Values(
    Refusal{"missing_gain", [](auto & s) { s.joints[1].params.erase("kp"); },
            {"joint 'knee'", "'kp' is missing"}},
    Refusal{"malformed_gain", [](auto & s) { s.joints[1].params["kd"] = "5,0"; },
            {"joint 'knee'", "'kd'", "'5,0'"}},
    Refusal{"gain_above_its_bound", [](auto & s) { s.joints[0].params["kp"] = "400"; },
            {"joint 'hip'", "kp_hold", "[0, 300]", "400"}},
    Refusal{"lowering_outside_limits", [](auto & s) { s.joints[0].params["lowering"] = "2"; },
            {"joint 'hip'", "lowering_pos"}},
    Refusal{"missing_backend", [](auto & s) { s.params.erase("backend"); },
            {"hardware", "'backend' is missing"}},
    Refusal{"malformed_rate", [](auto & s) { s.params["update_rate"] = "fast"; },
            {"'update_rate'", "'fast'"}},
    Refusal{"rate_out_of_bounds", [](auto & s) { s.params["update_rate"] = "0"; },
            {"'update_rate'", "[10, 10000]", "got 0"}},
    Refusal{"negative_timeout", [](auto & s) { s.params["command_timeout_s"] = "-1"; },
            {"command_timeout_s", "-1"}},
    Refusal{"duplicate_joint", [](auto & s) { s.joints.push_back(s.joints[0]); },
            {"joint 'hip'", "twice"}},
    Refusal{"joint_that_the_robot_lacks", [](auto & s) { s.joints[1].name = "tail"; },
            {"joint 'tail'", "no movable joint"}},
    Refusal{"joint_that_nobody_holds", [](auto & s) { s.joints.pop_back(); },
            {"joint 'knee'", "missing in the ros2_control block", "joints_elsewhere"}},
    Refusal{"unknown_command_interface",
            [](auto & s) { s.joints[0].command_interfaces.push_back("current"); },
            {"joint 'hip'", "'current'", "position, velocity, effort, kp, kd"}},
    Refusal{"interface_twice",
            [](auto & s) { s.joints[0].command_interfaces.push_back("position"); },
            {"joint 'hip'", "'position'", "twice"}},
    Refusal{"half_of_the_gains",
            [](auto & s) { s.joints[0].command_interfaces = {"position", "kp"}; },
            {"joint 'hip'", "[position, kp]", "'kd'"}},
    Refusal{"no_position_state", [](auto & s) { s.joints[0].state_interfaces = {"velocity"}; },
            {"joint 'hip'", "[velocity]", "'position'"}},
    Refusal{"unknown_sensor", [](auto & s) { s.sensors[0].name = "nose"; },
            {"sensor 'nose'", "imu_link", "left_sole", "battery"}},
    Refusal{"unknown_sensor_interface",
            [](auto & s) { s.sensors[1].state_interfaces = {"force.x"}; },
            {"sensor 'left_sole'", "'force.x'", "force.z"}},
    Refusal{"unknown_gpio", [](auto & s) { s.gpios[0].name = "lamp"; },
            {"gpio 'lamp'", "'spinal_cord'"}},
    Refusal{"unknown_gpio_interface",
            [](auto & s) { s.gpios[0].command_interfaces.push_back("go"); },
            {"gpio 'spinal_cord'", "'go'", "stop_level"}}),
  [](const auto & refusal) { return std::string(refusal.param.name); });

TEST(BridgeSpec, joints_that_others_hold_may_be_missing)
{
  auto spec = make_spec();
  spec.joints.pop_back();
  spec.params["joints_elsewhere"] = "ankle knee";
  EXPECT_EQ(CordBridge(spec).joint_names(), std::vector<std::string>{"hip"});
}

TEST(BridgeSpec, gain_interfaces_may_have_other_names)
{
  auto spec = make_spec();
  spec.params["kp_interface"] = "proportional";
  spec.params["kd_interface"] = "derivative";
  for (auto & joint : spec.joints)
  {
    joint.command_interfaces = {"position", "proportional", "derivative"};
  }
  CordBridge bridge(spec);
  EXPECT_EQ(
    bridge.check_switch({"hip/position", "hip/proportional", "hip/derivative"}, {}), "");
  EXPECT_NE(
    bridge.check_switch({"hip/position", "hip/proportional"}, {}).find("needs 'derivative'"),
    std::string::npos);
}

TEST(BridgeSpec, a_number_may_be_infinite)
{
  auto spec = make_spec();
  spec.params["hold_time_s"] = "inf";
  EXPECT_TRUE(std::isinf(CordBridge(spec).config().cord.hold_time_s));
}

void expect_refused(const std::function<void()> & action, const std::vector<std::string> & words)
{
  try
  {
    action();
    FAIL() << "was accepted";
  }
  catch (const std::invalid_argument & error)
  {
    for (const auto & word : words)
    {
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
    }
  }
}

TEST(BackendFactory, refuses_unknown_backends_with_the_known_ones)
{
  expect_refused([] { require_backend("magic"); }, {"'magic'", "mock", "aimdk_hal"});
}

TEST(BackendFactory, names_the_package_that_this_build_lacks)
{
  expect_refused(
    [] { require_backend("aimdk_hal"); }, {"'aimdk_hal'", "aimdk_msgs", "not found", "built"});
}

TEST(BackendFactory, a_mock_starts_in_the_initial_pose)
{
  BackendRequest request{"mock", {"hip", "knee"}, {}, {{"knee", {{"initial", "0.3"}}}}, ""};
  StateSample sample;
  const auto backend = make_backend(request);
  ASSERT_EQ(backend->read(sample).status, ReadStatus::fresh);
  EXPECT_EQ(sample.pos[0], 0.0);
  EXPECT_EQ(sample.pos[1], 0.3);
  request.joint_params["knee"]["initial"] = "up";
  expect_refused([&] { (void)make_backend(request); }, {"joint 'knee'", "'initial'", "'up'"});
}

TEST(BackendFactory, a_mock_falls_ill_when_it_is_told_to)
{
  BackendRequest request{"mock", {"hip"}, {}, {}, ""};
  request.params = {{"fault", "silence"}, {"fault_after_s", "0.01"}};
  const auto backend = make_backend(request);
  StateSample sample;
  for (int i = 0; i < 9; ++i)
  {
    backend->advance(0.001);
  }
  EXPECT_EQ(backend->read(sample).status, ReadStatus::fresh);
  backend->advance(0.0015);
  EXPECT_EQ(backend->read(sample).status, ReadStatus::silent);
  request.params["fault"] = "flu";
  expect_refused([&] { (void)make_backend(request); }, {"'mock'", "'flu'"});
}

#ifdef NEURAXIS_HAS_MUJOCO
TEST(BackendFactory, mujoco_needs_a_model)
{
  BackendRequest request{"mujoco", {"hip"}, {}, {}, ""};
  expect_refused([&] { (void)make_backend(request); }, {"'mujoco'", "'model_path' is missing"});
  request.params["model_path"] = "nowhere.mjb";
  expect_refused([&] { (void)make_backend(request); }, {"nowhere.mjb"});
}
#endif

}  // namespace
}  // namespace neuraxis::test
