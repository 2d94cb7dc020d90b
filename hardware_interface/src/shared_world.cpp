// SPDX-License-Identifier: Apache-2.0
#include "neuraxis/shared_world.hpp"

#include <chrono>
#include <utility>

namespace neuraxis
{
namespace
{

// Several times as often as any camera looks.
constexpr std::chrono::milliseconds kPeriod{5};

auto system_time_s() noexcept -> double
{
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

}  // namespace

SharedMujocoBackend::SharedMujocoBackend(
  const std::string & model_path, std::vector<std::string> joint_names,
  const MujocoSensors & sensors, const std::string & world_path, const std::string & keyframe)
: MujocoBackend(model_path, std::move(joint_names), sensors)
{
  if (!keyframe.empty())
  {
    place_at_keyframe(keyframe);
  }
  note_time();
  if (!world_path.empty())
  {
    file_ = std::make_unique<WorldFile>(world_path, qpos_size(), qvel_size());
    thread_ = std::thread([this] { share(); });
  }
}

SharedMujocoBackend::~SharedMujocoBackend()
{
  stop_ = true;
  if (thread_.joinable())
  {
    thread_.join();
  }
}

void SharedMujocoBackend::advance(double period_s) noexcept
{
  MujocoBackend::advance(period_s);
  note_time();
}

void SharedMujocoBackend::note_time() noexcept
{
  offset_s_.store(system_time_s() - time_s(), std::memory_order_relaxed);
}

void SharedMujocoBackend::share()
{
  while (!stop_)
  {
    const auto world = snapshot();
    file_->write(world.time_s + offset_s_.load(std::memory_order_relaxed), world);
    std::this_thread::sleep_for(kPeriod);
  }
}

}  // namespace neuraxis
