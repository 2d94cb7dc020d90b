// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "backend_factory.hpp"

namespace neuraxis
{

/// Expedition A2 (legs and wrists in drive space) and A3 (joint space) over /body_drive, package
/// joint_msgs. Whoever commanded the body before has to be stopped by hand: there is no service.
/// @throws std::invalid_argument naming the parameter or joint.
[[nodiscard]] auto make_body_drive(const BackendRequest & request) -> std::unique_ptr<Backend>;

}  // namespace neuraxis
