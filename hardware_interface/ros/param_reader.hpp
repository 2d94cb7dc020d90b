// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace neuraxis
{

/// Numbers and words out of the text parameters of one owner; refusals name owner and parameter.
class ParamReader
{
public:
  ParamReader(std::string owner, const std::map<std::string, std::string> & values)
  : owner_(std::move(owner)), values_(values)
  {
  }

  /// @throws std::invalid_argument where the text is no number, or absent without a fallback.
  [[nodiscard]] auto number(
    const std::string & name, std::optional<double> fallback = std::nullopt) const -> double
  {
    const auto found = values_.find(name);
    if (found == values_.end())
    {
      return fallback ? *fallback : throw std::invalid_argument(missing(name));
    }
    const auto & text = found->second;
    double value = 0.0;
    // Not std::stod: it follows the locale, and a comma must not become a point.
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
    {
      throw std::invalid_argument(
        owner_ + ": parameter '" + name + "' must be a number, got '" + text + "'");
    }
    return value;
  }

  /// @throws std::invalid_argument where it is absent or empty and there is no fallback.
  [[nodiscard]] auto text(
    const std::string & name, std::optional<std::string> fallback = std::nullopt) const
    -> std::string
  {
    const auto found = values_.find(name);
    if (found != values_.end() && !found->second.empty())
    {
      return found->second;
    }
    return fallback ? *fallback : throw std::invalid_argument(missing(name));
  }

  /// Blank-separated words; none where it is absent.
  [[nodiscard]] auto words(const std::string & name) const -> std::vector<std::string>
  {
    std::istringstream stream(text(name, ""));
    std::vector<std::string> out;
    for (std::string word; stream >> word;)
    {
      out.push_back(word);
    }
    return out;
  }

private:
  [[nodiscard]] auto missing(const std::string & name) const -> std::string
  {
    return owner_ + ": parameter '" + name + "' is missing";
  }

  std::string owner_;
  const std::map<std::string, std::string> & values_;
};

}  // namespace neuraxis
