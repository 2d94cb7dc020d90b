// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/joint_map.hpp"

#include <stdexcept>
#include <unordered_map>

namespace neuraxis
{

auto map_joints(const std::vector<std::string> & wanted, const std::vector<std::string> & available)
  -> std::vector<std::size_t>
{
  std::unordered_map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < available.size(); ++i)
  {
    if (!index.emplace(available[i], i).second)
    {
      throw std::invalid_argument("joint '" + available[i] + "' is listed twice");
    }
  }
  std::vector<std::size_t> map;
  std::string missing;
  std::unordered_map<std::string, std::size_t> seen;
  for (const auto & name : wanted)
  {
    if (!seen.emplace(name, map.size()).second)
    {
      throw std::invalid_argument("joint '" + name + "' is wanted twice");
    }
    const auto found = index.find(name);
    if (found == index.end())
    {
      missing += (missing.empty() ? "'" : ", '") + name + "'";
      continue;
    }
    map.push_back(found->second);
  }
  if (!missing.empty())
  {
    throw std::invalid_argument("the backend lacks the joints " + missing);
  }
  return map;
}

}  // namespace neuraxis
