// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/world_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

namespace neuraxis
{

WorldFile::WorldFile(std::string path, std::size_t nq, std::size_t nv)
: path_(std::move(path)), size_(sizeof(WorldFileHeader) + (nq + nv) * sizeof(double))
{
  const auto fail = [this](const char * what)
  {
    throw std::runtime_error(
      "world file '" + path_ + "' cannot be " + what + ": " + std::strerror(errno));
  };
  const auto partial = path_ + ".partial";
  const int file = open(partial.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0)
  {
    fail("created");
  }
  const bool sized = ftruncate(file, static_cast<off_t>(size_)) == 0;
  memory_ = sized ? mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) : MAP_FAILED;
  close(file);
  if (memory_ == MAP_FAILED)
  {
    fail("mapped");
  }
  auto * header = new (memory_) WorldFileHeader;
  header->nq = nq;
  header->nv = nv;
  if (std::rename(partial.c_str(), path_.c_str()) != 0)
  {
    munmap(memory_, size_);
    fail("named");
  }
}

WorldFile::~WorldFile()
{
  unlink(path_.c_str());
  munmap(memory_, size_);
}

void WorldFile::write(double stamp_s, const SimSnapshot & snapshot) noexcept
{
  auto * header = static_cast<WorldFileHeader *>(memory_);
  const auto sequence = header->sequence.load(std::memory_order_relaxed);
  header->sequence.store(sequence + 1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  header->stamp_s = stamp_s;
  header->time_s = snapshot.time_s;
  auto * to = reinterpret_cast<double *>(header + 1);
  to = std::copy_n(snapshot.qpos.begin(), header->nq, to);
  std::copy_n(snapshot.qvel.begin(), header->nv, to);
  header->sequence.store(sequence + 2, std::memory_order_release);
}

}  // namespace neuraxis
