// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "backend_factory.hpp"

namespace neuraxis
{

/// The robot keeps its balance, we move arms and head: the only way that leaves the vendor's own
/// controller in charge. Parameter `wire`:
///
/// - `joint_state`: positions as sensor_msgs/JointState, Expedition A2;
/// - `upper_body`: /mc/upper_body_command of package aimdk_msgs, Lingxi X2.
///
/// The wires carry positions only. Where the spinal cord lets a joint go (no stiffness), nothing is
/// published and the robot takes its arms back.
/// @throws std::invalid_argument naming the parameter or joint.
[[nodiscard]] auto make_cooperative(const BackendRequest & request) -> std::unique_ptr<Backend>;

}  // namespace neuraxis
