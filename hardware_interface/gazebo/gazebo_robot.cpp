// SPDX-License-Identifier: Apache-2.0
#include "gazebo_robot.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <gz/sim/Joint.hh>
#include <gz/sim/Link.hh>
#include <gz/sim/Model.hh>
#include <gz/sim/Util.hh>
#include <gz/sim/components/AngularVelocity.hh>
#include <gz/sim/components/ContactSensorData.hh>
#include <gz/sim/components/Gravity.hh>
#include <gz/sim/components/Imu.hh>
#include <gz/sim/components/JointAxis.hh>
#include <gz/sim/components/JointForceCmd.hh>
#include <gz/sim/components/JointPosition.hh>
#include <gz/sim/components/JointPositionReset.hh>
#include <gz/sim/components/JointVelocity.hh>
#include <gz/sim/components/JointVelocityCmd.hh>
#include <gz/sim/components/LinearAcceleration.hh>
#include <gz/sim/components/Name.hh>
#include <gz/sim/components/World.hh>

namespace neuraxis
{
namespace
{

namespace sim = gz::sim;
namespace components = gz::sim::components;

/// How fast a follower closes in on its leader, 1/s.
constexpr double kFollowRate = 200.0;

/// Writes the only value of a joint's component. @returns false where there is none yet.
template <typename Component>
auto set_first(sim::EntityComponentManager & ecm, sim::Entity joint, double value) noexcept -> bool
{
  auto * component = ecm.Component<Component>(joint);
  if (component == nullptr || component->Data().empty())
  {
    return false;
  }
  component->Data()[0] = value;
  return true;
}

template <typename Component>
[[nodiscard]] auto first(
  const sim::EntityComponentManager & ecm, sim::Entity joint) noexcept -> double
{
  const auto * component = ecm.Component<Component>(joint);
  return component == nullptr || component->Data().empty() ? 0.0 : component->Data()[0];
}

}  // namespace

GazeboRobot::GazeboRobot(
  sim::EntityComponentManager & ecm, const Entities & joints, const GazeboRobotSpec & spec)
: ecm_(ecm)
{
  for (const auto & joint : spec.joints)
  {
    const auto found = joints.find(joint.name);
    if (found == joints.end())
    {
      throw std::invalid_argument("the model in Gazebo has no joint '" + joint.name + "'");
    }
    model_ = ecm_.ParentEntity(found->second);
    add_joint(found->second, joint);
  }
  add_followers(joints, spec);
  add_feet(spec.feet);
  find_imu(spec.imu);
  const auto * gravity = ecm_.Component<components::Gravity>(sim::worldEntity(ecm_));
  gravity_ = gravity == nullptr ? gz::math::Vector3d(0.0, 0.0, -9.81) : gravity->Data();
}

void GazeboRobot::add_joint(sim::Entity entity, const GazeboJoint & joint)
{
  joints_.push_back(entity);
  ecm_.SetComponentData<components::JointPosition>(entity, {joint.start});
  ecm_.SetComponentData<components::JointVelocity>(entity, {0.0});
  ecm_.SetComponentData<components::JointForceCmd>(entity, {0.0});
  ecm_.SetComponentData<components::JointPositionReset>(entity, {joint.start});
}

void GazeboRobot::add_followers(const Entities & joints, const GazeboRobotSpec & spec)
{
  for (const auto & [name, entity] : joints)
  {
    const auto * axis = ecm_.Component<components::JointAxis>(entity);
    const auto mimic = axis == nullptr ? std::nullopt : axis->Data().Mimic();
    if (!mimic)
    {
      continue;
    }
    const auto leader = std::find_if(
      spec.joints.begin(), spec.joints.end(),
      [&mimic](const GazeboJoint & joint) { return joint.name == mimic->Joint(); });
    if (leader == spec.joints.end())
    {
      throw std::invalid_argument(
        "joint '" + name + "' mimics '" + mimic->Joint() + "', which nobody drives");
    }
    Follower follower;
    follower.joint = entity;
    follower.leader = static_cast<std::size_t>(leader - spec.joints.begin());
    follower.multiplier = mimic->Multiplier();
    follower.offset = mimic->Offset();
    const double start = follower.multiplier * leader->start + follower.offset;
    ecm_.SetComponentData<components::JointPosition>(entity, {start});
    ecm_.SetComponentData<components::JointPositionReset>(entity, {start});
    ecm_.SetComponentData<components::JointVelocityCmd>(entity, {0.0});
    followers_.push_back(follower);
  }
}

void GazeboRobot::add_feet(const std::array<std::string, 2> & feet)
{
  for (std::size_t i = 0; i < feet.size(); ++i)
  {
    const auto link = sim::Model(model_).LinkByName(ecm_, feet[i]);
    if (link == sim::kNullEntity)
    {
      throw std::invalid_argument("the model in Gazebo has no link '" + feet[i] + "' for a foot");
    }
    soles_[i] = sim::Link(link).Collisions(ecm_);
    for (const auto sole : soles_[i])
    {
      ecm_.SetComponentData<components::ContactSensorData>(sole, gz::msgs::Contacts());
    }
  }
}

void GazeboRobot::find_imu(const std::string & name)
{
  ecm_.Each<components::Imu, components::Name>(
    [this, &name](const sim::Entity & entity, const components::Imu *, const components::Name * it)
    {
      if (it->Data() == name && sim::topLevelModel(entity, ecm_) == model_)
      {
        imu_ = entity;
      }
      return true;
    });
  if (imu_ == sim::kNullEntity)
  {
    throw std::invalid_argument("the model in Gazebo has no IMU '" + name + "'");
  }
  ecm_.SetComponentData<components::AngularVelocity>(imu_, gz::math::Vector3d::Zero);
  ecm_.SetComponentData<components::LinearAcceleration>(imu_, gz::math::Vector3d::Zero);
}

void GazeboRobot::measure(StateSample & sample) const noexcept
{
  for (std::size_t i = 0; i < joints_.size(); ++i)
  {
    sample.pos[i] = position(joints_[i]);
    sample.vel[i] = first<components::JointVelocity>(ecm_, joints_[i]);
  }
  measure_imu(sample.imu);
  for (std::size_t i = 0; i < soles_.size(); ++i)
  {
    sample.foot_force_N[i] = foot_force(i);
  }
}

auto GazeboRobot::position(sim::Entity joint) const noexcept -> double
{
  return first<components::JointPosition>(ecm_, joint);
}

void GazeboRobot::measure_imu(ImuSample & imu) const noexcept
{
  const auto rotation = sim::worldPose(imu_, ecm_).Rot();
  imu.quat_wxyz = {rotation.W(), rotation.X(), rotation.Y(), rotation.Z()};
  imu.has_quat = true;
  if (const auto * gyro = ecm_.Component<components::AngularVelocity>(imu_); gyro != nullptr)
  {
    imu.gyro_B_rad_s = {gyro->Data().X(), gyro->Data().Y(), gyro->Data().Z()};
  }
  if (const auto * accel = ecm_.Component<components::LinearAcceleration>(imu_); accel != nullptr)
  {
    const auto force = accel->Data() - rotation.RotateVectorReverse(gravity_);
    imu.accel_B_m_s2 = {force.X(), force.Y(), force.Z()};
  }
}

auto GazeboRobot::foot_force(std::size_t foot) const noexcept -> double
{
  double sum = 0.0;
  for (const auto sole : soles_[foot])
  {
    const auto * data = ecm_.Component<components::ContactSensorData>(sole);
    for (int i = 0; data != nullptr && i < data->Data().contact_size(); ++i)
    {
      // Which of the two bodies a force acts on depends on the engine; the floor only pushes.
      for (const auto & wrench : data->Data().contact(i).wrench())
      {
        sum += std::abs(wrench.body_1_wrench().force().z());
      }
    }
  }
  return sum;
}

void GazeboRobot::apply(const StateSample & now, const JointArray & efforts) noexcept
{
  for (std::size_t i = 0; i < joints_.size(); ++i)
  {
    set_first<components::JointForceCmd>(ecm_, joints_[i], efforts[i]);
  }
  for (const auto & follower : followers_)
  {
    const double target = follower.multiplier * now.pos[follower.leader] + follower.offset;
    const double speed = follower.multiplier * now.vel[follower.leader] +
      kFollowRate * (target - position(follower.joint));
    set_first<components::JointVelocityCmd>(ecm_, follower.joint, speed);
  }
}

}  // namespace neuraxis
