# SPDX-License-Identifier: Apache-2.0
"""Down and up: the way, the posture on it, who may move, and the X2 doing it in lockstep."""

from __future__ import annotations

from dataclasses import replace

import mujoco
import numpy as np
import pinocchio as pin
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pd_world import DATA_ROOT, ROBOTS, PdWorld, profile_of, row, urdf_of

from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.types import JointCommand, RobotState
from neuraxis_field.ground import GroundTruth
from neuraxis_sim.lockstep import LockstepWorld
from neuraxis_sim.model import RobotModel, build_model
from small_brain_node.body_model import BodyModel
from small_brain_node.core import SmallBrain
from small_brain_node.lowering.controller import LoweringController
from small_brain_node.lowering.posture import Posture, PostureCheck
from small_brain_node.lowering.rung import LowPhase
from small_brain_node.lowering.settings import LoweringSettings
from small_brain_node.lowering.way import LowWay
from small_brain_node.walking.whole_body import WholeBody

ROBOT = "lingxi_x2"
DT_S = 0.01
WELL = Posture(
    height_m=0.6, tilt_rad=0.1, sole_tilt_rad=0.01, load=1.0, foot_load=0.5, sole_share=0.1,
    speed_m_s=0.0, turn_rad_s=0.0,
)  # fmt: skip


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 1.0]), st.integers(1, 600)), min_size=1, max_size=6)
)
@settings(deadline=None)
def test_the_way_keeps_speed_and_acceleration_wherever_it_is_turned_round(legs) -> None:
    tuning = LoweringSettings()
    way, top = LowWay(tuning), 1.0 / tuning.way_s
    slew = top / tuning.ramp_s * DT_S
    before = way.advance(DT_S)
    for goal, cycles in legs:
        way.go(goal)
        for _ in range(cycles):
            now = way.advance(DT_S)
            assert abs(now.rate_1_s) <= top + 1e-9
            assert abs(now.share - before.share) <= top * DT_S + 1e-4
            # The last cycles before the goal may be taken in one.
            most = slew if now.rate_1_s else 4 * slew
            assert abs(now.rate_1_s - before.rate_1_s) <= most + 1e-9
            assert -1e-5 <= now.share <= 1.0 + 1e-5
            before = now
    for _ in range(round((tuning.way_s + 4 * tuning.ramp_s) / DT_S)):
        before = way.advance(DT_S)
    assert way.arrived
    assert before.share == legs[-1][0]


def touches(world: RobotModel, pose: dict[str, float]) -> set[str]:
    """Bodies of the robot that touch the floor or each other."""
    data = mujoco.MjData(world.model)
    data.qpos[:] = world.standing_qpos(pose)
    mujoco.mj_forward(world.model, data)
    bodies = world.model.geom_bodyid[data.contact.geom].ravel()
    return {world.model.body(int(body)).name for body in bodies if body}


@pytest.mark.parametrize("robot", ROBOTS)
def test_all_the_way_down_the_weight_is_over_the_soles_and_no_joint_at_its_stop(robot) -> None:
    profile = profile_of(robot)
    body = BodyModel(profile, urdf_of(robot))
    lowering, whole = LoweringController(profile, body), WholeBody(profile, body)
    ready, low = row(profile, profile.ready_pose_rad), row(profile, profile.lowering_pose_rad)
    soles_B = whole.soles(ready)
    middle = pin.SE3(np.eye(3), (soles_B[0].translation + soles_B[1].translation) / 2)
    soles_M = [middle.actInv(sole) for sole in soles_B]
    pos, legs, world = ready.copy(), whole.legs, build_model(profile, urdf_of(robot))
    for share in np.linspace(0.0, 1.0, 21):
        upper = ready + share * (low - ready)
        upper[legs] = pos[legs]
        pos = upper
        for _ in range(8):
            base_MB = lowering.base_MB(share, pos)
            pos, _ = whole.reach(pos, tuple(map(base_MB.actInv, soles_M)), np.zeros((2, 6)))
        spare = np.minimum(pos - whole.lower, whole.upper - pos)[legs]
        assert spare.min() > 0.01, (share, profile.joint_names[legs[int(spare.argmin())]])
        soles = whole.soles(pos)
        for sole, wanted in zip(soles, soles_M, strict=True):
            np.testing.assert_allclose(base_MB.act(sole.translation), wanted.translation, atol=1e-3)
        com_M = base_MB.act(body.com_B_m())
        assert abs(com_M[0]) < 0.6 * body.soles[0].half_x_m
        # What an ankle bears of half the weight; its middle is where its sole frame is.
        ahead_m = com_M[0] + body.soles[0].middle_m[0]
        ankle_Nm = abs(ahead_m) * body.mass_kg * 9.81 / 2
        pitch = [i for i in legs if "ankle_pitch" in profile.joint_names[i]
                 or "toe_pitch" in profile.joint_names[i]]  # fmt: skip
        assert ankle_Nm < 0.5 * whole.effort_max[pitch].min()
        assert abs(com_M[1]) < 0.01
        assert touches(world, dict(zip(profile.joint_names, pos, strict=True))) <= set(profile.feet)
    assert base_MB.translation[2] < 0.6 * lowering.base_MB(0.0, ready).translation[2]


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("tilted", {"tilt_rad": 0.7}),
        ("soles_tilted", {"sole_tilt_rad": 0.5}),
        ("soles_unloaded", {"load": 0.2}),
        ("foot_unloaded", {"foot_load": 0.01}),
        ("off_balance", {"sole_share": 1.2}),
        ("tilted", {"tilt_rad": float("nan")}),
    ],
)
def test_what_speaks_against_moving_is_named_with_value_and_bound(code, change) -> None:
    profile = profile_of(ROBOT)
    check = PostureCheck(profile, BodyModel(profile, urdf_of(ROBOT)))
    assert check.refusal(WELL) is None
    refused = check.refusal(replace(WELL, **change))
    assert refused.code == code
    np.testing.assert_equal(refused.details["value"], next(iter(change.values())))
    assert np.isfinite(refused.details["bound"])


def test_settings_out_of_bounds_are_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="lean_rad"):
        LoweringSettings(lean_rad=0.9)
    with pytest.raises(ConfigError, match="way_s"):
        LoweringSettings(way_s=float("nan"))


class GivesUp:
    """Balances until told to give up."""

    def __init__(self, inner) -> None:
        self._inner, self.lost = inner, False

    def reset(self) -> None:
        self._inner.reset()

    def act(self, observation) -> JointCommand | Rejected:
        return Rejected("no_controller", "lost") if self.lost else self._inner.act(observation)


@pytest.fixture(scope="module")
def standing() -> PdWorld:
    world = PdWorld(ROBOT)
    world.run(0.5)
    return world


def at(world: PdWorld, now_s: float) -> RobotState:
    state = world.state()
    joints, imu = replace(state.joints, stamp_s=now_s), replace(state.imu, stamp_s=now_s)
    return replace(state, joints=joints, imu=imu)


def brain_of() -> tuple[SmallBrain, GivesUp]:
    spare = SmallBrain(profile_of(ROBOT), urdf_of(ROBOT))
    policy = GivesUp(spare._policy)
    return SmallBrain(profile_of(ROBOT), urdf_of(ROBOT), policy=policy), policy


def test_a_policy_that_gives_up_while_upright_is_followed_by_the_lowering(standing) -> None:
    brain, policy = brain_of()
    brain.step(0.0, at(standing, 0.0))
    policy.lost = True
    command = brain.step(DT_S, at(standing, DT_S))
    assert isinstance(command, JointCommand)
    assert brain.low_phase is LowPhase.LOWERING
    assert brain.fault.code == "no_controller"
    assert any("lost" in note for note in brain.take_notes())
    assert brain.follow(DT_S, None).code == "not_standing"
    assert brain.walk(DT_S, np.array([0.2, 0.0, 0.0])).code == "not_standing"
    assert brain.grip(DT_S, "left", 0.02, 5.0).code == "not_standing"


def test_a_policy_that_gives_up_on_one_foot_leaves_the_robot_to_the_spinal_cord(standing) -> None:
    brain, policy = brain_of()
    brain.step(0.0, at(standing, 0.0))
    policy.lost = True
    state = at(standing, DT_S)
    command = brain.step(DT_S, replace(state, foot_force_N=np.array([440.0, 5.0])))
    assert command.code == "no_controller"
    assert brain.low_phase is LowPhase.UP


def test_nothing_is_lowered_while_the_spinal_cord_does_not_run(standing) -> None:
    brain, _ = brain_of()
    assert brain.lower(0.0).code == "stopped"
    brain.step(0.0, replace(at(standing, 0.0), stop_level="hold"))
    assert brain.lower(0.0).code == "stopped"
    assert brain.stand_up(0.0).code == "stopped"


def test_a_robot_found_low_and_not_on_its_soles_is_only_damped(standing) -> None:
    brain, _ = brain_of()
    state, profile = at(standing, 0.0), profile_of(ROBOT)
    legs = {name: profile.lowering_pose_rad[name] for name in profile.groups["left_leg"]}
    legs |= {name: profile.lowering_pose_rad[name] for name in profile.groups["right_leg"]}
    pos = row(profile, dict(profile.ready_pose_rad) | legs)
    lying = replace(state, joints=replace(state.joints, pos_rad=pos), foot_force_N=np.zeros(2))
    command = brain.step(0.0, lying)
    assert brain.low_phase is LowPhase.LOOKING
    np.testing.assert_allclose(command.pos_rad, pos, atol=1e-6)
    now_s = 0.0
    for _ in range(round(LoweringSettings().rest_s / DT_S) + 1):
        now_s += DT_S
        stamped = replace(lying.joints, stamp_s=now_s)
        command = brain.step(
            now_s, replace(lying, joints=stamped, imu=replace(lying.imu, stamp_s=now_s))
        )
    assert brain.low_phase is LowPhase.LIMP
    assert not command.kp.any()
    assert not command.effort_Nm.any()
    np.testing.assert_allclose(command.kd, row(profile, profile.kd_damping))
    refused = brain.stand_up(now_s)
    assert refused.code in ("tilted", "soles_tilted", "soles_unloaded")
    assert brain.fault is not None


def test_the_x2_goes_down_stays_down_through_a_stop_and_stands_up_when_asked() -> None:
    world = LockstepWorld(profile_of(ROBOT), DATA_ROOT, None, with_camera=False)
    truth = GroundTruth(world)
    standing_m = truth.height_m

    def run(seconds: float) -> None:
        for _ in range(round(seconds / 0.05)):
            world.advance(0.05)
            truth.look()

    run(0.5)
    assert world.brain.lower(world.now_s) is None
    run(6.5)
    assert world.brain.low_phase is LowPhase.LOW
    assert truth.height_m < 0.45 * standing_m
    world.loop.request_stop("hold", "test")
    run(0.5)
    accepted, reason = world.loop.reset_stop()
    assert accepted, reason
    run(0.5)
    assert world.brain.low_phase is LowPhase.LOW
    assert truth.height_m < 0.45 * standing_m
    assert world.brain.stand_up(world.now_s) is None
    run(7.0)
    assert world.brain.low_phase is LowPhase.UP
    assert truth.height_m == pytest.approx(standing_m, abs=0.01)
    assert truth.tilt_rad < 0.05
    assert truth.touched == set()
    assert truth.beyond_rad < 0.01
    assert world.loop.state()["counters"]["rejected_position"] == 0


def test_the_spinal_cords_own_lowering_leaves_the_x2_on_its_soles_without_a_bang() -> None:
    world = LockstepWorld(profile_of(ROBOT), DATA_ROOT, None, with_camera=False)
    truth = GroundTruth(world)
    world.advance(0.5)
    world.loop.request_stop("lowering", "test")
    levels = set()
    for _ in range(240):
        world.advance(0.05)
        truth.look()
        levels.add(world.state.stop_level)
    assert levels == {"lowering", "damping", "zero"}
    assert truth.speed_m_s < 0.6
    assert truth.force_share < 2.0
    assert truth.tilt_rad < 0.9
