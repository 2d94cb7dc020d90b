// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace neuraxis
{

/// Index of each wanted name in a list, joined by name and never by order.
/// @param wanted Names in the caller's order.
/// @param available Names in the other side's order; more than wanted is fine.
/// @returns For each wanted name its index in `available`.
/// @throws std::invalid_argument on a duplicate, or naming every wanted joint that is missing.
[[nodiscard]] auto map_joints(
  const std::vector<std::string> & wanted, const std::vector<std::string> & available)
  -> std::vector<std::size_t>;

}  // namespace neuraxis
