// SPDX-License-Identifier: Apache-2.0
#include "command_mailbox.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "neuraxis/config.hpp"

namespace neuraxis
{
namespace
{

/// Clocks of the same machine, read in another order.
constexpr double kFuture_s = 0.005;

}  // namespace

CommandMailbox::CommandMailbox(const std::vector<std::string> & joints, double timeout_s)
: count_(joints.size()),
  timeout_s_(timeout_s),
  interpolator_(joints.size()),
  pace_(CordConfig{}.command_period_max_s, CordConfig{}.late_margin_s)
{
  if (joints.empty() || joints.size() > kMaxJoints)
  {
    throw std::invalid_argument(
      "parameter 'joints' must name 1 to " + std::to_string(kMaxJoints) + " joints, got " +
      std::to_string(joints.size()));
  }
  if (!(timeout_s > 0.0))
  {
    throw std::invalid_argument(
      "parameter 'command_timeout_s' must be positive, got " + std::to_string(timeout_s));
  }
  for (std::size_t i = 0; i < joints.size(); ++i)
  {
    if (!index_.emplace(joints[i], i).second)
    {
      throw std::invalid_argument("parameter 'joints' names '" + joints[i] + "' twice");
    }
  }
}

auto CommandMailbox::post(double stamp_s, const CommandColumns & columns) -> std::string
{
  const std::array rows{
    &columns.position, &columns.velocity, &columns.effort, &columns.kp, &columns.kd};
  for (const auto * row : rows)
  {
    if (row->size() != columns.name.size())
    {
      return "arrays must have the length of 'name', " + std::to_string(columns.name.size()) +
        ", one has " + std::to_string(row->size());
    }
  }
  auto & command = box_.back();
  command.stamp_s = stamp_s;
  auto & target = command.target;
  const std::array to{&target.pos, &target.vel, &target.effort, &target.kp, &target.kd};
  std::array<bool, kMaxJoints> seen{};
  for (std::size_t i = 0; i < columns.name.size(); ++i)
  {
    const auto found = index_.find(columns.name[i]);
    if (found == index_.end())
    {
      continue;
    }
    if (std::exchange(seen[found->second], true))
    {
      return "joint '" + columns.name[i] + "' is commanded twice";
    }
    for (std::size_t row = 0; row < rows.size(); ++row)
    {
      const double value = (*rows[row])[i];
      if (!std::isfinite(value))
      {
        return "joint '" + columns.name[i] + "' is commanded a value that is not finite";
      }
      (*to[row])[found->second] = value;
    }
  }
  for (const auto & [name, joint] : index_)
  {
    if (!seen[joint])
    {
      return "joint '" + name + "' is missing in the command";
    }
  }
  box_.publish();
  return {};
}

void CommandMailbox::clear() noexcept
{
  (void)box_.update();
  has_command_ = false;
  stamp_s_ = 0.0;
  dropped_ = 0;
}

void CommandMailbox::accept(double now_s, const JointCommand & command) noexcept
{
  const bool late = now_s - command.stamp_s > timeout_s_;
  const bool early = command.stamp_s - now_s > kFuture_s;
  const bool backwards = has_command_ && command.stamp_s < stamp_s_;
  if (late || early || backwards)
  {
    ++dropped_;
    return;
  }
  if (has_command_)
  {
    pace_.arrive(now_s);
    interpolator_.go_to(command.target, now_s, pace_.period_s());
  }
  else
  {
    // The spinal cord itself leads from its pose to the first target.
    pace_.restart(now_s);
    interpolator_.reset(command.target, now_s);
  }
  has_command_ = true;
  stamp_s_ = command.stamp_s;
}

auto CommandMailbox::sample(double now_s, JointTuple & out) noexcept -> bool
{
  if (box_.update())
  {
    accept(now_s, box_.front());
  }
  has_command_ = has_command_ && now_s - stamp_s_ <= timeout_s_;
  // The spinal cord bridges what is late: going on here would hide it.
  const bool fresh = has_command_ && !pace_.late(now_s);
  if (fresh)
  {
    interpolator_.evaluate(now_s, out);
  }
  return fresh;
}

}  // namespace neuraxis
