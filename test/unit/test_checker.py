# SPDX-License-Identifier: Apache-2.0
"""Plans are grounded in what is seen, or refused with the step that failed."""

from dataclasses import replace

from fakes import default_scene, put_plan
from hypothesis import given
from hypothesis import strategies as st

from big_brain_node.checker import compile_plan
from neuraxis_common.boxes import box_iou
from neuraxis_common.errors import Rejected
from neuraxis_common.types import SceneSnapshot

coordinate = st.floats(0, 640, allow_nan=False)
boxes = st.tuples(coordinate, coordinate, coordinate, coordinate)


@given(boxes, boxes)
def test_iou_is_symmetric_and_bounded(a, b):
    assert box_iou(a, b) == box_iou(b, a)
    assert 0.0 <= box_iou(a, b) <= 1.0


def test_every_step_gets_its_objects():
    cube, cylinder, tray = default_scene()
    scene = SceneSnapshot(0.0, (cube, cylinder, tray))
    steps = compile_plan(put_plan((cylinder, tray), (cube, tray)), scene, 0.4, 1.0)
    assert [step.part.track_id for step in steps] == ["obj_2", "obj_1"]


def test_an_old_sighting_is_not_acted_on():
    cube, _, tray = default_scene()
    scene = SceneSnapshot(5.0, (cube, replace(tray, stamp_s=5.0)))
    refused = compile_plan(put_plan((cube, tray)), scene, 0.4, 1.0)
    assert isinstance(refused, Rejected) and refused.code == "not_grounded"


def test_a_label_the_eyes_do_not_share_is_refused():
    cube, _, tray = default_scene()
    plan = put_plan((cube, tray))
    scene = SceneSnapshot(0.0, (replace(cube, color="green"), tray))
    refused = compile_plan(plan, scene, 0.4, 1.0)
    assert refused.code == "label_mismatch" and refused.details["perceived"] == "green cube"


def test_the_same_part_twice_is_refused():
    cube, _, tray = default_scene()
    scene = SceneSnapshot(0.0, (cube, tray))
    refused = compile_plan(put_plan((cube, tray), (cube, tray)), scene, 0.4, 1.0)
    assert refused.code == "object_used_twice" and refused.details["step"] == 1
