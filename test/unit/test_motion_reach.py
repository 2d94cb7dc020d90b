# SPDX-License-Identifier: Apache-2.0
"""The benches of the profiles lie where the hands reach and the head camera looks."""

import motion_helpers as mh
import numpy as np
import pytest

from big_brain_node.motion import reach

ROBOTS = ("lingxi_x2", "expedition_a3", "expedition_a2")


def pixel(robot, point_B):
    kin, camera = mh.kinematics(robot), mh.profile(robot).camera
    T_BC = kin.frame_pose(kin.configuration(mh.ready(robot)), camera.frame)
    x, y, z, _ = np.linalg.inv(T_BC) @ np.append(point_B, 1.0)
    focal = camera.height / 2 / np.tan(np.deg2rad(camera.fovy_deg) / 2)
    assert z > 0
    return np.array([camera.width / 2 + focal * x / z, camera.height / 2 + focal * y / z])


@pytest.mark.parametrize("robot", ROBOTS)
def test_camera_sees_the_whole_workspace(robot):
    bench, camera = mh.profile(robot).bench, mh.profile(robot).camera
    half = reach._BIN_M[0] / 2
    corners = list(bench.workspace_xy_m)
    for x, y in bench.container_slots_xy_m:
        corners += [(x + sx * half, y + sy * half) for sx in (-1, 1) for sy in (-1, 1)]
    for corner in corners:
        u, v = pixel(robot, mh.on_bench(*corner, 0.0, robot))
        assert 0 <= u <= camera.width and 0 <= v <= camera.height, corner


@pytest.mark.parametrize("robot", ROBOTS)
def test_slots_leave_room_for_containers_on_the_bench(robot):
    bench = mh.profile(robot).bench
    slots = np.array(bench.container_slots_xy_m)
    apart = np.abs(slots[:, None] - slots[None]).max(axis=2)
    np.fill_diagonal(apart, np.inf)
    assert apart.min() >= reach._BIN_M[0] + 0.02
    half = reach._BIN_M[0] / 2
    assert slots[:, 0].min() - half > bench.near_edge_x_m
    assert slots[:, 0].max() + half < bench.near_edge_x_m + bench.depth_m


def test_waist_widens_the_reach_of_the_x2():
    areas = {}
    for waist in (False, True):
        chain, T_BO = reach.left_chain(mh.kinematics(), mh.profile(), waist)
        height = mh.profile().bench.height_m
        areas[waist] = reach.areas_cm2(*reach.reach_maps(chain, T_BO, height, turns=2))
    assert areas[True][0] > 1.5 * areas[False][0]
    assert areas[True][1] > 2.0 * areas[False][1]


def test_areas_count_what_either_hand_grasps_and_both_place():
    shape = (len(reach._XS), len(reach._YS))
    grasp, place = np.zeros(shape), np.zeros(shape, dtype=bool)
    left = int(np.flatnonzero(np.isclose(reach._YS, 0.12))[0])
    right = int(np.flatnonzero(np.isclose(reach._YS, -0.12))[0])
    grasp[0, left] = 1.0
    place[0, left] = True
    cell = (reach._XS[1] - reach._XS[0]) * (reach._YS[1] - reach._YS[0]) * 1e4
    # The right hand mirrors the grasp; nobody else places at the left hand's place.
    assert reach.areas_cm2(grasp, place) == pytest.approx((2 * cell, 0.0))
    place[0, right] = True
    assert reach.areas_cm2(grasp, place) == pytest.approx((2 * cell, 2 * cell))


def test_block_beside_a_slot_is_certified():
    planner, profile = mh.pick_place(), mh.profile()
    rates = reach.certify(planner, profile, [(0.295, 0.33)], (0.0, np.pi / 3))
    assert rates[(0.295, 0.33)] == 1.0
