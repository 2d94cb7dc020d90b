// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <memory>

#include "gazebo/gazebo_backend.hpp"

namespace neuraxis
{
namespace
{

auto two_joints() -> CordConfig
{
  CordConfig config;
  for (const auto * name : {"hip", "knee"})
  {
    JointConfig joint;
    joint.name = name;
    joint.effort_max = 30.0;
    joint.kp_hold = 100.0;
    joint.kd_hold = 2.0;
    config.joints.push_back(joint);
  }
  return config;
}

auto sample_at(double hip, double knee, double stamp_s = 0.0) -> StateSample
{
  StateSample sample;
  sample.stamp_s = stamp_s;
  sample.pos[0] = hip;
  sample.pos[1] = knee;
  return sample;
}

TEST(GazeboLink, HoldsTheStartBeforeAnybodyCommands)
{
  const GazeboLink link(two_joints(), sample_at(-0.3, 0.6));
  auto now = sample_at(-0.2, 0.6);
  now.vel[1] = 1.0;
  JointArray efforts{};
  link.apply(now, efforts);
  EXPECT_DOUBLE_EQ(efforts[0], -10.0);
  EXPECT_DOUBLE_EQ(efforts[1], -2.0);
}

TEST(GazeboLink, HoldsWithinTheEffortLimit)
{
  const GazeboLink link(two_joints(), sample_at(1.0, -1.0));
  JointArray efforts{};
  link.apply(sample_at(0.0, 0.0), efforts);
  EXPECT_DOUBLE_EQ(efforts[0], 30.0);
  EXPECT_DOUBLE_EQ(efforts[1], -30.0);
}

TEST(GazeboLink, AppliesWhatTheSpinalCordSaysAndHoldsItsTargetAfterwards)
{
  const auto link = std::make_shared<GazeboLink>(two_joints(), sample_at(0.0, 0.0));
  GazeboBackend backend({"hip", "knee"}, link);
  ActuatorOutput output;
  output.target.pos[0] = 0.1;
  output.target.kp[0] = 50.0;
  output.effort_total[0] = 7.0;
  backend.write(output);
  JointArray efforts{};
  link->apply(sample_at(0.0, 0.0), efforts);
  EXPECT_DOUBLE_EQ(efforts[0], 7.0);
  backend.deactivate(1.0);
  link->apply(sample_at(0.0, 0.0), efforts);
  EXPECT_DOUBLE_EQ(efforts[0], 5.0);
}

TEST(GazeboLink, IsReadOncePerStepOfTheWorld)
{
  const auto link = std::make_shared<GazeboLink>(two_joints(), sample_at(0.2, 0.0, 3.0));
  GazeboBackend backend({"hip", "knee"}, link);
  StateSample sample;
  ASSERT_EQ(backend.read(sample).status, ReadStatus::fresh);
  EXPECT_DOUBLE_EQ(sample.pos[0], 0.2);
  EXPECT_EQ(backend.read(sample).status, ReadStatus::silent);
  link->see(sample_at(0.3, 0.0, 3.001));
  EXPECT_DOUBLE_EQ(backend.time_s(), 3.0);
  ASSERT_EQ(backend.read(sample).status, ReadStatus::fresh);
  EXPECT_DOUBLE_EQ(backend.time_s(), 3.001);
}

}  // namespace
}  // namespace neuraxis
