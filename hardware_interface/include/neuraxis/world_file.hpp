// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "neuraxis/mujoco_backend.hpp"

namespace neuraxis
{

/// How a world file begins. Behind it lie qpos (nq doubles) and qvel (nv doubles), native byte order.
/// neuraxis_sim/world_file.py reads it.
struct WorldFileHeader
{
  static constexpr std::uint64_t kMagic = 0x31444c524f57584e;  // "NXWORLD1"

  std::uint64_t magic = kMagic;
  /// Odd while the rest is being written.
  std::atomic<std::uint64_t> sequence{0};
  /// System time at which the world was in this state.
  double stamp_s = 0.0;
  /// The world's own time.
  double time_s = 0.0;
  std::uint64_t nq = 0;
  std::uint64_t nv = 0;
};

/// Newest state of a simulated world in a file that other processes map: one writer, any number of
/// readers, nobody waits. The file appears whole and is gone when this is.
class WorldFile
{
public:
  /// @throws std::runtime_error naming the path that cannot be made.
  WorldFile(std::string path, std::size_t nq, std::size_t nv);
  ~WorldFile();
  WorldFile(const WorldFile &) = delete;
  auto operator=(const WorldFile &) -> WorldFile & = delete;

  void write(double stamp_s, const SimSnapshot & snapshot) noexcept;

private:
  std::string path_;
  std::size_t size_;
  void * memory_ = nullptr;
};

}  // namespace neuraxis
