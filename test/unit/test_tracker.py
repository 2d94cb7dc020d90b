# SPDX-License-Identifier: Apache-2.0
"""Tracks: stable names, averaging, jumps, occlusion, removal, twins."""

import numpy as np
import pytest

from neuraxis_common.types import SceneObject
from perception_node.config import PerceptionConfig
from perception_node.tracker import Tracker

STEP_S = 0.1


def thing(xy, shape="cube", color="red", z=0.2, spread=0.0015, score=0.95, yaw=0.0, size=0.04,
          kind="part"):  # fmt: skip
    return SceneObject(
        track_id="", kind=kind, shape=shape, color=color, center_B_m=np.array([*xy, z]),
        yaw_B_rad=yaw, size_m=np.full(3, size), cov_B_m2=np.eye(3) * spread**2, stamp_s=0.0,
        score=score, box_px=(0.0, 0.0, 10.0, 10.0),
    )  # fmt: skip


class Clocked:
    """A tracker fed at 10 Hz."""

    def __init__(self, **config):
        self.tracker = Tracker(PerceptionConfig(**config))
        self.now_s = 0.0

    def see(self, *things, empty=lambda item: False, wait_s=STEP_S):
        self.now_s += wait_s
        stamped = tuple(SceneObject(**{**vars(item), "stamp_s": self.now_s}) for item in things)
        return self.tracker.update(self.now_s, stamped, empty).objects


def ids(objects):
    return {item.track_id for item in objects}


def by_id(objects):
    return {item.track_id: item for item in objects}


def test_names_last_while_things_sway():
    clocked, rng = Clocked(), np.random.default_rng(0)
    places = [(0.4, -0.1), (0.4, 0.0), (0.45, 0.1)]
    first = ids(clocked.see(*(thing(place) for place in places)))
    assert len(first) == 3
    for _ in range(50):
        shaken = [np.array(place) + rng.normal(0, 0.002, 2) for place in places]
        order = rng.permutation(3)
        assert ids(clocked.see(*(thing(shaken[i]) for i in order))) == first


def test_position_is_averaged_and_grows_certain():
    clocked, rng = Clocked(), np.random.default_rng(1)
    for _ in range(40):
        (seen,) = clocked.see(thing(np.array([0.4, 0.1]) + rng.normal(0, 0.003, 2), spread=0.003))
    assert np.linalg.norm(seen.center_B_m[:2] - (0.4, 0.1)) < 0.002
    assert seen.cov_B_m2[0, 0] < 0.003**2


def test_moved_thing_is_followed_at_once():
    clocked = Clocked()
    (before,) = clocked.see(thing((0.4, 0.0)))
    for step in range(1, 8):
        (seen,) = clocked.see(thing((0.4, 0.03 * step), z=0.2 + 0.02 * step))
        assert seen.track_id == before.track_id
        assert np.allclose(seen.center_B_m, (0.4, 0.03 * step, 0.2 + 0.02 * step))


def test_hidden_thing_lives_with_its_old_stamp_and_less_certainty():
    clocked = Clocked()
    (seen,) = clocked.see(thing((0.4, 0.0)))
    for _ in range(30):
        (kept,) = clocked.see()
    assert kept.track_id == seen.track_id
    assert kept.stamp_s == seen.stamp_s < clocked.now_s - 2.9
    assert kept.cov_B_m2[0, 0] > 4 * seen.cov_B_m2[0, 0]
    (again,) = clocked.see(thing((0.401, 0.0)))
    assert again.track_id == seen.track_id


def test_thing_whose_place_is_empty_is_forgotten():
    clocked = Clocked(gone_frames=3)
    clocked.see(thing((0.4, 0.0)), thing((0.4, 0.2), color="blue"))
    blue = thing((0.4, 0.2), color="blue")
    counts = [len(clocked.see(blue, empty=lambda item: True)) for _ in range(3)]
    assert counts == [2, 2, 1]


def test_thing_unseen_for_too_long_is_forgotten():
    clocked = Clocked(max_age_s=2.0)
    clocked.see(thing((0.4, 0.0)))
    assert clocked.see(wait_s=1.9)
    assert not clocked.see(wait_s=0.2)


def test_carried_thing_is_recognised_where_it_is_put_down():
    clocked = Clocked()
    (before,) = clocked.see(thing((0.3, -0.2)))
    for _ in range(15):
        clocked.see()
    (after,) = clocked.see(thing((0.5, 0.2)))
    assert after.track_id == before.track_id
    assert np.allclose(after.center_B_m[:2], (0.5, 0.2))


def test_twins_keep_their_names():
    clocked = Clocked()
    objects = clocked.see(thing((0.4, -0.04)), thing((0.4, 0.04)))
    left, right = sorted(objects, key=lambda item: item.center_B_m[1])
    later = by_id(clocked.see(thing((0.402, 0.042)), thing((0.401, -0.041))))
    assert later[left.track_id].center_B_m[1] < 0 < later[right.track_id].center_B_m[1]


def test_one_odd_label_does_not_rename_a_thing():
    clocked = Clocked()
    for _ in range(5):
        (seen,) = clocked.see(thing((0.4, 0.0)))
    (after,) = clocked.see(thing((0.4, 0.0), color="orange"))
    assert (after.track_id, after.label) == (seen.track_id, "red cube")


def test_another_thing_in_another_place_is_new():
    clocked = Clocked()
    (red,) = clocked.see(thing((0.4, 0.0)))
    both = by_id(clocked.see(thing((0.4, 0.0)), thing((0.45, 0.0), color="blue")))
    assert len(both) == 2
    assert both[red.track_id].color == "red"


def test_part_never_becomes_a_container():
    clocked = Clocked()
    (part,) = clocked.see(thing((0.4, 0.0)))
    both = clocked.see(thing((0.4, 0.0)), thing((0.4, 0.0), shape="tray", kind="container"))
    assert by_id(both)[part.track_id].kind == "part"
    assert len(both) == 2


def test_weak_detection_needs_a_second_look():
    clocked = Clocked(confirm_score=0.8)
    assert not clocked.see(thing((0.4, 0.0), score=0.6))
    assert not clocked.see()
    assert not clocked.see(thing((0.4, 0.0), score=0.6))
    assert len(clocked.see(thing((0.4, 0.0), score=0.6))) == 1


def test_poor_views_do_not_spoil_a_known_size():
    clocked = Clocked()
    for _ in range(5):
        clocked.see(thing((0.4, 0.0), size=0.04))
    for _ in range(20):
        (seen,) = clocked.see(thing((0.4, 0.0), size=0.02, spread=0.02))
    assert seen.size_m == pytest.approx(np.full(3, 0.04))


def test_yaw_is_averaged_across_its_wrap():
    clocked = Clocked()
    for turn in (0.78, -0.78) * 10:
        (seen,) = clocked.see(thing((0.4, 0.0), yaw=turn))
    assert abs(abs(seen.yaw_B_rad) - np.pi / 4) < 0.02
