// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include "neuraxis/loop.hpp"

namespace neuraxis::python
{

/// Newest state as numpy arrays in the order of the joints, the stop's level and cause in words.
[[nodiscard]] auto state_dict(Loop & loop) -> nanobind::dict;
[[nodiscard]] auto stats_dict(const Loop & loop) -> nanobind::dict;

}  // namespace neuraxis::python
