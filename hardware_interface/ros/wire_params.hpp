// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace neuraxis
{

/// Typed view of a backend's parameters. Every refusal is std::invalid_argument that names the
/// backend, the parameter, the value and what would be right.
class WireParams
{
public:
  WireParams(std::string backend, std::map<std::string, std::string> values)
  : backend_(std::move(backend)), values_(std::move(values))
  {
  }

  [[nodiscard]] auto backend() const -> const std::string & { return backend_; }
  [[nodiscard]] auto has(const std::string & name) const -> bool;
  /// Mandatory text.
  [[nodiscard]] auto text(const std::string & name) const -> std::string;
  [[nodiscard]] auto text(const std::string & name, const std::string & fallback) const
    -> std::string;
  [[nodiscard]] auto choice(
    const std::string & name, const std::string & fallback,
    const std::vector<std::string> & choices) const -> std::string;
  [[nodiscard]] auto number(
    const std::string & name, double fallback, double lower, double upper) const -> double;
  [[nodiscard]] auto flag(const std::string & name, bool fallback) const -> bool;
  /// Words separated by blanks, commas or line ends; empty where absent.
  [[nodiscard]] auto words(const std::string & name) const -> std::vector<std::string>;
  /// Exactly `count` numbers; `fallback` where absent.
  [[nodiscard]] auto numbers(
    const std::string & name, const std::vector<double> & fallback) const -> std::vector<double>;

  [[noreturn]] void refuse(const std::string & name, const std::string & why) const;

private:
  std::string backend_;
  std::map<std::string, std::string> values_;
};

}  // namespace neuraxis
