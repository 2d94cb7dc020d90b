// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/mit_codec.hpp"

namespace neuraxis
{
namespace
{

constexpr double kTau = 6.283185307179586;

// CubeMars' manual, resellers' tables and drivers in use name different scales for these.
constexpr const char * kAk10 = "sources say v 28, 46.57 or 50 rad/s and t 48, 54 or 65 Nm";
constexpr const char * kAk60 = "sources say v 45, 50 or 60 rad/s and t 9, 12 or 15 Nm";
// Published peak torque and speed against the scales in the vendor's ROS sample.
constexpr const char * kRs00 = "sources say v 33 or 50 rad/s and t 14 or 17 Nm";
constexpr const char * kRs03 = "sources say v 20 or 50 rad/s and t 60 Nm";
constexpr const char * kRs05 = "sources say v 33 or 50 rad/s and t 5.5 or 17 Nm";
constexpr const char * kRs06 = "sources say v 20 or 50 rad/s and t 36 or 60 Nm";

}  // namespace

auto motor_models() -> const std::vector<MotorModel> &
{
  using F = MotorFamily;
  static const std::vector<MotorModel> models{
    // Factory defaults, as in enactic/openarm_can dm_motor_constants.hpp; read back from the drive.
    {"dm3507", F::damiao, 12.5, 50.0, 5.0, 500.0, 5.0},
    {"dm4310", F::damiao, 12.5, 30.0, 10.0, 500.0, 5.0},
    {"dm4310_48v", F::damiao, 12.5, 50.0, 10.0, 500.0, 5.0},
    {"dm4340", F::damiao, 12.5, 10.0, 28.0, 500.0, 5.0},
    {"dm4340_48v", F::damiao, 12.5, 10.0, 28.0, 500.0, 5.0},
    {"dm6006", F::damiao, 12.5, 45.0, 20.0, 500.0, 5.0},
    {"dm8006", F::damiao, 12.5, 45.0, 40.0, 500.0, 5.0},
    {"dm8009", F::damiao, 12.5, 45.0, 54.0, 500.0, 5.0},
    {"dm10010l", F::damiao, 12.5, 25.0, 200.0, 500.0, 5.0},
    {"dm10010", F::damiao, 12.5, 20.0, 200.0, 500.0, 5.0},
    {"dmh3510", F::damiao, 12.5, 280.0, 1.0, 500.0, 5.0},
    {"dmh6215", F::damiao, 12.5, 45.0, 10.0, 500.0, 5.0},
    {"dmg6220", F::damiao, 12.5, 45.0, 10.0, 500.0, 5.0},
    // CubeMars AK series driver manual, MIT mode.
    {"ak60-6", F::tmotor, 12.5, 45.0, 15.0, 500.0, 5.0, kAk60},
    {"ak70-10", F::tmotor, 12.5, 50.0, 25.0, 500.0, 5.0},
    {"ak80-6", F::tmotor, 12.5, 76.0, 12.0, 500.0, 5.0},
    {"ak80-8", F::tmotor, 12.5, 37.5, 32.0, 500.0, 5.0},
    {"ak80-9", F::tmotor, 12.5, 50.0, 18.0, 500.0, 5.0},
    {"ak80-64", F::tmotor, 12.5, 8.0, 144.0, 500.0, 5.0},
    {"ak10-9", F::tmotor, 12.5, 50.0, 65.0, 500.0, 5.0, kAk10},
    // RobStride's published figures and the table of its ROS sample.
    {"rs00", F::robstride, 2.0 * kTau, 33.0, 14.0, 500.0, 5.0, kRs00},
    {"rs01", F::robstride, 2.0 * kTau, 44.0, 17.0, 500.0, 5.0},
    {"rs02", F::robstride, 2.0 * kTau, 44.0, 17.0, 500.0, 5.0},
    {"rs03", F::robstride, 2.0 * kTau, 20.0, 60.0, 5000.0, 100.0, kRs03},
    {"rs04", F::robstride, 2.0 * kTau, 15.0, 120.0, 5000.0, 100.0},
    {"rs05", F::robstride, 2.0 * kTau, 50.0, 5.5, 500.0, 5.0, kRs05},
    {"rs06", F::robstride, 2.0 * kTau, 50.0, 36.0, 5000.0, 100.0, kRs06},
    // AgibotTech/agibot_x1_infer, xyber_api common_type.h.
    {"r52", F::powerflow, kTau, 2.0 * kTau, 50.0, 500.0, 8.0},
    {"r86", F::powerflow, kTau, 2.0 * kTau, 100.0, 500.0, 8.0},
  };
  return models;
}

auto find_motor(const std::string & name) -> const MotorModel *
{
  for (const auto & model : motor_models())
  {
    if (name == model.name)
    {
      return &model;
    }
  }
  return nullptr;
}

auto name_of(MotorFamily family) noexcept -> const char *
{
  switch (family)
  {
    case MotorFamily::damiao:
      return "damiao";
    case MotorFamily::tmotor:
      return "tmotor";
    case MotorFamily::robstride:
      return "robstride";
    case MotorFamily::powerflow:
      return "powerflow";
  }
  return "";
}

auto error_text(MotorFamily family, std::uint8_t error) -> std::string
{
  struct Word
  {
    MotorFamily family;
    std::uint8_t error;
    const char * text;
  };
  using F = MotorFamily;
  static constexpr Word kWords[] = {
    // Damiao manuals, upper half of the first reply byte.
    {F::damiao, 0x5, "sensor fault"},
    {F::damiao, 0x6, "parameter fault"},
    {F::damiao, 0x8, "over-voltage"},
    {F::damiao, 0x9, "under-voltage"},
    {F::damiao, 0xA, "over-current"},
    {F::damiao, 0xB, "MOSFET too hot"},
    {F::damiao, 0xC, "coil too hot"},
    {F::damiao, 0xD, "communication lost, its watchdog let go"},
    {F::damiao, 0xE, "overload"},
    // CubeMars AK series driver manual.
    {F::tmotor, 1, "motor too hot"},
    {F::tmotor, 2, "over-current"},
    {F::tmotor, 3, "over-voltage"},
    {F::tmotor, 4, "under-voltage"},
    {F::tmotor, 5, "encoder fault"},
    {F::tmotor, 6, "MOSFET too hot"},
    {F::tmotor, 7, "blocked"},
    // RobStride manuals, bits of the reply's identifier.
    {F::robstride, 0x01, "under-voltage"},
    {F::robstride, 0x02, "over-current"},
    {F::robstride, 0x04, "too hot"},
    {F::robstride, 0x08, "magnetic encoder fault"},
    {F::robstride, 0x10, "hall encoder fault or blocked"},
    {F::robstride, 0x20, "not calibrated"},
  };
  std::string out;
  for (const auto & word : kWords)
  {
    const bool bits = family == F::robstride;
    if (word.family == family && (bits ? (error & word.error) != 0 : error == word.error))
    {
      out += (out.empty() ? "" : ", ") + std::string(word.text);
    }
  }
  return out.empty() ? (error == 0 ? "none" : "not documented") : out;
}

}  // namespace neuraxis
