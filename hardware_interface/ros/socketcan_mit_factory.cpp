// SPDX-License-Identifier: Apache-2.0
#include "socketcan_mit_factory.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <stdexcept>
#include <string>

#include "param_reader.hpp"

namespace neuraxis
{
namespace
{

constexpr double kIdMax = 0x7FE;
/// Identifier that a host takes by custom.
constexpr double kRobstrideHost = 0xFD;

struct Bounds
{
  double low;
  double high;
};

[[nodiscard]] auto within(
  const std::string & owner, const ParamReader & params, const std::string & name,
  double fallback, const Bounds & bounds) -> double
{
  const double value = params.number(name, fallback);
  if (!(value >= bounds.low && value <= bounds.high))
  {
    std::ostringstream text;
    text << owner << ": parameter '" << name << "' must be in [" << bounds.low << ", "
         << bounds.high << "], got " << value;
    throw std::invalid_argument(text.str());
  }
  return value;
}

[[nodiscard]] auto identifier(
  const std::string & owner, const ParamReader & params, const std::string & name,
  double fallback) -> std::uint32_t
{
  const double value = within(owner, params, name, fallback, {0.0, kIdMax});
  if (value != std::floor(value))
  {
    throw std::invalid_argument(owner + ": parameter '" + name + "' must be a whole number");
  }
  return static_cast<std::uint32_t>(value);
}

/// Where the family's drives answer unless told otherwise. Damiao's master id is a setting of the
/// drive and must be given.
[[nodiscard]] auto usual_reply_id(MotorFamily family, std::uint32_t can_id) -> double
{
  switch (family)
  {
    case MotorFamily::tmotor:
      return 0.0;
    case MotorFamily::robstride:
      return kRobstrideHost;
    case MotorFamily::damiao:
    case MotorFamily::powerflow:
      break;
  }
  return can_id;
}

[[nodiscard]] auto motor_of(const std::string & owner, const ParamReader & params) -> MotorModel
{
  const auto name = params.text("motor");
  const auto * const known = find_motor(name);
  if (known == nullptr)
  {
    std::string names;
    for (const auto & model : motor_models())
    {
      names += (names.empty() ? "" : ", ") + std::string(model.name);
    }
    throw std::invalid_argument(owner + ": unknown motor '" + name + "', known are " + names);
  }
  auto model = *known;
  for (const auto * const which : {"v_max", "t_max"})
  {
    if (model.contested != nullptr && params.text(which, "").empty())
    {
      throw std::invalid_argument(
        owner + ": parameter '" + which + "' is missing; for motor '" + name + "' " +
        model.contested + ", so read it from your drive");
    }
  }
  model.v_max = within(owner, params, "v_max", model.v_max, {0.1, 1000.0});
  model.t_max = within(owner, params, "t_max", model.t_max, {0.1, 1000.0});
  return model;
}

[[nodiscard]] auto drive_of(
  const std::string & joint, const std::map<std::string, std::string> & values) -> CanDrive
{
  const std::string owner = "joint '" + joint + "'";
  const ParamReader params(owner, values);
  CanDrive drive;
  drive.joint = joint;
  drive.bus = params.text("can_bus");
  (void)params.text("can_id");
  drive.address.can_id = identifier(owner, params, "can_id", 0.0);
  drive.model = motor_of(owner, params);
  if (drive.model.family == MotorFamily::damiao)
  {
    (void)params.text("reply_id");
  }
  drive.address.reply_id = identifier(
    owner, params, "reply_id", usual_reply_id(drive.model.family, drive.address.can_id));
  drive.sign = params.number("sign", 1.0);
  if (std::abs(drive.sign) != 1.0)
  {
    throw std::invalid_argument(owner + ": parameter 'sign' must be 1 or -1");
  }
  drive.offset_rad = within(owner, params, "offset_rad", 0.0, {-6.4, 6.4});
  drive.ratio = within(owner, params, "ratio", 1.0, {0.01, 1000.0});
  return drive;
}

}  // namespace

auto can_mit_config(const BackendRequest & request) -> CanMitConfig
{
  const std::string owner = "backend 'socketcan_mit'";
  const ParamReader params(owner, request.params);
  CanMitConfig config;
  const auto absent = params.words("absent_joints");
  config.fd = params.number("can_fd", 0.0) != 0.0;
  config.drive_timeout_s =
    within(owner, params, "drive_timeout_s", config.drive_timeout_s, {0.0, 10.0});
  config.release_kd = within(owner, params, "release_kd", config.release_kd, {0.0, 100.0});
  config.reply_timeout_s =
    within(owner, params, "reply_timeout_s", config.reply_timeout_s, {0.001, 1.0});
  for (const auto & joint : request.joints)
  {
    if (std::find(absent.begin(), absent.end(), joint) == absent.end())
    {
      const auto found = request.joint_params.find(joint);
      config.drives.push_back(
        drive_of(joint, found == request.joint_params.end() ? decltype(found->second){}
                                                            : found->second));
    }
  }
  if (config.drives.empty())
  {
    throw std::invalid_argument(owner + ": every joint is in 'absent_joints'");
  }
  return config;
}

auto make_socketcan_mit(const BackendRequest & request) -> std::unique_ptr<Backend>
{
  return std::make_unique<SocketcanMitBackend>(request.joints, can_mit_config(request));
}

}  // namespace neuraxis
