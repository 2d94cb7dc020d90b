// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "backend_factory.hpp"
#include "neuraxis/socketcan_mit_backend.hpp"

namespace neuraxis
{

/// Reads hardware parameters (`can_fd`, `drive_timeout_s`, `release_kd`,
/// `reply_timeout_s`, `absent_joints`) and per joint `can_bus`, `can_id`, `motor`, and optionally
/// `reply_id`, `sign`, `offset_rad`, `ratio`, `v_max`, `t_max`.
/// @throws std::invalid_argument naming joint, parameter, value and what is allowed.
[[nodiscard]] auto can_mit_config(const BackendRequest & request) -> CanMitConfig;

[[nodiscard]] auto make_socketcan_mit(const BackendRequest & request) -> std::unique_ptr<Backend>;

}  // namespace neuraxis
