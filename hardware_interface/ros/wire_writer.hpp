// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <semaphore.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "neuraxis/triple_buffer.hpp"
#include "wire_space.hpp"

namespace neuraxis
{

/// What goes out while nobody else decides.
enum class WriterMode : std::uint8_t
{
  /// The loop's newest output, on the loop's beat; silence of the loop is silence on the wire.
  follow,
  /// The last output again and again, at the wire rate.
  hold,
  /// The last output without stiffness and feed-forward, at the wire rate.
  damp,
};

/// Thread between loop and wire: takes the newest output as soon as the loop posts it and hands it
/// to `send`, no more often than the wire rate.
class WireWriter
{
public:
  using Send = std::function<void(const WireOutput &)>;

  WireWriter(double rate_hz, double damping, int priority);
  ~WireWriter();
  WireWriter(const WireWriter &) = delete;
  auto operator=(const WireWriter &) -> WireWriter & = delete;

  void start(Send send);
  void stop();
  void set_mode(WriterMode mode);
  /// Loop side: neither allocates nor locks nor waits.
  void post(const WireOutput & output) noexcept;
  [[nodiscard]] auto sent() const noexcept -> std::uint64_t { return sent_.load(); }
  /// What the machine granted of the asked-for priority.
  [[nodiscard]] auto grant() const -> const std::string & { return grant_; }

private:
  void run();
  void wait() noexcept;
  void follow(std::int64_t & due_ns);
  void repeat(WriterMode mode, std::int64_t & due_ns);

  double damping_;
  std::int64_t period_ns_;
  int priority_;
  Send send_;
  std::string grant_;
  sem_t wake_;
  TripleBuffer<WireOutput> outputs_;
  WireOutput repeated_;
  std::atomic<WriterMode> mode_{WriterMode::follow};
  std::atomic<bool> running_{false};
  std::atomic<std::uint64_t> sent_{0};
  bool has_output_ = false;
  std::thread thread_;
};

}  // namespace neuraxis
