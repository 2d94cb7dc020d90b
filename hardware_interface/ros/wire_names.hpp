// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace neuraxis
{

/// One topic pair of a robot and the vendor's order on it.
struct WireGroup
{
  std::string name;
  std::string state_topic;
  /// Empty: the group is only listened to.
  std::string command_topic;
  /// Names on the wire, in the vendor's order.
  std::vector<std::string> names;
  /// Index of the group's first entry in the flat arrays of the wire.
  std::size_t first = 0;
};

/// Name without a trailing `_joint`; live X2 messages come with and without it.
[[nodiscard]] auto bare_name(const std::string & name) -> std::string;

/// Place of a name in a list, with or without `_joint` on either side; the list's size if absent.
[[nodiscard]] auto position_in(const std::vector<std::string> & list, const std::string & name)
  -> std::size_t;

/// For each entry of a message its place in the vendor's order of `group`.
/// @param names As they came. By index only where every name is empty.
/// @param places Filled on success.
/// @returns Empty, or what is wrong, naming the names.
[[nodiscard]] auto resolve_names(
  const WireGroup & group, const std::vector<std::string> & aliases,
  const std::vector<std::string> & names, std::vector<std::size_t> & places) -> std::string;

}  // namespace neuraxis
