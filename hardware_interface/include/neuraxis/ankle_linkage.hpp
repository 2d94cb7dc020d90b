// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "neuraxis/torque_limit.hpp"

namespace neuraxis
{

using Vector3 = std::array<double, 3>;
/// Values of two joints or of their two drives.
using Pair = std::array<double, 2>;
/// Row-major.
using Matrix2 = std::array<Pair, 2>;

/// One drive and its rod. Points are in axes of the drives' body with the origin in the first
/// joint, at zero pose, unless said otherwise.
struct RodDrive
{
  /// Motor shaft of a crank, or the base joint of a linear actuator.
  Vector3 motor{};
  /// From the shaft to the rod's end on the crank at motor angle zero. Zero for a linear actuator.
  Vector3 crank{};
  /// The rod's other end in the moved body, at zero pose relative to the second joint.
  Vector3 anchor{};
  /// Length of the rod; for a linear actuator from base to anchor at stroke zero, along the rod.
  double length = 0.0;
  /// Distance between a linear actuator's base and the line its rod moves on.
  double lateral = 0.0;
};

enum class DriveKind : std::uint8_t
{
  crank,
  stroke,
};

/// Two joints in series that two drives move in parallel.
struct LinkageGeometry
{
  DriveKind kind = DriveKind::crank;
  Vector3 first_axis{};
  Vector3 second_axis{};
  /// From the first joint to the second.
  Vector3 offset{};
  /// Axis of both motors; unused for strokes.
  Vector3 motor_axis{};
  std::array<RodDrive, 2> rods{};
};

/// Closed chain of an ankle, a waist or a wrist: positions, velocities, torques and gains between
/// joints and drives. With G = d(drives)/d(joints) and J its inverse,
///
///     v_drive = G v_joint     tau_joint = G^T tau_drive     K_drive = J^T K_joint J
///
/// where the stiffness that comes from the change of G itself is left out. Nothing allocates.
class Linkage
{
public:
  /// Newton steps of `joints_of`; from the zero pose the whole range of motion takes 6.
  static constexpr int kIterationsMax = 12;

  /// @throws std::invalid_argument where the rods do not close at zero pose within 1 mm.
  explicit Linkage(const LinkageGeometry & geometry);

  /// Drive positions that give these joint positions: closed form.
  /// @returns false out of reach; `drives` is then the nearest crank angle.
  [[nodiscard]] auto drives_of(const Pair & joints, Pair & drives) const noexcept -> bool;
  /// Joint positions that these drive positions give, by Newton's method.
  /// @param joints Start of the search in, solution out; unchanged where false is returned.
  [[nodiscard]] auto joints_of(const Pair & drives, Pair & joints) const noexcept -> bool;

  /// Looks at one pose; the maps below are at this pose.
  /// @returns false at a singular pose, which leaves the maps as they were.
  auto set_pose(const Pair & joints, const Pair & drives) noexcept -> bool;

  /// d(drives)/d(joints).
  [[nodiscard]] auto inverse_jacobian() const noexcept -> const Matrix2 & { return inverse_; }
  /// d(joints)/d(drives).
  [[nodiscard]] auto jacobian() const noexcept -> const Matrix2 & { return jacobian_; }
  [[nodiscard]] auto drive_velocity(const Pair & joint) const noexcept -> Pair;
  [[nodiscard]] auto joint_velocity(const Pair & drive) const noexcept -> Pair;
  [[nodiscard]] auto drive_torque(const Pair & joint) const noexcept -> Pair;
  [[nodiscard]] auto joint_torque(const Pair & drive) const noexcept -> Pair;
  /// J^T diag(joint) J, for stiffness and damping alike.
  [[nodiscard]] auto drive_gain(const Pair & joint) const noexcept -> Matrix2;

private:
  [[nodiscard]] auto anchor_of(std::size_t rod, const Pair & joints) const noexcept -> Vector3;
  /// Residual |rod|^2 - length^2 of both rods, its derivatives by the joints and by its own drive.
  void close(
    const Pair & joints, const Pair & drives, Pair & residual, Matrix2 & by_joint,
    Pair & by_drive) const noexcept;

  LinkageGeometry geometry_;
  /// Which of a crank's two closures is the assembled one.
  Pair branch_{1.0, 1.0};
  Matrix2 inverse_{};
  Matrix2 jacobian_{};
};

/// Torque of both joints that remains where each drive keeps to its curve: the wanted torque is
/// turned into the drives' space, limited there, and turned back.
[[nodiscard]] auto limit_torque(
  const Linkage & linkage, const TorqueSpeedCurve & curve, const Pair & joint_torque,
  const Pair & joint_velocity) noexcept -> Pair;

enum class Side : std::uint8_t
{
  left,
  right,
};

/// Expedition A2: toe motors A, B; joints toe pitch, toe roll. In axes of the tarsus.
[[nodiscard]] auto a2_ankle(Side side) -> LinkageGeometry;
/// Expedition A2: strokes in m of wrist rods A, B; arm joints 6, 7. In axes of arm link 5.
[[nodiscard]] auto a2_wrist(Side side) -> LinkageGeometry;
/// Expedition A3: upper, lower motor; joints ankle pitch, ankle roll. In axes of the knee.
[[nodiscard]] auto a3_ankle(Side side) -> LinkageGeometry;
/// Expedition A3: left, right motor; joints waist pitch, waist roll. In axes of the torso.
[[nodiscard]] auto a3_waist() -> LinkageGeometry;

}  // namespace neuraxis
