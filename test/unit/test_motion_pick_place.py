# SPDX-License-Identifier: Apache-2.0
"""Whole pick and place sequences, kinematically: every segment from where the last one ended."""

import motion_helpers as mh
import numpy as np
import pytest
from pick_place_rules import BLOCK, after, bench_scene, by_name, check_sequence, run, tool

from big_brain_node.motion.lookahead import same_grasp
from big_brain_node.motion.pick_place import PickPlacePlanner
from big_brain_node.motion.scene_model import bench_height, odom_in_base, underside
from neuraxis_common.errors import Rejected
from neuraxis_common.types import SceneSnapshot


@pytest.mark.parametrize("robot", ["lingxi_x2", "expedition_a3", "expedition_a2"])
@pytest.mark.parametrize(("part", "box"), [("block", "tray"), ("can", "bin")])
def test_sequence_takes_the_part_to_the_container(robot, part, box):
    check_sequence(robot, part, box)


def test_hand_comes_from_above_within_the_allowed_tilt():
    carry, pos = run("lingxi_x2", "block", "bin")
    approach = tool(pos["grasp"], "lingxi_x2", carry.side)[:3, 2]
    below_deg = np.rad2deg(np.arcsin(-approach[2]))
    assert 34.9 <= below_deg <= 90.1


def test_part_at_the_left_goes_to_the_left_hand():
    assert run("lingxi_x2", "block", "bin")[0].side == "left"
    assert run("lingxi_x2", "can", "bin")[0].side == "right"


def test_swayed_part_is_grasped_where_it_is_now():
    planner, scene = mh.pick_place(), bench_scene()
    block = by_name(scene, "block")
    carry, trajectory = planner.plan_reach(mh.ready(), scene, block, by_name(scene, "bin"))
    now = after(mh.ready(), trajectory, "lingxi_x2")
    now = planner.cell.with_fingers(now, carry.side, carry.open_width_m)
    shift = np.array([0.004, -0.003, 0.0])
    moved = mh.SceneObject(**(vars(block) | {"center_B_m": block.center_B_m + shift}))
    others = tuple(o for o in scene.objects if o.track_id != "block")
    planned = planner.plan_grasp(now, SceneSnapshot(0.1, (moved, *others)), carry)
    assert not isinstance(planned, Rejected), planned
    at = tool(after(now, planned, "lingxi_x2"), "lingxi_x2", carry.side)[:2, 3]
    assert np.allclose(at, moved.center_B_m[:2], atol=1e-3)


def test_put_back_ends_where_the_part_was_taken():
    planner, scene = mh.pick_place(), bench_scene()
    carry, pos = run("lingxi_x2", "block", "bin")
    back = planner.plan_put_back(pos["lift"], scene, carry)
    assert not isinstance(back, Rejected), back
    end = tool(after(pos["lift"], back, "lingxi_x2"), "lingxi_x2", carry.side)[:3, 3]
    start = tool(pos["grasp"], "lingxi_x2", carry.side)[:3, 3]
    assert np.linalg.norm(end[:2] - start[:2]) < 3e-3
    assert 0 <= end[2] - start[2] < 0.06


@pytest.mark.parametrize("robot", ["lingxi_x2", "expedition_a3", "expedition_a2"])
@pytest.mark.parametrize("part", ["block", "can"])
def test_a_part_without_a_container_is_taken_and_stowed_upright(robot, part):
    planner, scene = mh.pick_place(robot), bench_scene(robot)
    thing, now = by_name(scene, part), mh.ready(robot)
    assert planner.check_put(now, scene, thing, None) is None
    carry, reach = planner.plan_reach(now, scene, thing, None)
    assert carry.container is None
    now = planner.cell.with_fingers(after(now, reach, robot), carry.side, carry.open_width_m)
    now = after(now, planner.plan_grasp(now, scene, carry), robot)
    now = planner.cell.with_fingers(now, carry.side, carry.grasp.grasp.width_m)
    now = after(now, planner.plan_lift(now, scene, carry), robot)
    stow = planner.plan_stow(now, scene, carry)
    assert not isinstance(stow, Rejected), stow
    arm = planner.cell.carrying_arm(now, scene, carry.side, thing, carry.grasp, None, 0.2)
    assert arm.scene.first_hit(stow.pos_rad) is None
    end = tool(after(now, stow, robot), robot, carry.side)
    rests = tool(mh.ready(robot), robot, carry.side)
    assert np.linalg.norm(end[:3, 3] - rests[:3, 3]) < 2e-3
    up = (end[:3, :3] @ carry.grasp.held().T_tcp[:3, :3])[2, 2]
    assert up > np.cos(0.15)


def test_what_a_hand_cannot_grasp_is_refused_without_a_container_too():
    planner, far = mh.pick_place(), mh.item("far", "cube", (0.9, 0.0), (0.04, 0.04, 0.04))
    assert planner.check_put(mh.ready(), bench_scene(), far, None).code == "unreachable"


def test_part_out_of_reach_is_refused_with_the_stage():
    planner, scene = mh.pick_place(), bench_scene()
    far = mh.item("far", "cube", (0.9, 0.0), (0.04, 0.04, 0.04))
    refused = planner.plan_reach(mh.ready(), scene, far, by_name(scene, "bin"))
    assert isinstance(refused, Rejected)
    assert refused.code == "unreachable"
    assert refused.details["stage"] == 0


def test_no_grasp_that_failed_is_chosen_again_while_the_part_stays_where_it_is():
    planner, scene, failed = mh.pick_place(), bench_scene(), []
    block, box = by_name(scene, "block"), by_name(scene, "bin")
    while True:
        planned = planner.plan_reach(mh.ready(), scene, block, box, failed)
        if isinstance(planned, Rejected):
            break
        record = planned[0].grasp
        for other in failed:
            way = (planned[0].side, record.closing_rad, record.tilt_rad)
            assert not same_grasp(other, block, *way)
        failed.append(planned[0])
        assert len(failed) < 20
    assert planned.code in ("no_other_way", "unreachable", "goal_in_collision") and failed
    away_B_m = block.center_B_m + np.array([0.0, 0.02, 0.0])
    moved = mh.SceneObject(**(vars(block) | {"center_B_m": away_B_m}))
    again = planner.plan_reach(mh.ready(), SceneSnapshot(0.0, (moved, box)), moved, box, failed)
    assert not isinstance(again, Rejected)


def test_search_that_the_clock_cuts_off_says_so():
    late = PickPlacePlanner(mh.profile(), mh.urdf(), mh.FakeClock(step_s=10.0))
    scene = bench_scene()
    block = by_name(scene, "block")
    refused = late.plan_reach(mh.ready(), scene, block, by_name(scene, "bin"))
    assert isinstance(refused, Rejected)
    assert refused.code == "timeout"
    assert "out of time" in refused.reason and refused.details["late_s"] > 0


def test_too_wide_part_is_refused():
    planner, scene = mh.pick_place(), bench_scene()
    wide = mh.item("wide", "cube", (0.28, 0.2), (0.1, 0.1, 0.05))
    refused = planner.plan_reach(mh.ready(), scene, wide, by_name(scene, "bin"))
    assert isinstance(refused, Rejected)
    assert "too wide" in refused.reason


def test_bench_height_follows_a_leaning_base():
    bench, T_BO = mh.profile().bench, mh.T_BO()
    level = bench_height(bench, T_BO, np.zeros(2))
    assert level == pytest.approx((T_BO @ [0, 0, bench.height_m, 1])[2], abs=1e-9)
    lean = 0.02
    tilt = np.eye(4)
    tilt[:3, :3] = [
        [np.cos(lean), 0, np.sin(lean)],
        [0, 1, 0],
        [-np.sin(lean), 0, np.cos(lean)],
    ]
    far = bench_height(bench, tilt @ T_BO, np.array([0.4, 0.0]))
    near = bench_height(bench, tilt @ T_BO, np.array([0.0, 0.0]))
    assert (far - near) / 0.4 == pytest.approx(-np.tan(lean), abs=1e-6)


def test_underside_snaps_to_the_bench_only_when_near():
    cube = mh.item("cube", "cube", (0.3, 0.0), (0.04, 0.04, 0.04))
    bench_z = float(cube.center_B_m[2] - 0.02)
    assert underside(cube, bench_z + 0.005) == bench_z + 0.005
    assert underside(cube, bench_z - 0.03) == pytest.approx(bench_z)


def test_floor_frame_comes_from_the_soles():
    kin = mh.kinematics()
    q = kin.configuration(mh.ready())
    T = odom_in_base(kin, mh.profile(), q)
    for sole in mh.profile().soles:
        at = np.linalg.inv(T) @ kin.frame_pose(q, sole)
        assert at[2, 3] == pytest.approx(0.0, abs=1e-6)


def test_close_neighbour_makes_the_fingers_open_less():
    planner, scene = mh.pick_place(), bench_scene()
    block = mh.item("block", "block", (0.29, 0.22), BLOCK)
    # The block closes along y; neighbours leave room for a finger and little more on both sides.
    finger_m, room_m, width_m = 0.021, 0.031, 0.036
    away = BLOCK[1] / 2 + room_m + width_m / 2
    size = (0.036, width_m, 0.04)
    others = [mh.item(f"n{s}", "cube", (0.29, 0.22 + s * away), size) for s in (-1, 1)]
    box = by_name(scene, "bin")
    roomy = planner.plan_reach(mh.ready(), SceneSnapshot(0.0, (block, box)), block, box)
    tight = planner.plan_reach(mh.ready(), SceneSnapshot(0.0, (block, *others, box)), block, box)
    assert not isinstance(roomy, Rejected) and not isinstance(tight, Rejected), tight
    assert BLOCK[1] < tight[0].open_width_m < roomy[0].open_width_m
    assert tight[0].open_width_m / 2 + finger_m < BLOCK[1] / 2 + room_m


def test_no_room_for_fingers_is_a_collision():
    planner, scene = mh.pick_place(), bench_scene()
    block = mh.item("block", "block", (0.29, 0.22), BLOCK)
    others = [mh.item(f"n{s}", "cube", (0.29, 0.22 + s * 0.036), (0.036,) * 3) for s in (-1, 1)]
    box = by_name(scene, "bin")
    refused = planner.plan_reach(mh.ready(), SceneSnapshot(0.0, (block, *others, box)), block, box)
    assert isinstance(refused, Rejected)
    assert refused.code == "goal_in_collision"
    assert refused.details["contacts"]
