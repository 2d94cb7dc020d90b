// SPDX-License-Identifier: Apache-2.0
#include "gazebo_backend.hpp"

#include <algorithm>

namespace neuraxis
{

GazeboLink::GazeboLink(const CordConfig & config, const StateSample & start)
: samples_(start)
{
  for (std::size_t i = 0; i < config.joints.size(); ++i)
  {
    const auto & joint = config.joints[i];
    effort_max_.push_back(joint.effort_max);
    output_.target.pos[i] = start.pos[i];
    output_.target.kp[i] = joint.kp_hold;
    output_.target.kd[i] = joint.kd_hold;
  }
  see(start);
}

void GazeboLink::apply(const StateSample & now, JointArray & efforts) const noexcept
{
  if (commanded_.load(std::memory_order_relaxed))
  {
    efforts = output_.effort_total;
    return;
  }
  const auto & to = output_.target;
  for (std::size_t i = 0; i < effort_max_.size(); ++i)
  {
    const double effort = to.kp[i] * (to.pos[i] - now.pos[i]) - to.kd[i] * now.vel[i];
    efforts[i] = std::clamp(effort, -effort_max_[i], effort_max_[i]);
  }
}

auto GazeboLink::read(StateSample & sample) noexcept -> ReadResult
{
  if (!samples_.update())
  {
    return {ReadStatus::silent, 0};
  }
  sample = samples_.front();
  return {ReadStatus::fresh, 0};
}

void GazeboLink::write(const ActuatorOutput & output) noexcept
{
  output_ = output;
  commanded_.store(true, std::memory_order_relaxed);
}

}  // namespace neuraxis
