// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mujoco/mujoco.h>

#include <string>

namespace neuraxis
{

/// Loads a model without auto-reset; the caller owns it. MuJoCo's warnings end up in the error.
/// @param path Model as .mjb or MJCF .xml.
/// @throws std::invalid_argument naming the file and what is wrong with it.
[[nodiscard]] auto load_mujoco_model(const std::string & path) -> mjModel *;

}  // namespace neuraxis
