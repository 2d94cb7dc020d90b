// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace neuraxis
{

/// Age of the newest good thing against a bound.
class Watchdog
{
public:
  explicit Watchdog(double timeout_s) : timeout_s_(timeout_s) {}

  /// Feeds it; a stamp older than the last one does not make it younger.
  void feed(double stamp_s) noexcept
  {
    if (stamp_s > last_s_)
    {
      last_s_ = stamp_s;
    }
  }
  /// Forgets the past and starts afresh.
  void restart(double now_s) noexcept { last_s_ = now_s; }

  [[nodiscard]] auto age_s(double now_s) const noexcept -> double { return now_s - last_s_; }
  /// Half a microsecond of slack absorbs rounding in sums of periods.
  [[nodiscard]] auto expired(double now_s) const noexcept -> bool
  {
    return !(age_s(now_s) <= timeout_s_ + 5e-7);
  }
  [[nodiscard]] auto timeout_s() const noexcept -> double { return timeout_s_; }

private:
  double timeout_s_;
  double last_s_ = 0.0;
};

}  // namespace neuraxis
