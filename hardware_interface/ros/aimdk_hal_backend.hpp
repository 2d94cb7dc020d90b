// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "backend_factory.hpp"

namespace neuraxis
{

/// Lingxi X2 over the joint topics of its hardware abstraction layer, package aimdk_msgs. Legs,
/// waist, arms and head are ours then, balance included.
/// @throws std::invalid_argument naming the parameter or joint.
[[nodiscard]] auto make_aimdk_hal(const BackendRequest & request) -> std::unique_ptr<Backend>;

}  // namespace neuraxis
