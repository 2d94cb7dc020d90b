// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "neuraxis/command_pace.hpp"
#include "neuraxis/interpolator.hpp"
#include "neuraxis/triple_buffer.hpp"
#include "neuraxis/types.hpp"

namespace neuraxis
{

/// Columns of a command as it comes over a wire: one row per name.
struct CommandColumns
{
  const std::vector<std::string> & name;
  const std::vector<double> & position;
  const std::vector<double> & velocity;
  const std::vector<double> & effort;
  const std::vector<double> & kp;
  const std::vector<double> & kd;
};

/// Between whoever hears commands at 50 to 200 Hz and the loop at 1 kHz: sorts by name, passes
/// on without a lock, judges age, interpolates. One thread posts, the loop samples.
class CommandMailbox
{
public:
  /// @param timeout_s Age of a stamp beyond which there is no command.
  /// @throws std::invalid_argument on duplicate or too many joints, or a timeout not above 0.
  CommandMailbox(const std::vector<std::string> & joints, double timeout_s);

  /// @returns Empty, or why the command is not taken, naming the joint.
  [[nodiscard]] auto post(double stamp_s, const CommandColumns & columns) -> std::string;

  /// Forgets everything. Not while the loop samples.
  void clear() noexcept;
  /// Targets of this cycle. @returns false where there is no command or the next one is late.
  auto sample(double now_s, JointTuple & out) noexcept -> bool;
  /// Commands that came too old, from the future or out of order since the last `clear`.
  [[nodiscard]] auto dropped() const noexcept -> std::uint64_t { return dropped_; }

private:
  void accept(double now_s, const JointCommand & command) noexcept;

  std::size_t count_;
  double timeout_s_;
  std::unordered_map<std::string, std::size_t> index_;
  TripleBuffer<JointCommand> box_;
  Interpolator interpolator_;
  CommandPace pace_;
  bool has_command_ = false;
  double stamp_s_ = 0.0;
  std::uint64_t dropped_ = 0;
};

}  // namespace neuraxis
