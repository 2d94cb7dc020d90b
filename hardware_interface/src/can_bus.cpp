// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/can_bus.hpp"

#include <fcntl.h>
#include <linux/can.h>
#include <linux/can/error.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace neuraxis
{
namespace
{

constexpr const char * kUnixPrefix = "unix:";

[[noreturn]] void fail(const std::string & name, const std::string & what)
{
  throw std::runtime_error("CAN bus '" + name + "': " + what + ": " + std::strerror(errno));
}

}  // namespace

CanBus::CanBus(std::string name, bool fd) : name_(std::move(name)), fd_(fd) {}

CanBus::~CanBus() { close(); }

void CanBus::close() noexcept
{
  if (socket_ >= 0)
  {
    ::close(socket_);
    socket_ = -1;
  }
}

void CanBus::open()
{
  close();
  health_ = CanHealth{};
  const std::string prefix = kUnixPrefix;
  if (name_.compare(0, prefix.size(), prefix) == 0)
  {
    open_unix(name_.substr(prefix.size()));
  }
  else
  {
    open_can();
  }
}

void CanBus::open_unix(const std::string & path)
{
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path))
  {
    throw std::runtime_error("CAN bus '" + name_ + "': path must have 1 to 107 characters");
  }
  std::copy(path.begin(), path.end(), std::begin(address.sun_path));
  socket_ = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0)
  {
    fail(name_, "no socket");
  }
  if (::connect(socket_, reinterpret_cast<const sockaddr *>(&address), sizeof(address)) != 0)
  {
    const int error = errno;
    close();
    errno = error;
    fail(name_, "nobody serves it");
  }
}

void CanBus::open_can()
{
  socket_ = ::socket(PF_CAN, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, CAN_RAW);
  if (socket_ < 0)
  {
    fail(name_, "this kernel offers no CAN socket");
  }
  const can_err_mask_t errors = CAN_ERR_BUSOFF | CAN_ERR_RESTARTED | CAN_ERR_CRTL;
  const int on = 1;
  sockaddr_can address{};
  address.can_family = AF_CAN;
  address.can_ifindex = static_cast<int>(::if_nametoindex(name_.c_str()));
  const bool ready = address.can_ifindex != 0 &&
    ::setsockopt(socket_, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, &errors, sizeof(errors)) == 0 &&
    (!fd_ || ::setsockopt(socket_, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, &on, sizeof(on)) == 0) &&
    ::bind(socket_, reinterpret_cast<const sockaddr *>(&address), sizeof(address)) == 0;
  if (!ready)
  {
    const int error = errno;
    close();
    errno = error;
    fail(name_, "cannot be used");
  }
}

auto CanBus::send(const CanFrame & frame) noexcept -> bool
{
  // A classic frame is a prefix of an FD frame.
  CanFrame wire = frame;
  wire.flags = fd_ ? CANFD_BRS : 0U;
  const auto size = fd_ ? CANFD_MTU : CAN_MTU;
  const auto taken = ::send(socket_, &wire, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  const bool sent = taken == static_cast<ssize_t>(size);
  (sent ? health_.sent : health_.dropped) += 1;
  if (!sent && (errno == EPIPE || errno == ENETDOWN || errno == ECONNRESET))
  {
    health_.bus_off = true;
  }
  return sent;
}

auto CanBus::receive(CanFrame & frame) noexcept -> bool
{
  const auto size = ::recv(socket_, &frame, sizeof(frame), MSG_DONTWAIT);
  if (size != static_cast<ssize_t>(CAN_MTU) && size != static_cast<ssize_t>(CANFD_MTU))
  {
    const bool gone = size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR);
    health_.bus_off = health_.bus_off || gone;
    return false;
  }
  ++health_.received;
  if ((frame.can_id & CAN_ERR_FLAG) != 0U)
  {
    ++health_.error_frames;
    health_.bus_off = (frame.can_id & CAN_ERR_BUSOFF) != 0U ||
      (health_.bus_off && (frame.can_id & CAN_ERR_RESTARTED) == 0U);
  }
  return true;
}

}  // namespace neuraxis
