// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <mujoco/mujoco.h>

#include "neuraxis/backend.hpp"
#include "neuraxis/triple_buffer.hpp"

namespace neuraxis
{

/// Names of the model's sensors; empty where there is none.
struct MujocoSensors
{
  std::string quat;
  std::string gyro;
  std::string accel;
  /// Left, right: `touch` sensors, or `force` sensors whose |z| counts.
  std::vector<std::string> feet;
  std::vector<std::string> extra;
};

/// Copy of the simulator's state for those who draw or judge it.
struct SimSnapshot
{
  double time_s = 0.0;
  std::vector<double> qpos;
  std::vector<double> qvel;
};

/// MuJoCo world whose actuators are torque motors with the names of their joints. A world that
/// diverges stands still, and every read is an error with the number of the warning, until placed.
class MujocoBackend : public Backend
{
public:
  /// @param model_path Model as .mjb or MJCF .xml.
  /// @throws std::invalid_argument naming the file, joint, actuator or sensor that does not fit.
  MujocoBackend(
    const std::string & model_path, std::vector<std::string> joint_names,
    const MujocoSensors & sensors);

  [[nodiscard]] auto joint_names() const -> const std::vector<std::string> & override;
  [[nodiscard]] auto extra_names() const -> const std::vector<std::string> & override;
  [[nodiscard]] auto extra_widths() const -> const std::vector<std::size_t> & override;
  [[nodiscard]] auto time_s() const noexcept -> double override;
  auto read(StateSample & sample) noexcept -> ReadResult override;
  void write(const ActuatorOutput & output) noexcept override;
  void advance(double period_s) noexcept override;
  void check_period(double period_s) const override;

  /// How often MuJoCo warned since the world was placed (contact buffer full, divergence, ...).
  [[nodiscard]] auto warning_count() const noexcept -> int { return warning_count_.load(); }
  [[nodiscard]] auto qpos_size() const noexcept -> std::size_t;
  [[nodiscard]] auto qvel_size() const noexcept -> std::size_t;
  /// Newest sound snapshot; never holds up the loop.
  [[nodiscard]] auto snapshot() -> SimSnapshot;
  /// Places the whole world and ends external wrenches. Not while the loop runs.
  /// @throws std::invalid_argument on wrong sizes or values that are not finite.
  void set_state(const std::vector<double> & qpos, const std::vector<double> & qvel, double time_s);
  /// Places the whole world as one of the model's keyframes says. Not while the loop runs.
  /// @throws std::invalid_argument for a keyframe that the model lacks.
  void place_at_keyframe(const std::string & name);
  /// Replaces positions and velocities and nothing else, as when somebody moves a thing. Not
  /// while the loop runs. @throws std::invalid_argument as set_state
  void edit_state(const std::vector<double> & qpos, const std::vector<double> & qvel);
  /// Constant wrench on a body from the next cycle on, until replaced; zero ends it.
  /// @param wrench_W Force (N) and torque (Nm) about the body's centre of mass, world axes.
  /// @throws std::invalid_argument for an unknown body.
  void set_external_wrench(const std::string & body, const std::array<double, 6> & wrench_W);

private:
  struct ModelDeleter
  {
    void operator()(mjModel * model) const { mj_deleteModel(model); }
  };
  struct DataDeleter
  {
    void operator()(mjData * data) const { mj_deleteData(data); }
  };
  struct SensorSlot
  {
    int address = -1;
    int width = 0;
  };
  struct JointSlot
  {
    int qpos = 0;
    int dof = 0;
    int ctrl = 0;
  };

  void map_joint(const std::string & name);
  [[nodiscard]] auto find_sensor(const std::string & name) const -> SensorSlot;
  void map_sensors(const MujocoSensors & sensors);
  [[nodiscard]] auto foot_force(const SensorSlot & slot) const noexcept -> double;
  void put(const std::vector<double> & qpos, const std::vector<double> & qvel);
  void check_state(const std::vector<double> & qpos, const std::vector<double> & qvel) const;
  void prime_warnings() noexcept;
  void look_at_warnings() noexcept;
  void publish() noexcept;

  std::vector<std::string> joint_names_;
  std::vector<std::string> extra_names_;
  std::vector<std::size_t> extra_widths_;
  std::unique_ptr<mjModel, ModelDeleter> model_;
  std::unique_ptr<mjData, DataDeleter> data_;
  std::vector<JointSlot> joints_;
  /// Index of the warning that says the world diverged, plus one; zero while it is sound.
  int divergence_ = 0;
  std::atomic<int> warning_count_{0};
  SensorSlot quat_;
  SensorSlot gyro_;
  SensorSlot accel_;
  std::vector<SensorSlot> feet_;
  std::vector<SensorSlot> extra_;
  TripleBuffer<SimSnapshot> snapshots_;
  std::mutex snapshot_mutex_;
  std::vector<double> wrenches_W_;
  TripleBuffer<std::vector<double>> wrench_box_;
  std::mutex wrench_mutex_;
};

}  // namespace neuraxis
