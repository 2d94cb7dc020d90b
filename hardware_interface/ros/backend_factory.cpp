// SPDX-License-Identifier: Apache-2.0
#include "backend_factory.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <utility>

#include "neuraxis/mock_backend.hpp"
#include "param_reader.hpp"
#include "socketcan_mit_factory.hpp"
#ifdef NEURAXIS_HAS_MUJOCO
#include "neuraxis/shared_world.hpp"
#endif
#ifdef NEURAXIS_HAS_VENDOR_BACKENDS
#include "cooperative_backend.hpp"
#endif
#ifdef NEURAXIS_HAS_AIMDK_MSGS
#include "aimdk_hal_backend.hpp"
#endif
#ifdef NEURAXIS_HAS_JOINT_MSGS
#include "body_drive_backend.hpp"
#endif

namespace neuraxis
{
namespace
{

using Make = std::unique_ptr<Backend> (*)(const BackendRequest &);

struct Maker
{
  const char * name;
  /// Null where this build lacks it.
  Make make;
  /// What a build needs for it.
  const char * needs;
};

/// A mock that falls ill by itself, for trials of what lies above it.
class ScheduledMock : public MockBackend
{
public:
  ScheduledMock(std::vector<std::string> joints, MockFault fault, double value, double after_s)
  : MockBackend(std::move(joints)), fault_(fault), value_(value), after_s_(after_s)
  {
    set_fault(fault, value);
    set_fault(MockFault::none, 0.0);
  }

  void advance(double period_s) noexcept override
  {
    MockBackend::advance(period_s);
    if (time_s() >= after_s_)
    {
      // The constructor has seen that it does not throw.
      set_fault(fault_, value_);
      after_s_ = std::numeric_limits<double>::infinity();
    }
  }

private:
  MockFault fault_;
  double value_;
  double after_s_;
};

[[nodiscard]] auto make_mock(const BackendRequest & request) -> std::unique_ptr<Backend>
{
  const ParamReader wishes("backend 'mock'", request.params);
  const auto name = wishes.text("fault", kMockFaultNames[0]);
  const auto * const fault = std::find(kMockFaultNames.begin(), kMockFaultNames.end(), name);
  if (fault == kMockFaultNames.end())
  {
    throw std::invalid_argument("backend 'mock': unknown fault '" + name + "'");
  }
  auto backend = std::make_unique<ScheduledMock>(
    request.joints, static_cast<MockFault>(fault - kMockFaultNames.begin()),
    wishes.number("fault_value", 0.0), wishes.number("fault_after_s", 0.0));
  for (std::size_t i = 0; i < request.joints.size(); ++i)
  {
    const auto found = request.joint_params.find(request.joints[i]);
    if (found != request.joint_params.end())
    {
      const ParamReader params("joint '" + request.joints[i] + "'", found->second);
      backend->set_joint(i, params.number("initial", 0.0), 0.0);
    }
  }
  return backend;
}

#ifdef NEURAXIS_HAS_MUJOCO
[[nodiscard]] auto make_mujoco(const BackendRequest & request) -> std::unique_ptr<Backend>
{
  const ParamReader params("backend 'mujoco'", request.params);
  MujocoSensors sensors;
  sensors.quat = params.text("quat_sensor", "imu_quat");
  sensors.gyro = params.text("gyro_sensor", "imu_gyro");
  sensors.accel = params.text("accel_sensor", "imu_accel");
  sensors.feet = {
    params.text("left_foot_sensor", "left_foot_force"),
    params.text("right_foot_sensor", "right_foot_force")};
  return std::make_unique<SharedMujocoBackend>(
    params.text("model_path"), request.joints, sensors, params.text("snapshot_path", ""),
    params.text("keyframe", ""));
}
#endif

#ifdef NEURAXIS_HAS_MUJOCO
constexpr Make kMujoco = make_mujoco;
#else
constexpr Make kMujoco = nullptr;
#endif
#ifdef NEURAXIS_HAS_VENDOR_BACKENDS
constexpr Make kCooperative = make_cooperative;
#else
constexpr Make kCooperative = nullptr;
#endif
#ifdef NEURAXIS_HAS_AIMDK_MSGS
constexpr Make kAimdkHal = make_aimdk_hal;
#else
constexpr Make kAimdkHal = nullptr;
#endif
#ifdef NEURAXIS_HAS_JOINT_MSGS
constexpr Make kBodyDrive = make_body_drive;
#else
constexpr Make kBodyDrive = nullptr;
#endif

constexpr std::array kMakers{
  Maker{"mock", make_mock, ""},
  Maker{"mujoco", kMujoco, "mujoco"},
  Maker{"aimdk_hal", kAimdkHal, "aimdk_msgs"},
  Maker{"body_drive", kBodyDrive, "joint_msgs"},
  Maker{"cooperative", kCooperative, "sensor_msgs"},
  Maker{"socketcan_mit", make_socketcan_mit, ""},
};

[[nodiscard]] auto find_maker(const std::string & backend) -> const Maker &
{
  const auto * const maker = std::find_if(
    kMakers.begin(), kMakers.end(),
    [&backend](const Maker & candidate) { return backend == candidate.name; });
  if (maker == kMakers.end())
  {
    std::string known;
    for (const auto & candidate : kMakers)
    {
      known += (known.empty() ? "" : ", ") + std::string(candidate.name);
    }
    throw std::invalid_argument("unknown backend '" + backend + "', known are " + known);
  }
  if (maker->make == nullptr)
  {
    throw std::invalid_argument(
      "backend '" + backend + "' needs package " + maker->needs +
      ", which was not found when neuraxis was built");
  }
  return *maker;
}

}  // namespace

void require_backend(const std::string & backend) { (void)find_maker(backend); }

auto make_backend(const BackendRequest & request) -> std::unique_ptr<Backend>
{
  return find_maker(request.backend).make(request);
}

}  // namespace neuraxis
