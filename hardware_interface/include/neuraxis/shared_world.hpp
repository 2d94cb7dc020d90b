// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "neuraxis/mujoco_backend.hpp"
#include "neuraxis/world_file.hpp"

namespace neuraxis
{

/// A MuJoCo world that others may watch: cameras, judges, recorders in processes of their own.
/// The loop only notes what time it is; a thread of its own writes the world file.
class SharedMujocoBackend : public MujocoBackend
{
public:
  /// @param world_path World file to keep; empty for none.
  /// @param keyframe State the world starts in; empty for the model's own.
  /// @throws std::invalid_argument as MujocoBackend, and for a keyframe that the model lacks.
  /// @throws std::runtime_error where the world file cannot be made.
  SharedMujocoBackend(
    const std::string & model_path, std::vector<std::string> joint_names,
    const MujocoSensors & sensors, const std::string & world_path, const std::string & keyframe);
  ~SharedMujocoBackend() override;

  void advance(double period_s) noexcept override;

private:
  void note_time() noexcept;
  void share();

  std::unique_ptr<WorldFile> file_;
  /// System time minus the world's time.
  std::atomic<double> offset_s_{0.0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace neuraxis
