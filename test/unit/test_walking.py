# SPDX-License-Identifier: Apache-2.0
"""The classical walking controller: its pendulum, its steps, and the X2 walking in lockstep."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pd_world import DATA_ROOT, profile_of, urdf_of

from neuraxis_common.errors import ConfigError
from neuraxis_common.types import JointCommand
from neuraxis_field.dynamics import OtherMotors
from neuraxis_sim.lockstep import LockstepWorld
from small_brain_node.body_model import BodyModel
from small_brain_node.walking.controller import WalkingController
from small_brain_node.walking.dcm import Pendulum
from small_brain_node.walking.gait import Gait
from small_brain_node.walking.gait_step import GaitGeometry, Phase
from small_brain_node.walking.settings import LIMITS, VelocityCommand, WalkingSettings
from small_brain_node.walking.swing import SwingPath
from small_brain_node.walking.trim import LandingTrim, Traction

ROBOT = "lingxi_x2"
PENDULUM = Pendulum(omega_1_s=3.7, single_s=0.4, double_s=0.1)
lengths = st.floats(-0.4, 0.4)


@given(lengths, lengths, lengths)
@settings(deadline=None)
def test_a_nominal_step_leads_from_one_lift_off_to_the_next(ahead, aside, sway) -> None:
    advance, swing = np.array([ahead, aside]), np.array([0.0, sway])
    now = PENDULUM.lift_off_offset(advance, swing)
    then = PENDULUM.lift_off_offset(advance, -swing)
    touch_down = PENDULUM.growth(PENDULUM.single_s) * now
    needed = PENDULUM.touch_down_offset(advance + swing, then)
    np.testing.assert_allclose(needed, touch_down, atol=1e-9)
    step = PENDULUM.displacement(touch_down, then)
    np.testing.assert_allclose(step, advance + swing, atol=1e-9)


def test_the_transfer_of_load_agrees_with_integration() -> None:
    old, new = np.array([0.0, 0.1]), np.array([0.2, -0.1])
    speed, goal = (new - old) / PENDULUM.double_s, np.array([0.05, 0.03])
    dcm = old + PENDULUM.transfer_offset(PENDULUM.double_s, speed, goal)
    steps = 10_000
    for i in range(steps):
        cop = old + speed * PENDULUM.double_s * (i + 0.5) / steps
        dcm = PENDULUM.after(dcm, cop, PENDULUM.double_s / steps)
    np.testing.assert_allclose(dcm - new, goal, atol=1e-6)


@pytest.mark.parametrize("field", LIMITS)
def test_a_command_out_of_range_is_refused_by_name(field) -> None:
    for value in (LIMITS[field][1] + 0.01, LIMITS[field][0] - 0.01, float("nan")):
        with pytest.raises(ConfigError, match=field):
            VelocityCommand(**{field: value})
    nearest = VelocityCommand.nearest(np.full(3, 9.0))
    assert nearest == VelocityCommand(*(high for _, high in LIMITS.values()))


@given(st.lists(lengths, min_size=2, max_size=2), st.floats(-3.0, 3.0))
@settings(deadline=None)
def test_a_swing_lands_at_a_target_that_moved_under_way(shift, heading) -> None:
    duration_s, dt_s, clearance_m = 0.4, 0.01, 0.06
    path = SwingPath(np.array([0.0, 0.0, 0.0, 3.1]), duration_s, clearance_m)
    target, top = np.array([*shift, 0.0, heading]), 0.0
    for i in range(1, 41):
        moved = target + ([0.05, -0.05, 0.0, 0.0] if i < 20 else 0.0)
        state = path.advance(i * dt_s, dt_s, moved)
        top = max(top, state.pos[2])
    np.testing.assert_allclose(state.pos[:3], target[:3], atol=5e-3)
    assert np.cos(state.pos[3] - heading) > 1 - 1e-3
    assert np.linalg.norm(state.vel[:2]) < 0.1
    assert top == pytest.approx(clearance_m, rel=0.05)


def standing_gait(tuning: WalkingSettings | None = None) -> tuple[Gait, np.ndarray]:
    halves = np.array([0.08, 0.04])
    geometry = GaitGeometry(0.2, 0.15, 0.5, 0.5, halves, halves)
    soles = np.array([[0.0, 0.12, 0.0], [0.0, -0.12, 0.0]])
    return Gait(PENDULUM, geometry, tuning or WalkingSettings()), soles


def test_stands_at_zero_and_steps_when_the_balance_is_lost() -> None:
    gait, soles = standing_gait()
    load, still = np.array([0.5, 0.5]), VelocityCommand()
    assert gait.step(0.01, still, np.array([0.07, 0.03]), soles, load) is None
    step = gait.step(0.01, still, np.array([0.12, 0.03]), soles, load)
    assert step is not None
    assert step.phase is Phase.START


@given(st.floats(-1.0, 1.0), st.floats(-1.0, 1.0), st.booleans())
@settings(max_examples=30, deadline=None)
def test_no_step_treads_on_the_other_foot_or_asks_for_load_off_the_soles(dx, dy, left) -> None:
    gait, soles = standing_gait()
    load, walk = np.array([0.5, 0.5]), VelocityCommand(0.3, 0.1 if left else -0.1)
    for _ in range(200):
        step = gait.step(0.01, walk, np.array([dx, dy]), soles, load)
        cop = step.cop_O_m
        assert abs(cop[0]) < 0.081
        assert abs(cop[1]) < 0.161
        if step.phase is Phase.SINGLE:
            break
    apart = step.target[1] - soles[step.standing[0], 1]
    assert (apart if step.swinging == 0 else -apart) > 0.14


def test_the_strongest_motor_is_never_asked_for_more_than_the_spinal_cord_lets_through() -> None:
    most = np.array([40.0, 80.0])
    told = JointCommand(0.0, *np.zeros((2, 2)), 0.999 * most * [1, -1], *np.ones((2, 2)))

    class Straining:
        def reset(self) -> None: ...

        def act(self, observation: object) -> JointCommand:
            return told

    strong, weak = (OtherMotors(Straining(), np.full((3, 2), k), most) for k in (1.05, 0.95))
    np.testing.assert_allclose(strong.act(None).effort_Nm, most * [1, -1])
    np.testing.assert_allclose(weak.act(None).effort_Nm, 0.95 * told.effort_Nm)


def test_the_x2_walks_two_metres_and_stops_standing() -> None:
    profile, urdf_xml = profile_of(ROBOT), urdf_of(ROBOT)
    controller = WalkingController(profile, BodyModel(profile, urdf_xml))
    world = LockstepWorld(
        profile, DATA_ROOT, None, seed=3, with_camera=False, urdf_xml=urdf_xml, policy=controller
    )
    base = world.robot.base_qpos_adr
    start = world.qpos()[base : base + 3]
    world.advance(0.5)
    assert controller.phase is Phase.STAND
    while world.qpos()[base] - start[0] < 2.0 and world.now_s < 8.0:
        world.brain.walk(world.now_s, np.array([0.4, 0.0, 0.0]))
        world.advance(0.1)
    walked = world.qpos()[base : base + 3] - start
    assert walked[0] >= 2.0
    assert abs(walked[1]) < 0.25
    estimate = world.brain.base_in_odom()[:3, 3]
    assert np.linalg.norm(estimate[:2] - world.qpos()[base : base + 2]) < 0.15
    # Without a fresh wish it stops by itself.
    world.advance(4.0)
    assert controller.phase is Phase.STAND
    assert world.state.stop_level == "run"
    rest = world.qpos()[base : base + 3]
    world.advance(0.5)
    assert np.linalg.norm(world.qpos()[base : base + 3] - rest) < 0.01


def test_a_foot_that_lands_late_comes_down_sooner_next_time() -> None:
    trim = LandingTrim()
    late_s = 0.04
    for _ in range(30):
        trim.landed(1, late_s - trim.early_s[1])
    assert trim.early_s[1] == pytest.approx(late_s, abs=1e-3)
    assert trim.early_s[0] == 0.0
    trim.landed(1, -1.0)
    assert trim.early_s[1] == 0.0


def test_a_sole_comes_down_sooner_by_as_much_as_it_is_told() -> None:
    start, target = np.zeros(4), np.array([0.2, 0.0, 0.0, 0.0])
    down_s, way_up_m = [], []
    times = np.arange(1, 600) * 0.001
    for early_s in (0.0, 0.04):
        path = SwingPath(start, 0.36, 0.06)
        heights = np.array([path.advance(t, 0.001, target, early_s).pos[2] for t in times])
        down_s.append(times[np.argmax(heights < 0.0)])
        way_up_m.append(heights[100])
    assert down_s[0] - down_s[1] == pytest.approx(0.04, abs=0.002)
    assert way_up_m[0] == way_up_m[1]


def test_a_floor_on_which_soles_turn_is_walked_on_more_slowly() -> None:
    traction = Traction()
    for _ in range(5):
        traction.stepped(0.15)
    slow = traction.share
    assert slow == pytest.approx(0.85**5)
    for _ in range(20):
        traction.stepped(0.01)
    assert slow < traction.share < 1.0
    for _ in range(100):
        traction.stepped(3.0)
    assert traction.share == pytest.approx(0.4)


def test_sideways_commands_beyond_what_a_robot_can_are_walked_at_its_most() -> None:
    gait, soles = standing_gait(WalkingSettings(side_m_s=0.1))
    for _ in range(100):
        gait.step(0.01, VelocityCommand(vy_m_s=-0.3), np.zeros(2), soles, np.array([0.5, 0.5]))
    assert gait._vel[1] == pytest.approx(-0.1)
