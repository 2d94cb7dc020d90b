// SPDX-License-Identifier: Apache-2.0
#include "wire_space.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

namespace neuraxis
{
namespace
{

[[nodiscard]] auto geometry_of(const WireParams & params, const std::string & parameter)
  -> LinkageGeometry
{
  static const std::map<std::string, LinkageGeometry> kKinds{
    {"a2_left_ankle", a2_ankle(Side::left)}, {"a2_right_ankle", a2_ankle(Side::right)},
    {"a2_left_wrist", a2_wrist(Side::left)}, {"a2_right_wrist", a2_wrist(Side::right)},
    {"a3_left_ankle", a3_ankle(Side::left)}, {"a3_right_ankle", a3_ankle(Side::right)},
    {"a3_waist", a3_waist()}};
  std::vector<std::string> known;
  for (const auto & kind : kKinds)
  {
    known.push_back(kind.first);
  }
  return kKinds.at(params.choice(parameter, "", known));
}

}  // namespace

auto WireSpace::filled_index() -> std::array<std::size_t, kMaxJoints>
{
  std::array<std::size_t, kMaxJoints> out{};
  out.fill(kMaxJoints);
  return out;
}

WireSpace::WireSpace(const std::vector<std::string> & joints, const WireParams & params)
: aliases_(params.words("aliases"))
{
  for (const auto & alias : aliases_)
  {
    if (alias.find('=') == std::string::npos)
    {
      params.refuse("aliases", "must hold name_on_the_wire=name_in_the_table");
    }
  }
  host_gains_ = params.choice("linkage_gains", "drive", {"drive", "host"}) == "host";
  add_groups(joints, params);
  add_chains(joints, params);
  check_cover(joints, params);
}

void WireSpace::add_groups(const std::vector<std::string> & joints, const WireParams & params)
{
  std::vector<std::string> reachable = joints;
  for (const auto & chain : params.words("linkages"))
  {
    for (const auto & drive : params.words(chain + ".drives"))
    {
      reachable.push_back(drive);
    }
  }
  (void)params.text("groups");
  for (const auto & name : params.words("groups"))
  {
    WireGroup group;
    group.name = name;
    group.state_topic = params.text(name + ".state_topic");
    group.command_topic = params.text(name + ".command_topic", "");
    (void)params.text(name + ".joints");
    group.names = params.words(name + ".joints");
    const bool wanted = std::any_of(
      group.names.begin(), group.names.end(),
      [&](const auto & one) { return position_in(joints, one) < joints.size(); });
    if (!wanted)
    {
      continue;
    }
    group.first = wire_count_;
    wire_count_ += group.names.size();
    if (wire_count_ > kMaxJoints)
    {
      params.refuse("groups", "hold more than " + std::to_string(kMaxJoints) + " joints");
    }
    for (std::size_t i = 0; i < group.names.size(); ++i)
    {
      if (position_in(reachable, group.names[i]) == reachable.size())
      {
        params.refuse(
          name + ".joints", "holds '" + group.names[i] + "', which the robot description lacks");
      }
      const auto joint = position_in(joints, group.names[i]);
      if (joint < joints.size())
      {
        joint_of_[group.first + i] = joint;
      }
    }
    groups_.push_back(group);
  }
}

auto WireSpace::find_entry(const std::string & name) const -> std::size_t
{
  for (const auto & group : groups_)
  {
    const auto place = position_in(group.names, name);
    if (place < group.names.size())
    {
      return group.first + place;
    }
  }
  return kMaxJoints;
}

void WireSpace::add_chains(const std::vector<std::string> & joints, const WireParams & params)
{
  for (const auto & name : params.words("linkages"))
  {
    const auto moved = params.words(name + ".joints");
    const auto drives = params.words(name + ".drives");
    if (moved.size() != 2 || (!drives.empty() && drives.size() != 2))
    {
      params.refuse(name + ".joints", "and .drives must hold two names each");
    }
    Chain chain;
    chain.name = name;
    const auto geometry = geometry_of(params, name + ".kind");
    chain.state = std::make_unique<Linkage>(geometry);
    chain.command = std::make_unique<Linkage>(geometry);
    for (std::size_t i = 0; i < 2; ++i)
    {
      chain.joints[i] = position_in(joints, moved[i]);
      if (chain.joints[i] == joints.size())
      {
        params.refuse(name + ".joints", "holds '" + moved[i] + "', which the description lacks");
      }
      if (!drives.empty())
      {
        chain.drives[i] = find_entry(drives[i]);
        if (chain.drives[i] == kMaxJoints)
        {
          params.refuse(name + ".drives", "holds '" + drives[i] + "', which no group carries");
        }
      }
    }
    if (params.has(name + ".torque_speed"))
    {
      const auto curve = params.numbers(name + ".torque_speed", {0.0, 0.0, 0.0});
      if (!(curve[0] > 0.0 && curve[1] > 0.0 && curve[2] > curve[1]))
      {
        params.refuse(name + ".torque_speed", "must be: peak torque, knee speed, no-load speed");
      }
      chain.has_curve = true;
      chain.curve = {curve[0], curve[1], curve[2]};
    }
    if (params.has(name + ".range"))
    {
      const auto range = params.numbers(name + ".range", {0.0, 0.0});
      chain.range = {range[0], range[1]};
      if (!(range[0] < range[1]))
      {
        params.refuse(name + ".range", "must be: lower, upper");
      }
    }
    chains_.push_back(std::move(chain));
  }
}

void WireSpace::check_cover(
  const std::vector<std::string> & joints, const WireParams & params) const
{
  const auto absent = params.words("absent_joints");
  std::string uncovered;
  for (std::size_t i = 0; i < joints.size(); ++i)
  {
    const bool on_wire = std::find(joint_of_.begin(), joint_of_.end(), i) != joint_of_.end();
    const bool in_chain = std::any_of(
      chains_.begin(), chains_.end(),
      [&](const auto & chain)
      {
        return chain.drives[0] != kMaxJoints && (chain.joints[0] == i || chain.joints[1] == i);
      });
    if (!on_wire && !in_chain && position_in(absent, joints[i]) == absent.size())
    {
      uncovered += (uncovered.empty() ? "'" : ", '") + joints[i] + "'";
    }
  }
  if (!uncovered.empty())
  {
    params.refuse("groups", "carry no " + uncovered + " (name them in absent_joints if they are)");
  }
}

auto WireSpace::to_joints(const WireState & wire, StateSample & sample) noexcept -> bool
{
  for (std::size_t entry = 0; entry < wire_count_; ++entry)
  {
    const auto joint = joint_of_[entry];
    if (joint != kMaxJoints)
    {
      sample.pos[joint] = wire.pos[entry];
      sample.vel[joint] = wire.vel[entry];
      sample.effort[joint] = wire.effort[entry];
      sample.joint_error[joint] = wire.error[entry];
    }
  }
  for (auto & chain : chains_)
  {
    if (chain.drives[0] == kMaxJoints)
    {
      continue;
    }
    const auto a = chain.drives[0];
    const auto b = chain.drives[1];
    const Pair drives{wire.pos[a], wire.pos[b]};
    if (
      !chain.state->joints_of(drives, chain.last) || !chain.state->set_pose(chain.last, drives))
    {
      return false;
    }
    const auto velocity = chain.state->joint_velocity({wire.vel[a], wire.vel[b]});
    const auto torque = chain.state->joint_torque({wire.effort[a], wire.effort[b]});
    for (std::size_t i = 0; i < 2; ++i)
    {
      const auto joint = chain.joints[i];
      sample.pos[joint] = chain.last[i];
      sample.vel[joint] = velocity[i];
      sample.effort[joint] = torque[i];
      // Either drive's fault stops both joints.
      sample.joint_error[joint] = wire.error[a] != 0 ? wire.error[a] : wire.error[b];
    }
  }
  return true;
}

void WireSpace::to_wire(const WireOutput & in, JointTuple & wire) noexcept
{
  const auto & target = in.output.target;
  for (std::size_t entry = 0; entry < wire_count_; ++entry)
  {
    const auto joint = joint_of_[entry];
    if (joint != kMaxJoints)
    {
      wire.pos[entry] = target.pos[joint];
      wire.vel[entry] = target.vel[joint];
      wire.effort[entry] = target.effort[joint];
      wire.kp[entry] = target.kp[joint];
      wire.kd[entry] = target.kd[joint];
    }
  }
  for (auto & chain : chains_)
  {
    if (chain.drives[0] != kMaxJoints)
    {
      drive_chain(chain, in, wire);
    }
    else if (chain.has_curve)
    {
      limit_chain(chain, in, wire);
    }
  }
}

void WireSpace::drive_chain(Chain & chain, const WireOutput & in, JointTuple & wire) const noexcept
{
  const auto & target = in.output.target;
  const Pair measured{in.pos[chain.joints[0]], in.pos[chain.joints[1]]};
  const Pair velocity{in.vel[chain.joints[0]], in.vel[chain.joints[1]]};
  Pair now{};
  Pair goal{};
  const Pair wanted{target.pos[chain.joints[0]], target.pos[chain.joints[1]]};
  auto & linkage = *chain.command;
  const bool solved = linkage.drives_of(measured, now) && linkage.set_pose(measured, now);
  if (!solved || !linkage.drives_of(wanted, goal))
  {
    goal = now;
  }
  // The loop's torque already carries the joints' limits; the drives' own come on top.
  const auto torque = linkage.drive_torque(
    {in.output.effort_total[chain.joints[0]], in.output.effort_total[chain.joints[1]]});
  const auto drive_velocity = linkage.drive_velocity(velocity);
  const auto goal_velocity =
    linkage.drive_velocity({target.vel[chain.joints[0]], target.vel[chain.joints[1]]});
  const auto kp = linkage.drive_gain({target.kp[chain.joints[0]], target.kp[chain.joints[1]]});
  const auto kd = linkage.drive_gain({target.kd[chain.joints[0]], target.kd[chain.joints[1]]});
  for (std::size_t i = 0; i < 2; ++i)
  {
    const auto entry = chain.drives[i];
    // A drive knows only its own error. What the other one adds goes into the feed-forward.
    const double own_kp = host_gains_ ? 0.0 : kp[i][i];
    const double own_kd = host_gains_ ? 0.0 : kd[i][i];
    wire.pos[entry] = std::clamp(goal[i], chain.range[0], chain.range[1]);
    wire.vel[entry] = goal_velocity[i];
    wire.kp[entry] = own_kp;
    wire.kd[entry] = own_kd;
    wire.effort[entry] = 0.0;
    if (in.state_usable)
    {
      const double given =
        chain.has_curve ? chain.curve.clamp(torque[i], drive_velocity[i]) : torque[i];
      wire.effort[entry] = given - own_kp * (wire.pos[entry] - now[i]) -
        own_kd * (goal_velocity[i] - drive_velocity[i]);
    }
  }
}

void WireSpace::limit_chain(
  Chain & chain, const WireOutput & in, JointTuple & wire) const noexcept
{
  const auto [first, second] = chain.joints;
  const Pair measured{in.pos[first], in.pos[second]};
  const Pair velocity{in.vel[first], in.vel[second]};
  Pair drives{};
  auto & linkage = *chain.command;
  if (
    !in.state_usable || !linkage.drives_of(measured, drives) ||
    !linkage.set_pose(measured, drives))
  {
    return;
  }
  const Pair torque{in.output.effort_total[first], in.output.effort_total[second]};
  const auto limited = limit_torque(linkage, chain.curve, torque, velocity);
  for (std::size_t entry = 0; entry < wire_count_; ++entry)
  {
    for (std::size_t i = 0; i < 2; ++i)
    {
      if (joint_of_[entry] == chain.joints[i])
      {
        wire.effort[entry] += limited[i] - torque[i];
      }
    }
  }
}

}  // namespace neuraxis
