// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include "neuraxis/config.hpp"

namespace neuraxis::python
{

/// Config from one dict per joint and options by name. @throws std::invalid_argument naming what
/// is missing, unknown or out of bounds.
[[nodiscard]] auto config_from(
  const nanobind::list & joints, bool use_filter_quat, const nanobind::kwargs & options)
  -> CordConfig;

}  // namespace neuraxis::python
