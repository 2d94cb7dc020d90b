// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "neuraxis/backend.hpp"

namespace neuraxis
{

/// What a mock robot can suffer. Faults may be set from any thread while the loop runs.
enum class MockFault : std::uint8_t
{
  none,
  /// No sample arrives.
  silence,
  /// One joint's position is not a number.
  nan,
  /// The last sample is repeated, stamp and all.
  stuck,
  /// Samples arrive late by a fixed time.
  delayed,
  /// Reads fail with a code.
  error_code,
};

inline constexpr std::array<const char *, 6> kMockFaultNames{"none",  "silence", "nan",
                                                             "stuck", "delayed", "error_code"};

/// Robot without a body: each joint is an inertia of 0.1 kg m^2 with a little viscous friction,
/// the base stands upright unless tilted by `set_tilt`.
class MockBackend : public Backend
{
public:
  explicit MockBackend(std::vector<std::string> joint_names);

  [[nodiscard]] auto joint_names() const -> const std::vector<std::string> & override;
  [[nodiscard]] auto extra_names() const -> const std::vector<std::string> & override;
  [[nodiscard]] auto extra_widths() const -> const std::vector<std::size_t> & override;
  [[nodiscard]] auto time_s() const noexcept -> double override;
  auto read(StateSample & sample) noexcept -> ReadResult override;
  void write(const ActuatorOutput & output) noexcept override;
  void advance(double period_s) noexcept override;
  void check_period(double period_s) const override;

  /// @param value Delay in s for `delayed` (at most 0.25), code for `error_code`, index of the
  ///   joint for `nan`; unused else.
  void set_fault(MockFault fault, double value);
  /// Rolls the base about x.
  void set_tilt(double roll_rad) noexcept { roll_rad_.store(roll_rad); }
  /// Places a joint. Not while the loop runs.
  void set_joint(std::size_t joint, double pos, double vel);
  /// Last output written. Not while the loop runs.
  [[nodiscard]] auto last_output() const noexcept -> const ActuatorOutput & { return output_; }

private:
  static constexpr std::size_t kHistory = 256;

  [[nodiscard]] auto recall(double age_s) const noexcept -> const StateSample &;
  void turn_base(double roll_rad, double period_s) noexcept;

  std::vector<std::string> joint_names_;
  std::vector<std::string> extra_names_;
  std::vector<std::size_t> extra_widths_;
  std::atomic<MockFault> fault_{MockFault::none};
  std::atomic<double> fault_value_{0.0};
  std::atomic<double> roll_rad_{0.0};
  double base_roll_rad_ = 0.0;
  StateSample now_;
  ActuatorOutput output_;
  std::array<StateSample, kHistory> history_{};
  std::size_t head_ = 0;
};

}  // namespace neuraxis
