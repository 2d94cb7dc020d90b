// SPDX-License-Identifier: Apache-2.0
#include "wire_params.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <stdexcept>

namespace neuraxis
{
namespace
{

[[nodiscard]] auto parsed(const std::string & text, double & value) -> bool
{
  // Not std::stod: it follows the process's locale, and a comma must not become a point.
  std::istringstream stream(text);
  stream.imbue(std::locale::classic());
  stream >> value;
  return !stream.fail() && (stream >> std::ws).eof() && std::isfinite(value);
}

}  // namespace

auto WireParams::has(const std::string & name) const -> bool
{
  return values_.count(name) != 0;
}

void WireParams::refuse(const std::string & name, const std::string & why) const
{
  const auto found = values_.find(name);
  const std::string value = found == values_.end() ? "" : " = '" + found->second + "'";
  throw std::invalid_argument(
    "backend '" + backend_ + "': parameter '" + name + "'" + value + " " + why);
}

auto WireParams::text(const std::string & name) const -> std::string
{
  const auto found = values_.find(name);
  if (found == values_.end() || found->second.empty())
  {
    refuse(name, "is missing (see config/backends/" + backend_ + ")");
  }
  return found->second;
}

auto WireParams::text(const std::string & name, const std::string & fallback) const -> std::string
{
  const auto found = values_.find(name);
  return found == values_.end() ? fallback : found->second;
}

auto WireParams::choice(
  const std::string & name, const std::string & fallback,
  const std::vector<std::string> & choices) const -> std::string
{
  const auto value = text(name, fallback);
  if (std::find(choices.begin(), choices.end(), value) == choices.end())
  {
    std::string known;
    for (const auto & one : choices)
    {
      known += (known.empty() ? "" : ", ") + one;
    }
    refuse(name, "must be one of: " + known);
  }
  return value;
}

auto WireParams::number(
  const std::string & name, double fallback, double lower, double upper) const -> double
{
  const auto found = values_.find(name);
  if (found == values_.end())
  {
    return fallback;
  }
  double value = 0.0;
  if (!parsed(found->second, value) || value < lower || value > upper)
  {
    std::ostringstream bounds;
    bounds << "must be a number in [" << lower << ", " << upper << "]";
    refuse(name, bounds.str());
  }
  return value;
}

auto WireParams::flag(const std::string & name, bool fallback) const -> bool
{
  const auto value = text(name, fallback ? "true" : "false");
  // xacro prints Python's spelling.
  const bool yes = value == "true" || value == "True";
  if (!yes && value != "false" && value != "False")
  {
    refuse(name, "must be true or false");
  }
  return yes;
}

auto WireParams::words(const std::string & name) const -> std::vector<std::string>
{
  auto value = text(name, "");
  std::replace(value.begin(), value.end(), ',', ' ');
  std::istringstream stream(value);
  std::vector<std::string> out;
  for (std::string word; stream >> word;)
  {
    out.push_back(word);
  }
  return out;
}

auto WireParams::numbers(
  const std::string & name, const std::vector<double> & fallback) const -> std::vector<double>
{
  if (!has(name))
  {
    return fallback;
  }
  std::vector<double> out;
  for (const auto & word : words(name))
  {
    double value = 0.0;
    if (!parsed(word, value))
    {
      refuse(name, "must hold numbers, not '" + word + "'");
    }
    out.push_back(value);
  }
  if (out.size() != fallback.size())
  {
    refuse(name, "must hold " + std::to_string(fallback.size()) + " numbers");
  }
  return out;
}

}  // namespace neuraxis
