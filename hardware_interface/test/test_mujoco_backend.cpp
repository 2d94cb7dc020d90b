// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "fixture.hpp"
#include "neuraxis/loop.hpp"
#include "neuraxis/mujoco_backend.hpp"
#include "pendulum.hpp"

namespace neuraxis::test
{
namespace
{

const std::vector<std::string> kJoints{"shoulder", "finger"};
const MujocoSensors kSensors{"quat", "gyro", "accel", {}, {"extra"}};

auto pendulum_config() -> CordConfig
{
  auto config = make_config(2);
  config.joints[0].name = "shoulder";
  config.joints[1].name = "finger";
  return config;
}

auto refusal_of(const std::vector<std::string> & joints, const MujocoSensors & sensors)
  -> std::string
{
  const PendulumFile file;
  try
  {
    const MujocoBackend backend(file.path(), joints, sensors);
  }
  catch (const std::invalid_argument & error)
  {
    return error.what();
  }
  return {};
}

class MujocoLoopTest : public ::testing::Test
{
protected:
  void drive(double pos, int commands)
  {
    for (int i = 0; i < commands; ++i)
    {
      loop_.command(make_command(loop_.state().sample.stamp_s, pos, 2));
      loop_.step(10);
    }
  }

  PendulumFile file_;
  std::shared_ptr<MujocoBackend> world_ =
    std::make_shared<MujocoBackend>(file_.path(), kJoints, kSensors);
  Loop loop_{pendulum_config(), world_, kPeriod_s};
};

TEST_F(MujocoLoopTest, drives_joints_joined_by_name)
{
  drive(0.1, 200);
  const auto state = loop_.state();
  EXPECT_EQ(state.status.level, StopLevel::run);
  EXPECT_NEAR(state.sample.pos[0], 0.1, 0.05);
  EXPECT_NEAR(state.sample.pos[1], 0.1, 0.05);
  EXPECT_NEAR(state.time_s, 2.0, 1e-9);
  EXPECT_NEAR(state.sample.extra[0], state.sample.pos[1], 1e-2);
}

TEST_F(MujocoLoopTest, the_filter_agrees_with_the_simulators_orientation)
{
  drive(0.1, 300);
  const auto state = loop_.state();
  for (std::size_t i = 0; i < 4; ++i)
  {
    EXPECT_NEAR(state.status.filter_quat_wxyz[i], state.sample.imu.quat_wxyz[i], 0.01);
  }
  EXPECT_NEAR(state.sample.imu.accel_B_m_s2[2], 9.81, 0.5);
}

TEST_F(MujocoLoopTest, the_snapshot_is_the_state_after_the_last_cycle)
{
  loop_.step(25);
  const auto snapshot = world_->snapshot();
  const auto state = loop_.state();
  EXPECT_DOUBLE_EQ(snapshot.time_s, state.time_s);
  EXPECT_EQ(snapshot.qpos.size(), 7U + 2U);
  EXPECT_EQ(snapshot.qvel.size(), 6U + 2U);
  EXPECT_DOUBLE_EQ(snapshot.qpos[7], state.sample.pos[0]);
  EXPECT_DOUBLE_EQ(snapshot.qvel[6], state.sample.vel[0]);
}

TEST_F(MujocoLoopTest, placing_the_world_starts_afresh_and_repeats_exactly)
{
  const auto start = world_->snapshot();
  const auto run = [&]
  {
    loop_.restart_after([&] { world_->set_state(start.qpos, start.qvel, 0.0); });
    EXPECT_EQ(loop_.state().status.level, StopLevel::hold);
    drive(0.2, 50);
    return world_->snapshot();
  };
  const auto first = run();
  const auto second = run();
  EXPECT_EQ(first.qpos, second.qpos);
  EXPECT_EQ(first.qvel, second.qvel);
}

TEST_F(MujocoLoopTest, editing_the_world_keeps_time_commands_and_latch)
{
  drive(0.04, 10);
  loop_.request_stop(StopLevel::hold, operator_cause("stop"));
  loop_.step(1);
  auto moved = world_->snapshot();
  moved.qpos[0] += 1.0;
  loop_.while_stopped([&] { world_->edit_state(moved.qpos, moved.qvel); });
  EXPECT_DOUBLE_EQ(world_->snapshot().qpos[0], moved.qpos[0]);
  EXPECT_DOUBLE_EQ(world_->time_s(), moved.time_s);
  loop_.step(1);
  EXPECT_TRUE(loop_.state().status.latched);
  EXPECT_EQ(loop_.state().status.counters.commands_accepted, 10U);
  EXPECT_THROW(world_->edit_state({}, moved.qvel), std::invalid_argument);
}

TEST_F(MujocoLoopTest, a_wrench_pushes_until_it_is_taken_away)
{
  world_->set_external_wrench("base", {400.0, 0.0, 0.0, 0.0, 0.0, 0.0});
  loop_.step(200);
  const double pushed_m_s = world_->snapshot().qvel[0];
  EXPECT_GT(pushed_m_s, 0.5);
  world_->set_external_wrench("base", {});
  loop_.step(500);
  EXPECT_LT(std::abs(world_->snapshot().qvel[0]), pushed_m_s / 2);
  EXPECT_THROW(world_->set_external_wrench("nobody", {}), std::invalid_argument);
  EXPECT_THROW(
    world_->set_external_wrench("base", {std::nan(""), 0, 0, 0, 0, 0}), std::invalid_argument);
}

TEST_F(MujocoLoopTest, a_base_that_is_tipped_over_damps)
{
  world_->set_external_wrench("base", {0.0, 0.0, 0.0, 300.0, 0.0, 0.0});
  loop_.step(1500);
  EXPECT_EQ(loop_.state().status.cause.reason, StopReason::tilt);
  EXPECT_GE(loop_.state().status.level, StopLevel::damping);
}

TEST_F(MujocoLoopTest, a_world_that_diverges_damps_until_it_is_placed_anew)
{
  const auto start = world_->snapshot();
  world_->set_external_wrench("base", {1e200, 0.0, 0.0, 0.0, 0.0, 0.0});
  loop_.step(20);
  auto state = loop_.state();
  EXPECT_EQ(state.status.cause.reason, StopReason::backend_error);
  EXPECT_EQ(state.status.level, StopLevel::damping);
  EXPECT_NEAR(state.time_s, 0.02, 1e-9);
  EXPECT_GT(world_->warning_count(), 0);
  EXPECT_FALSE(loop_.reset_stop().accepted);
  for (const double value : world_->snapshot().qpos)
  {
    EXPECT_TRUE(std::isfinite(value));
  }
  loop_.restart_after([&] { world_->set_state(start.qpos, start.qvel, 0.0); });
  drive(0.04, 20);
  EXPECT_EQ(loop_.state().status.level, StopLevel::run);
  EXPECT_EQ(world_->warning_count(), 0);
}

TEST_F(MujocoLoopTest, refuses_a_world_that_does_not_fit)
{
  EXPECT_THROW(world_->set_state({1.0}, std::vector<double>(8), 0.0), std::invalid_argument);
  EXPECT_THROW(
    world_->set_state(std::vector<double>(9, std::nan("")), std::vector<double>(8), 0.0),
    std::invalid_argument);
  EXPECT_THROW(Loop(pendulum_config(), world_, 0.0015), std::invalid_argument);
}

TEST(MujocoBackend, names_what_the_model_lacks)
{
  EXPECT_EQ(refusal_of(kJoints, kSensors), "");
  EXPECT_EQ(refusal_of({"knee"}, {}), "the model has no joint 'knee'");
  auto sensors = kSensors;
  sensors.gyro = "whirl";
  EXPECT_EQ(refusal_of(kJoints, sensors), "the model has no sensor 'whirl'");
  sensors = kSensors;
  sensors.accel = "quat";
  EXPECT_EQ(refusal_of(kJoints, sensors), "sensor 'quat' has 4 values, need 3");
}

TEST(MujocoBackend, refuses_files_that_are_no_model)
{
  EXPECT_THROW(MujocoBackend("/nowhere.mjb", kJoints, {}), std::invalid_argument);
  const PendulumFile broken("<mujoco><worldbody></mujoco>");
  EXPECT_THROW(MujocoBackend(broken.path(), kJoints, {}), std::invalid_argument);
}

TEST(MujocoBackend, refuses_an_actuator_that_is_no_motor)
{
  std::string text = kPendulumMjcf;
  const std::string motor = R"(<motor name="shoulder" joint="shoulder"/>)";
  text.replace(text.find(motor), motor.size(), "");
  const std::string servo = R"(name="servo")";
  text.replace(text.find(servo), servo.size(), R"(name="shoulder")");
  const PendulumFile file(text);
  EXPECT_THROW(MujocoBackend(file.path(), kJoints, {}), std::invalid_argument);
}

}  // namespace
}  // namespace neuraxis::test
