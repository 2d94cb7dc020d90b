// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "neuraxis/mit_codec.hpp"

namespace neuraxis
{

/// Events on one bus since it was opened.
struct CanHealth
{
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  /// Frames that the full queue or a dead bus did not take.
  std::uint64_t dropped = 0;
  std::uint64_t error_frames = 0;
  bool bus_off = false;
};

/// One CAN bus. `send` and `receive` never block, allocate, log or throw.
///
/// Names: `can0` is a SocketCAN interface; `unix:/path` is a seqpacket socket on which the same
/// `struct can_frame` and `struct canfd_frame` travel, for machines whose kernel has no AF_CAN.
class CanBus
{
public:
  /// @param fd Send CAN-FD frames with bit rate switch; both kinds are always received.
  explicit CanBus(std::string name, bool fd = false);
  ~CanBus();
  CanBus(const CanBus &) = delete;
  CanBus(CanBus &&) = delete;
  auto operator=(const CanBus &) -> CanBus & = delete;
  auto operator=(CanBus &&) -> CanBus & = delete;

  /// Opens it, anew where it was open, and forgets what came before.
  /// @throws std::runtime_error naming the bus and what the system says.
  void open();
  void close() noexcept;
  [[nodiscard]] auto is_open() const noexcept -> bool { return socket_ >= 0; }

  auto send(const CanFrame & frame) noexcept -> bool;
  /// @returns false where nothing is waiting.
  auto receive(CanFrame & frame) noexcept -> bool;

  [[nodiscard]] auto name() const noexcept -> const std::string & { return name_; }
  [[nodiscard]] auto health() const noexcept -> const CanHealth & { return health_; }

private:
  void open_unix(const std::string & path);
  void open_can();

  std::string name_;
  bool fd_;
  int socket_ = -1;
  CanHealth health_;
};

}  // namespace neuraxis
