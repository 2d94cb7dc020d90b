// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "neuraxis/backend.hpp"
#include "neuraxis/triple_buffer.hpp"
#include "wire_space.hpp"

namespace neuraxis
{

/// Codes of ReadResult::error_code; docs/real_robot.md lists them.
namespace wire_fault
{
inline constexpr std::int32_t kNames = 1;
inline constexpr std::int32_t kChain = 2;
inline constexpr std::int32_t kSecondPublisher = 3;
inline constexpr std::int32_t kImu = 4;
/// Plus the vendor's DomainErrorState.
inline constexpr std::int32_t kDomain = 100;
/// Plus the index of the joint.
inline constexpr std::int32_t kJoint = 300;
}  // namespace wire_fault

/// Gathers what arrives, group by group, into samples of the whole robot. One thread receives, the
/// loop reads.
class WireReceiver
{
public:
  /// @param skew_s A sample is made while no source is older than this; after that its stamp stands
  ///   still and the loop sees silence.
  /// @param has_imu An IMU is one more source.
  WireReceiver(WireSpace & space, double skew_s, bool has_imu, bool stop_on_joint_error);

  // --- receiving thread; `set_second_publisher` any thread
  [[nodiscard]] auto wire() noexcept -> WireState & { return wire_; }
  [[nodiscard]] auto imu() noexcept -> ImuSample & { return sample_.imu; }
  /// What comes now and then, and ages by itself where it stops.
  void battery_arrived(const BatterySample & battery, double now_s) noexcept;
  void feet_arrived(const std::array<double, 2> & force_N, double now_s) noexcept;
  void group_arrived(std::size_t group, double now_s) noexcept;
  void imu_arrived(double now_s) noexcept;
  /// Safety state of one group, 0 for none.
  void set_domain(std::size_t group, std::int32_t state) noexcept;
  /// A source's own fault; `what` is kept for whoever asks, the first time it appears.
  void set_fault(std::size_t source, std::int32_t code, const std::string & what);
  void clear_fault(std::size_t source) noexcept;
  void set_second_publisher(bool present, const std::string & who);

  // --- loop
  auto read(double now_s, double silence_s, StateSample & sample) noexcept -> ReadResult;

  // --- any thread, off the loop
  [[nodiscard]] auto source_count() const noexcept -> std::size_t { return sources_; }
  [[nodiscard]] auto imu_source() const noexcept -> std::size_t { return sources_ - 1; }
  [[nodiscard]] auto count(std::size_t source) const noexcept -> std::uint64_t
  {
    return counts_[source].load();
  }
  /// Fault of the newest sample in words; empty where there is none.
  [[nodiscard]] auto fault_text() const -> std::string;
  [[nodiscard]] auto fault_code() const noexcept -> std::int32_t { return fault_.load(); }

private:
  static constexpr std::size_t kSourcesMax = 12;

  struct Snapshot
  {
    StateSample sample;
    std::int32_t fault = 0;
    bool any = false;
  };

  void publish(double now_s) noexcept;
  [[nodiscard]] auto worst_fault() const noexcept -> std::int32_t;

  WireSpace & space_;
  double skew_s_;
  bool stop_on_joint_error_;
  std::size_t sources_;
  WireState wire_;
  StateSample sample_;
  double battery_s_ = 0.0;
  double feet_s_ = 0.0;
  std::array<double, kSourcesMax> arrivals_{};
  std::array<std::int32_t, kSourcesMax> faults_{};
  std::array<std::int32_t, kSourcesMax> domains_{};
  std::atomic<bool> second_publisher_{false};
  bool chain_broken_ = false;
  std::array<std::atomic<std::uint64_t>, kSourcesMax> counts_{};
  std::atomic<std::int32_t> fault_{0};
  TripleBuffer<Snapshot> snapshots_;

  mutable std::mutex text_mutex_;
  std::string text_;
};

/// Name of a DomainErrorState.
[[nodiscard]] auto domain_name(std::int32_t state) -> std::string;

}  // namespace neuraxis
