// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <gz/math/Vector3.hh>
#include <gz/sim/Entity.hh>
#include <gz/sim/EntityComponentManager.hh>

#include "neuraxis/types.hpp"

namespace neuraxis
{

/// What Gazebo cannot know from the robot description.
struct GazeboJoint
{
  std::string name;
  /// Where it starts, rad or m.
  double start = 0.0;
};

struct GazeboRobotSpec
{
  std::vector<GazeboJoint> joints;
  /// Links that touch the floor, (left, right).
  std::array<std::string, 2> feet;
  std::string imu;
};

/// One robot among Gazebo's entities and components. Only for the thread that steps the world.
class GazeboRobot
{
public:
  using Entities = std::map<std::string, gz::sim::Entity>;

  /// Sets the starting pose, which the physics takes over in its first step.
  /// @throws std::invalid_argument naming the joint, link or sensor that the model lacks.
  GazeboRobot(
    gz::sim::EntityComponentManager & ecm, const Entities & joints, const GazeboRobotSpec & spec);

  /// Everything but stamp and effort.
  void measure(StateSample & sample) const noexcept;
  /// Efforts of this step, and the followers of grippers. Physics forgets both after the step.
  void apply(const StateSample & now, const JointArray & efforts) noexcept;

private:
  struct Follower
  {
    gz::sim::Entity joint = gz::sim::kNullEntity;
    std::size_t leader = 0;
    double multiplier = 1.0;
    double offset = 0.0;
  };

  void add_joint(gz::sim::Entity entity, const GazeboJoint & joint);
  void add_followers(const Entities & joints, const GazeboRobotSpec & spec);
  void add_feet(const std::array<std::string, 2> & feet);
  void find_imu(const std::string & name);
  [[nodiscard]] auto position(gz::sim::Entity joint) const noexcept -> double;
  [[nodiscard]] auto foot_force(std::size_t foot) const noexcept -> double;
  void measure_imu(ImuSample & imu) const noexcept;

  gz::sim::EntityComponentManager & ecm_;
  gz::sim::Entity model_ = gz::sim::kNullEntity;
  gz::sim::Entity imu_ = gz::sim::kNullEntity;
  gz::math::Vector3d gravity_;
  std::vector<gz::sim::Entity> joints_;
  std::vector<Follower> followers_;
  std::array<std::vector<gz::sim::Entity>, 2> soles_;
};

}  // namespace neuraxis
