// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/ankle_linkage.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace neuraxis
{
namespace
{

constexpr double kTolerance_m2 = 1e-14;
constexpr double kSingular = 1e-9;
constexpr double kClosureMax_m = 1e-3;

[[nodiscard]] auto dot(const Vector3 & a, const Vector3 & b) noexcept -> double
{
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

[[nodiscard]] auto cross(const Vector3 & a, const Vector3 & b) noexcept -> Vector3
{
  return {
    a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

/// a + scale b
[[nodiscard]] auto plus(const Vector3 & a, const Vector3 & b, double scale = 1.0) noexcept
  -> Vector3
{
  return {a[0] + scale * b[0], a[1] + scale * b[1], a[2] + scale * b[2]};
}

/// Rodrigues' formula.
[[nodiscard]] auto turn(const Vector3 & axis, double angle, const Vector3 & v) noexcept -> Vector3
{
  const double along = dot(axis, v) * (1.0 - std::cos(angle));
  const auto sideways = cross(axis, v);
  Vector3 out{};
  for (std::size_t i = 0; i < 3; ++i)
  {
    out[i] = v[i] * std::cos(angle) + sideways[i] * std::sin(angle) + axis[i] * along;
  }
  return out;
}

[[nodiscard]] auto times(const Matrix2 & m, const Pair & v) noexcept -> Pair
{
  return {m[0][0] * v[0] + m[0][1] * v[1], m[1][0] * v[0] + m[1][1] * v[1]};
}

[[nodiscard]] auto transposed_times(const Matrix2 & m, const Pair & v) noexcept -> Pair
{
  return {m[0][0] * v[0] + m[1][0] * v[1], m[0][1] * v[0] + m[1][1] * v[1]};
}

[[nodiscard]] auto inverted(const Matrix2 & m, Matrix2 & out) noexcept -> bool
{
  const double determinant = m[0][0] * m[1][1] - m[0][1] * m[1][0];
  const double size = std::abs(m[0][0] * m[1][1]) + std::abs(m[0][1] * m[1][0]);
  if (!(std::abs(determinant) > kSingular * size))
  {
    return false;
  }
  out = {
    Pair{m[1][1] / determinant, -m[0][1] / determinant},
    Pair{-m[1][0] / determinant, m[0][0] / determinant}};
  return true;
}

}  // namespace

Linkage::Linkage(const LinkageGeometry & geometry) : geometry_(geometry)
{
  for (std::size_t i = 0; i < 2; ++i)
  {
    auto & rod = geometry_.rods[i];
    const auto between = plus(plus(geometry_.offset, rod.anchor), rod.motor, -1.0);
    const double distance = geometry_.kind == DriveKind::crank
      ? std::sqrt(dot(plus(between, rod.crank, -1.0), plus(between, rod.crank, -1.0)))
      : std::sqrt(std::max(0.0, dot(between, between) - rod.lateral * rod.lateral));
    if (!(std::abs(distance - rod.length) < kClosureMax_m))
    {
      throw std::invalid_argument(
        "rod " + std::to_string(i) + " is " + std::to_string(rod.length) +
        " m long, but its ends lie " + std::to_string(distance) + " m apart at zero pose");
    }
    // Facts are rounded to 0.1 mm or finer; the zero of both sides is exact.
    rod.length = distance;
    const double sine = 2.0 * dot(between, cross(geometry_.motor_axis, rod.crank));
    branch_[i] = sine >= 0.0 ? -1.0 : 1.0;
  }
  if (!set_pose({}, {}))
  {
    throw std::invalid_argument("the linkage is singular at zero pose");
  }
}

auto Linkage::anchor_of(std::size_t rod, const Pair & joints) const noexcept -> Vector3
{
  const auto & anchor = geometry_.rods[rod].anchor;
  const auto turned = turn(geometry_.second_axis, joints[1], anchor);
  return turn(geometry_.first_axis, joints[0], plus(geometry_.offset, turned));
}

auto Linkage::drives_of(const Pair & joints, Pair & drives) const noexcept -> bool
{
  bool reached = true;
  for (std::size_t i = 0; i < 2; ++i)
  {
    const auto & rod = geometry_.rods[i];
    const auto between = plus(anchor_of(i, joints), rod.motor, -1.0);
    if (geometry_.kind == DriveKind::stroke)
    {
      drives[i] =
        std::sqrt(std::max(0.0, dot(between, between) - rod.lateral * rod.lateral)) - rod.length;
      continue;
    }
    // |between - Rot(m) crank|^2 = length^2 as  cosine cos m + sine sin m = constant.
    const double along = dot(geometry_.motor_axis, rod.crank);
    const auto across = plus(rod.crank, geometry_.motor_axis, -along);
    const double cosine = 2.0 * dot(between, across);
    const double sine = 2.0 * dot(between, cross(geometry_.motor_axis, rod.crank));
    const double constant = dot(between, between) + dot(rod.crank, rod.crank) -
      rod.length * rod.length - 2.0 * along * dot(between, geometry_.motor_axis);
    const double ratio = constant / std::hypot(cosine, sine);
    reached = reached && std::abs(ratio) <= 1.0;
    const double angle =
      std::atan2(sine, cosine) + branch_[i] * std::acos(std::clamp(ratio, -1.0, 1.0));
    drives[i] = std::remainder(angle, 2.0 * M_PI);
  }
  return reached;
}

void Linkage::close(
  const Pair & joints, const Pair & drives, Pair & residual, Matrix2 & by_joint,
  Pair & by_drive) const noexcept
{
  const auto second_axis = turn(geometry_.first_axis, joints[0], geometry_.second_axis);
  const auto second_joint = turn(geometry_.first_axis, joints[0], geometry_.offset);
  for (std::size_t i = 0; i < 2; ++i)
  {
    const auto & rod = geometry_.rods[i];
    const auto anchor = anchor_of(i, joints);
    const auto crank = turn(geometry_.motor_axis, drives[i], rod.crank);
    const auto line = plus(plus(anchor, rod.motor, -1.0), crank, -1.0);
    const bool is_crank = geometry_.kind == DriveKind::crank;
    const double length = is_crank ? rod.length : rod.length + drives[i];
    residual[i] = dot(line, line) - length * length - rod.lateral * rod.lateral;
    by_joint[i] = {
      2.0 * dot(line, cross(geometry_.first_axis, anchor)),
      2.0 * dot(line, cross(second_axis, plus(anchor, second_joint, -1.0)))};
    by_drive[i] =
      is_crank ? -2.0 * dot(line, cross(geometry_.motor_axis, crank)) : -2.0 * length;
  }
}

auto Linkage::joints_of(const Pair & drives, Pair & joints) const noexcept -> bool
{
  Pair guess = joints;
  Pair residual{};
  Matrix2 by_joint{};
  Matrix2 inverse{};
  Pair by_drive{};
  for (int step = 0; step < kIterationsMax; ++step)
  {
    close(guess, drives, residual, by_joint, by_drive);
    if (!std::isfinite(residual[0] + residual[1]))
    {
      return false;
    }
    if (std::max(std::abs(residual[0]), std::abs(residual[1])) < kTolerance_m2)
    {
      joints = guess;
      return true;
    }
    if (!inverted(by_joint, inverse))
    {
      return false;
    }
    const auto change = times(inverse, residual);
    guess = {guess[0] - change[0], guess[1] - change[1]};
  }
  return false;
}

auto Linkage::set_pose(const Pair & joints, const Pair & drives) noexcept -> bool
{
  Pair residual{};
  Matrix2 by_joint{};
  Pair by_drive{};
  close(joints, drives, residual, by_joint, by_drive);
  Matrix2 inverse{};
  for (std::size_t i = 0; i < 2; ++i)
  {
    // At zero a crank stands across its rod: its derivative is 2 * length * crank.
    if (!(std::abs(by_drive[i]) > kSingular))
    {
      return false;
    }
    inverse[i] = {-by_joint[i][0] / by_drive[i], -by_joint[i][1] / by_drive[i]};
  }
  Matrix2 jacobian{};
  if (!inverted(inverse, jacobian))
  {
    return false;
  }
  inverse_ = inverse;
  jacobian_ = jacobian;
  return true;
}

auto Linkage::drive_velocity(const Pair & joint) const noexcept -> Pair
{
  return times(inverse_, joint);
}

auto Linkage::joint_velocity(const Pair & drive) const noexcept -> Pair
{
  return times(jacobian_, drive);
}

auto Linkage::drive_torque(const Pair & joint) const noexcept -> Pair
{
  return transposed_times(jacobian_, joint);
}

auto Linkage::joint_torque(const Pair & drive) const noexcept -> Pair
{
  return transposed_times(inverse_, drive);
}

auto Linkage::drive_gain(const Pair & joint) const noexcept -> Matrix2
{
  Matrix2 gain{};
  for (std::size_t row = 0; row < 2; ++row)
  {
    for (std::size_t column = 0; column < 2; ++column)
    {
      gain[row][column] = jacobian_[0][row] * joint[0] * jacobian_[0][column] +
        jacobian_[1][row] * joint[1] * jacobian_[1][column];
    }
  }
  return gain;
}

auto limit_torque(
  const Linkage & linkage, const TorqueSpeedCurve & curve, const Pair & joint_torque,
  const Pair & joint_velocity) noexcept -> Pair
{
  const auto wanted = linkage.drive_torque(joint_torque);
  const auto speed = linkage.drive_velocity(joint_velocity);
  return linkage.joint_torque({curve.clamp(wanted[0], speed[0]), curve.clamp(wanted[1], speed[1])});
}

}  // namespace neuraxis
