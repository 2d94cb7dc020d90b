// SPDX-License-Identifier: Apache-2.0
#include "wire_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

#include "neuraxis/rt.hpp"

namespace neuraxis
{
namespace
{

constexpr std::int64_t kWaitMax_ns = 20'000'000;

}  // namespace

WireWriter::WireWriter(double rate_hz, double damping, int priority)
: damping_(damping), period_ns_(static_cast<std::int64_t>(1e9 / rate_hz)), priority_(priority)
{
  sem_init(&wake_, 0, 0);
}

WireWriter::~WireWriter()
{
  stop();
  sem_destroy(&wake_);
}

void WireWriter::start(Send send)
{
  stop();
  send_ = std::move(send);
  has_output_ = false;
  (void)outputs_.update();
  while (sem_trywait(&wake_) == 0)
  {
  }
  mode_.store(WriterMode::follow);
  running_.store(true);
  thread_ = std::thread([this] { run(); });
}

void WireWriter::stop()
{
  running_.store(false);
  sem_post(&wake_);
  if (thread_.joinable())
  {
    thread_.join();
  }
}

void WireWriter::set_mode(WriterMode mode)
{
  mode_.store(mode);
  sem_post(&wake_);
}

void WireWriter::post(const WireOutput & output) noexcept
{
  outputs_.write(output);
  sem_post(&wake_);
}

void WireWriter::wait() noexcept
{
  timespec until{};
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += kWaitMax_ns;
  until.tv_sec += until.tv_nsec / 1'000'000'000;
  until.tv_nsec %= 1'000'000'000;
  (void)sem_timedwait(&wake_, &until);
  // Cycles that passed meanwhile are one wake-up: only the newest output counts.
  while (sem_trywait(&wake_) == 0)
  {
  }
}

void WireWriter::follow(std::int64_t & due_ns)
{
  wait();
  if (mode_.load() != WriterMode::follow || !outputs_.update())
  {
    return;
  }
  has_output_ = true;
  // Loop and wire drift against each other: a quarter of a period early is on time.
  const auto now_ns = monotonic_ns();
  if (now_ns < due_ns - period_ns_ / 4)
  {
    return;
  }
  due_ns = std::max(due_ns + period_ns_, now_ns);
  send_(outputs_.front());
  sent_.fetch_add(1);
}

void WireWriter::repeat(WriterMode mode, std::int64_t & due_ns)
{
  due_ns = std::max(due_ns + period_ns_, monotonic_ns());
  sleep_until_ns(due_ns);
  has_output_ = outputs_.update() || has_output_;
  if (!has_output_)
  {
    return;
  }
  repeated_ = outputs_.front();
  auto & target = repeated_.output.target;
  target.vel = {};
  if (mode == WriterMode::damp)
  {
    target.pos = repeated_.pos;
    target.effort = {};
    target.kp = {};
    target.kd = filled(damping_);
  }
  // The measurement ages, and with it every torque made from it.
  repeated_.state_usable = false;
  send_(repeated_);
  sent_.fetch_add(1);
}

void WireWriter::run()
{
  if (priority_ > 0)
  {
    grant_ = enter_realtime(priority_);
  }
  std::int64_t due_ns = monotonic_ns();
  while (running_.load())
  {
    const auto mode = mode_.load();
    if (mode == WriterMode::follow)
    {
      follow(due_ns);
    }
    else
    {
      repeat(mode, due_ns);
    }
  }
}

}  // namespace neuraxis
