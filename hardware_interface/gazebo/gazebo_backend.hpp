// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "neuraxis/backend.hpp"
#include "neuraxis/config.hpp"
#include "neuraxis/triple_buffer.hpp"

namespace neuraxis
{

/// Between a world that Gazebo steps and a spinal cord that comes and goes: measurements one way,
/// efforts the other. Lives as long as the robot.
class GazeboLink
{
public:
  /// @param start Measurement before the world moves: what is read first, and held until then.
  GazeboLink(const CordConfig & config, const StateSample & start);

  /// Simulator's thread: the newest measurement.
  void see(const StateSample & sample) noexcept { samples_.write(sample); }
  /// Simulator's thread: what the actuators apply now. Where no spinal cord commands, the last
  /// targets are held: a simulated robot must not drop because its controllers come or go.
  void apply(const StateSample & now, JointArray & efforts) const noexcept;

  [[nodiscard]] auto time_s() const noexcept -> double { return samples_.front().stamp_s; }
  auto read(StateSample & sample) noexcept -> ReadResult;
  /// Simulator's thread.
  void write(const ActuatorOutput & output) noexcept;
  void release() noexcept { commanded_.store(false, std::memory_order_relaxed); }

private:
  std::vector<double> effort_max_;
  TripleBuffer<StateSample> samples_;
  ActuatorOutput output_;
  std::atomic<bool> commanded_{false};
};

/// The spinal cord's end of a link.
class GazeboBackend : public Backend
{
public:
  GazeboBackend(std::vector<std::string> joint_names, std::shared_ptr<GazeboLink> link)
  : names_(std::move(joint_names)), link_(std::move(link))
  {
  }

  [[nodiscard]] auto joint_names() const -> const std::vector<std::string> & override
  {
    return names_;
  }
  [[nodiscard]] auto extra_names() const -> const std::vector<std::string> & override
  {
    return extra_names_;
  }
  [[nodiscard]] auto extra_widths() const -> const std::vector<std::size_t> & override
  {
    return extra_widths_;
  }
  void deactivate(double /*timeout_s*/) override { link_->release(); }
  [[nodiscard]] auto time_s() const noexcept -> double override { return link_->time_s(); }
  auto read(StateSample & sample) noexcept -> ReadResult override { return link_->read(sample); }
  void write(const ActuatorOutput & output) noexcept override { link_->write(output); }
  /// Gazebo steps its world itself.
  void advance(double /*period_s*/) noexcept override {}
  void check_period(double /*period_s*/) const override {}

private:
  std::vector<std::string> names_;
  std::vector<std::string> extra_names_;
  std::vector<std::size_t> extra_widths_;
  std::shared_ptr<GazeboLink> link_;
};

}  // namespace neuraxis
