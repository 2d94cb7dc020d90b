// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

namespace neuraxis
{

/// How far apart commands come, and whether the next one is late: its period has passed and, on
/// top, the period again or the margin, whichever is shorter.
class CommandPace
{
public:
  CommandPace(double period_max_s, double margin_s)
  : period_max_s_(period_max_s), margin_s_(margin_s), period_s_(period_max_s)
  {
  }

  /// Begins anew with a command; nothing is known of the next one yet.
  void restart(double now_s) noexcept
  {
    period_s_ = period_max_s_;
    last_s_ = now_s;
  }
  /// A command has come.
  void arrive(double now_s) noexcept
  {
    const double interval_s = std::clamp(now_s - last_s_, kPeriodMin_s, period_max_s_);
    period_s_ += kPeriodWeight * (interval_s - period_s_);
    last_s_ = now_s;
  }

  /// Estimate of the time between commands; longer ones count as the longest.
  [[nodiscard]] auto period_s() const noexcept -> double { return period_s_; }
  [[nodiscard]] auto age_s(double now_s) const noexcept -> double { return now_s - last_s_; }
  /// Age from which the next command is late.
  [[nodiscard]] auto bound_s() const noexcept -> double
  {
    return period_s_ + std::min(period_s_, margin_s_);
  }
  /// Half a microsecond of slack absorbs rounding in sums of periods.
  [[nodiscard]] auto late(double now_s) const noexcept -> bool
  {
    return !(age_s(now_s) <= bound_s() + 5e-7);
  }

private:
  /// Interpolating over less than this is a step anyway; it keeps a burst of commands harmless.
  static constexpr double kPeriodMin_s = 1e-3;
  /// Weight of the newest interval in the estimate.
  static constexpr double kPeriodWeight = 0.25;

  double period_max_s_;
  double margin_s_;
  double period_s_;
  double last_s_ = 0.0;
};

}  // namespace neuraxis
