// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "neuraxis/ankle_linkage.hpp"
#include "neuraxis/torque_limit.hpp"
#include "neuraxis/types.hpp"
#include "wire_names.hpp"
#include "wire_params.hpp"

namespace neuraxis
{

/// What the drives say, over all groups in order.
struct WireState
{
  JointArray pos{};
  JointArray vel{};
  JointArray effort{};
  std::array<std::int32_t, kMaxJoints> error{};
};

/// What goes to the wire: the loop's output and the measurement it was made from.
struct WireOutput
{
  ActuatorOutput output;
  JointArray pos{};
  JointArray vel{};
  /// False where the measurement is too old to make a torque from.
  bool state_usable = false;
};

/// Joint space of the robot description on one side, the wire of the vendor on the other.
/// The maps neither allocate nor throw.
class WireSpace
{
public:
  /// Parameters: `groups`, `<group>.{joints,state_topic,command_topic}`, `linkages`,
  /// `<linkage>.{kind,joints,drives,range,torque_speed}`, `linkage_gains`, `absent_joints`,
  /// `aliases`.
  /// A group of which the description has no joint is left out.
  /// @throws std::invalid_argument naming the joint or parameter.
  WireSpace(const std::vector<std::string> & joints, const WireParams & params);

  [[nodiscard]] auto groups() const -> const std::vector<WireGroup> & { return groups_; }
  [[nodiscard]] auto aliases() const -> const std::vector<std::string> & { return aliases_; }
  [[nodiscard]] auto wire_count() const -> std::size_t { return wire_count_; }
  /// Index of the joint behind an entry of the wire; kMaxJoints for a drive of a linkage.
  [[nodiscard]] auto joint_of(std::size_t entry) const -> std::size_t { return joint_of_[entry]; }

  /// @returns false where a closed chain cannot have these drive positions.
  [[nodiscard]] auto to_joints(const WireState & wire, StateSample & sample) noexcept -> bool;
  /// Five-tuples for every entry of the wire.
  void to_wire(const WireOutput & in, JointTuple & wire) noexcept;

private:
  static constexpr double kNoRange = std::numeric_limits<double>::infinity();

  struct Chain
  {
    std::string name;
    std::array<std::size_t, 2> joints{};
    /// Entries of the wire, kMaxJoints where the wire is in joint space.
    std::array<std::size_t, 2> drives{kMaxJoints, kMaxJoints};
    /// One solver per direction: state and command live on different threads.
    std::unique_ptr<Linkage> state;
    std::unique_ptr<Linkage> command;
    Pair last{};
    bool has_curve = false;
    TorqueSpeedCurve curve;
    Pair range{-kNoRange, kNoRange};
  };

  void add_groups(const std::vector<std::string> & joints, const WireParams & params);
  void add_chains(const std::vector<std::string> & joints, const WireParams & params);
  void check_cover(const std::vector<std::string> & joints, const WireParams & params) const;
  [[nodiscard]] auto find_entry(const std::string & name) const -> std::size_t;
  void drive_chain(Chain & chain, const WireOutput & in, JointTuple & wire) const noexcept;
  void limit_chain(Chain & chain, const WireOutput & in, JointTuple & wire) const noexcept;

  std::vector<WireGroup> groups_;
  std::vector<std::string> aliases_;
  std::vector<Chain> chains_;
  std::vector<std::size_t> absent_;
  std::array<std::size_t, kMaxJoints> joint_of_ = filled_index();
  std::size_t wire_count_ = 0;
  /// Drives of a chain get all torque from here and no gains, as the vendor's own stack does it.
  bool host_gains_ = false;

  [[nodiscard]] static auto filled_index() -> std::array<std::size_t, kMaxJoints>;
};

}  // namespace neuraxis
