// SPDX-License-Identifier: Apache-2.0
#include "wire_names.hpp"

#include <algorithm>

namespace neuraxis
{
namespace
{

constexpr char kSuffix[] = "_joint";

/// `aliases` holds entries `name_on_the_wire=name_in_the_table`.
[[nodiscard]] auto without_alias(const std::vector<std::string> & aliases, const std::string & name)
  -> std::string
{
  for (const auto & alias : aliases)
  {
    const auto equals = alias.find('=');
    if (bare_name(alias.substr(0, equals)) == bare_name(name))
    {
      return alias.substr(equals + 1);
    }
  }
  return name;
}

}  // namespace

auto position_in(const std::vector<std::string> & list, const std::string & name)
  -> std::size_t
{
  const auto wanted = bare_name(name);
  const auto found = std::find_if(
    list.begin(), list.end(), [&](const auto & one) { return bare_name(one) == wanted; });
  return static_cast<std::size_t>(found - list.begin());
}

auto bare_name(const std::string & name) -> std::string
{
  constexpr std::size_t kLength = sizeof(kSuffix) - 1;
  return name.size() > kLength && name.compare(name.size() - kLength, kLength, kSuffix) == 0
    ? name.substr(0, name.size() - kLength)
    : name;
}

auto resolve_names(
  const WireGroup & group, const std::vector<std::string> & aliases,
  const std::vector<std::string> & names, std::vector<std::size_t> & places) -> std::string
{
  const auto where = "group '" + group.name + "' on " + group.state_topic;
  if (names.size() != group.names.size())
  {
    std::string missing;
    for (const auto & wanted : group.names)
    {
      if (position_in(names, wanted) == names.size())
      {
        missing += (missing.empty() ? "; missing: " : ", ") + wanted;
      }
    }
    return where + " carries " + std::to_string(names.size()) + " joints instead of " +
      std::to_string(group.names.size()) + missing;
  }
  places.resize(names.size());
  if (std::all_of(names.begin(), names.end(), [](const auto & name) { return name.empty(); }))
  {
    for (std::size_t i = 0; i < places.size(); ++i)
    {
      places[i] = i;
    }
    return "";
  }
  std::string wrong;
  std::vector<bool> taken(names.size(), false);
  for (std::size_t i = 0; i < names.size(); ++i)
  {
    places[i] = position_in(group.names, without_alias(aliases, names[i]));
    if (places[i] == names.size() || taken[places[i]])
    {
      wrong += (wrong.empty() ? "'" : ", '") + names[i] + "'";
      continue;
    }
    taken[places[i]] = true;
  }
  return wrong.empty() ? "" : where + " carries unknown or repeated joints " + wrong;
}

}  // namespace neuraxis
