// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <vector>

namespace neuraxis::python
{

namespace nb = nanobind;

using InputArray = nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using OutputArray = nb::ndarray<nb::numpy, double, nb::ndim<1>>;

inline auto to_numpy(const double * values, std::size_t count) -> OutputArray
{
  auto * copy = new double[count];
  std::copy_n(values, count, copy);
  nb::capsule owner(copy, [](void * p) noexcept { delete[] static_cast<double *>(p); });
  return OutputArray(copy, {count}, owner);
}

inline void copy_in(const char * what, const InputArray & from, std::size_t count, double * to)
{
  if (from.shape(0) != count)
  {
    throw std::invalid_argument(
      std::string(what) + " must have " + std::to_string(count) + " values, got " +
      std::to_string(from.shape(0)));
  }
  std::copy_n(from.data(), count, to);
}

inline auto to_vector(const InputArray & from) -> std::vector<double>
{
  return {from.data(), from.data() + from.shape(0)};
}

/// Value of an enumeration by its name; an unknown name is answered with the known ones.
template <typename Enum, std::size_t N>
auto parse(const char * what, const std::string & name, const std::array<const char *, N> & names)
  -> Enum
{
  std::string known;
  for (std::size_t i = 0; i < N; ++i)
  {
    if (name == names[i])
    {
      return static_cast<Enum>(i);
    }
    known += (i > 0 ? ", " : "") + std::string(names[i]);
  }
  throw std::invalid_argument(std::string(what) + " '" + name + "' is unknown; known: " + known);
}

}  // namespace neuraxis::python
