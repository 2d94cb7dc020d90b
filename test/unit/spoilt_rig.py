# SPDX-License-Identifier: Apache-2.0
"""Ways to spoil what the small brain is given, for tests of bad input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from pd_world import DATA_ROOT, profile_of, urdf_of

from neuraxis_common.errors import Rejected
from neuraxis_sim.lockstep import LockstepWorld

ROBOT = "lingxi_x2"


class SpoiltSenses:
    """Spoils what the small brain is given, from some instant on."""

    def __init__(self, brain, spoil):
        self.brain, self.spoil, self.from_s = brain, spoil, np.inf
        self.config = brain.config
        self.kept, self.faults, self.silent_s, self.first_s = None, [], None, None

    def __getattr__(self, name):
        return getattr(self.brain, name)

    def step(self, now_s, state):
        if now_s >= self.from_s:
            state = self.spoil(self.kept, state)
        else:
            self.kept = state
        command = self.brain.step(now_s, state)
        if self.brain.fault is not None and now_s >= self.from_s:
            self.first_s = self.first_s if self.faults else now_s
            self.faults.append(self.brain.fault.code)
        if isinstance(command, Rejected) and self.silent_s is None:
            self.silent_s = now_s
        return command


class Ear:
    """A spinal cord that keeps what it is told: (ms, five rows) of each command."""

    def __init__(self, world):
        self.loop, self.world, self.heard = world.loop, world, []

    def __getattr__(self, name):
        return getattr(self.loop, name)

    def command(self, stamp_s, *rows):
        self.heard.append((round(self.world.now_s * 1e3), rows))
        return self.loop.command(stamp_s, *rows)


def frozen(kept, state):
    joints = replace(kept.joints, stamp_s=state.joints.stamp_s)
    return replace(state, joints=joints)


def permuted(_kept, state):
    joints = state.joints
    rows = {
        name: np.roll(getattr(joints, name), 3) for name in ("pos_rad", "vel_rad_s", "effort_Nm")
    }
    return replace(state, joints=replace(joints, **rows))


def late(kept, state):
    return replace(state, joints=kept.joints)


def not_finite(_kept, state):
    vel = state.joints.vel_rad_s.copy()
    vel[4] = np.nan
    return replace(state, joints=replace(state.joints, vel_rad_s=vel))


def upside_down(_kept, state):
    w, x, y, z = state.imu.quat_wxyz
    # The rotation by 180 degrees about x, applied in the body.
    quat = np.array([-x, w, z, -y])
    flip = np.array([1.0, -1.0, -1.0])
    imu = replace(
        state.imu, quat_wxyz=quat, gyro_B_rad_s=flip * state.imu.gyro_B_rad_s,
        accel_B_m_s2=flip * state.imu.accel_B_m_s2,
    )  # fmt: skip
    return replace(state, imu=imu)


def world_with(spoil, policy=None, robot=ROBOT) -> LockstepWorld:
    """A robot on an empty floor; `world.brain.from_s` says from when on it is spoilt."""
    world = LockstepWorld(
        profile_of(robot), DATA_ROOT, None, seed=5, with_camera=False, urdf_xml=urdf_of(robot),
        policy=policy,
    )  # fmt: skip
    world.brain = SpoiltSenses(world.brain, spoil)
    return world


def walk(world, seconds, velocity=(0.3, 0.0, 0.0)):
    for _ in range(round(seconds / 0.1)):
        world.brain.walk(world.now_s, np.array(velocity))
        world.advance(0.1)
