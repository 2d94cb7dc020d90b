// SPDX-License-Identifier: Apache-2.0
// Dimensions of the robots' closed chains. A2 from the public simulator model, S3, and S6; A3 from
// S2 (numbers as in NOTICE).
#include "neuraxis/ankle_linkage.hpp"

namespace neuraxis
{
namespace
{

[[nodiscard]] auto mirrored(const Vector3 & v) -> Vector3 { return {v[0], -v[1], v[2]}; }

[[nodiscard]] auto mirrored(const RodDrive & rod) -> RodDrive
{
  return {mirrored(rod.motor), mirrored(rod.crank), mirrored(rod.anchor), rod.length, rod.lateral};
}

}  // namespace

auto a2_ankle(Side side) -> LinkageGeometry
{
  constexpr double kSpacing_m = 0.0315;
  constexpr double kCrank_m = 0.063;
  constexpr Pair kRods_m{0.239, 0.145};
  LinkageGeometry geometry;
  geometry.first_axis = {0.0, 0.0, 1.0};
  geometry.second_axis = {0.0, 1.0, 0.0};
  geometry.motor_axis = {0.0, 0.0, 1.0};
  const double a_z = side == Side::left ? -kSpacing_m : kSpacing_m;
  for (std::size_t i = 0; i < 2; ++i)
  {
    // The cranks point to the heel, across the shank, and the rods run along it.
    const double z = i == 0 ? a_z : -a_z;
    geometry.rods[i] = {
      {kRods_m[i], 0.0, z}, {0.0, -kCrank_m, 0.0}, {0.0, -kCrank_m, z}, kRods_m[i], 0.0};
  }
  return geometry;
}

auto a2_wrist(Side side) -> LinkageGeometry
{
  LinkageGeometry geometry;
  geometry.kind = DriveKind::stroke;
  geometry.first_axis = {0.0, 1.0, 0.0};
  geometry.second_axis = {1.0, 0.0, 0.0};
  const double base_z = side == Side::left ? -0.135 : 0.135;
  geometry.rods[0] = {{0.015, 0.02245, base_z}, {}, {0.017, 0.023, 0.0}, 0.135, 0.00055};
  geometry.rods[1] = {{0.015, -0.02245, base_z}, {}, {0.017, -0.0219, 0.0}, 0.135, 0.00055};
  return geometry;
}

auto a3_ankle(Side side) -> LinkageGeometry
{
  LinkageGeometry geometry;
  geometry.first_axis = {0.0, 1.0, 0.0};
  geometry.second_axis = {1.0, 0.0, 0.0};
  geometry.motor_axis = {-1.0, 0.0, 0.0};
  geometry.rods[0] = {
    {0.0, 0.0, 0.2705},
    {-0.037, -0.034531, 0.0057122},
    {-0.0395, -0.0222503, 0.0035002},
    0.273,
    0.0};
  geometry.rods[1] = {
    {0.0, 0.0, 0.1925},
    {-0.029, 0.0345925, 0.00532554},
    {-0.0395, 0.02225, 0.0034995},
    0.195,
    0.0};
  if (side == Side::right)
  {
    geometry.rods = {mirrored(geometry.rods[0]), mirrored(geometry.rods[1])};
  }
  return geometry;
}

auto a3_waist() -> LinkageGeometry
{
  // The motors sit in the torso, so the chain runs down: back through pitch, then through roll.
  LinkageGeometry geometry;
  geometry.first_axis = {0.0, -1.0, 0.0};
  geometry.second_axis = {-1.0, 0.0, 0.0};
  geometry.offset = {0.02, 0.0, -0.005};
  geometry.motor_axis = {1.0, 0.0, 0.0};
  geometry.rods[0] = {
    {0.0, 0.059, 0.075},
    {0.0498, -0.0399595, 0.00179872},
    {0.035, 0.02250005, -0.01499998},
    0.097,
    0.0};
  geometry.rods[1] = mirrored(geometry.rods[0]);
  return geometry;
}

}  // namespace neuraxis
