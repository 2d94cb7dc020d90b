// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "neuraxis/backend.hpp"

namespace neuraxis
{

/// What the robot description says about the backend.
struct BackendRequest
{
  std::string backend;
  /// In the order that the loop uses.
  std::vector<std::string> joints;
  /// Parameters of the hardware, by name.
  std::map<std::string, std::string> params;
  /// Parameters of each joint, by joint and name.
  std::map<std::string, std::map<std::string, std::string>> joint_params;
  /// ROS namespace in which a backend with topics of its own lives.
  std::string node_namespace;
};

/// Refuses a backend that `make_backend` cannot make, without touching anything.
/// @throws std::invalid_argument listing the known ones, or naming the package that was absent
///   when neuraxis was built.
void require_backend(const std::string & backend);

/// @throws std::invalid_argument as require_backend, or naming the parameter, its value and bound.
[[nodiscard]] auto make_backend(const BackendRequest & request) -> std::unique_ptr<Backend>;

}  // namespace neuraxis
