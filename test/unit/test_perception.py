# SPDX-License-Identifier: Apache-2.0
"""From rendered images to tracked objects, and what happens when the camera fails."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import compile_urdf, load_profile
from neuraxis_common.types import RgbdFrame
from neuraxis_field.vision.truth import read_truth
from neuraxis_field.vision.views import Moment
from neuraxis_sim.model import build_model
from neuraxis_sim.render import Renderer
from neuraxis_sim.scene import generate, load_template
from perception_node.config import PerceptionConfig
from perception_node.pipeline import Perception

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "models" / "detector.onnx"
SEED = 4


class Stage:
    """One scene in front of one robot, shot from its head camera."""

    def __init__(self, robot, seed):
        profile = load_profile(robot, ROOT)
        template = load_template(ROOT / "config" / "scenes" / "sorting_bench.yaml")
        self.scene = generate(template, seed, profile)
        self.robot = build_model(profile, compile_urdf(profile, ROOT), self.scene)
        self.moment = Moment(self.robot.standing_qpos(profile.ready_pose_rad))
        self.renderer = Renderer.for_robot(self.robot.model, profile.camera, self.scene, seed)

    def shoot(self, stamp_s, without=""):
        moment = Moment(self.moment.qpos.copy())
        if without:
            adr = self.robot.model.joint(f"{without}_free").qposadr[0]
            moment.qpos[adr : adr + 3] = (-1.5, 0.0, 0.1)
        truths, _, T_BC = read_truth(self.robot, self.scene, self.renderer, moment)
        rgb, depth_m = self.renderer.rgbd(moment.qpos)
        frame = RgbdFrame(stamp_s, rgb, depth_m, self.renderer.info, T_BC)
        return frame, {item.name: item for item in truths if item.visible > 0.6}


@pytest.fixture(scope="module", params=["lingxi_x2", "expedition_a3", "expedition_a2"])
def stage(request):
    built = Stage(request.param, SEED)
    yield built
    built.renderer.close()


@pytest.fixture(scope="module")
def x2():
    built = Stage("lingxi_x2", SEED + 1)
    yield built
    built.renderer.close()


@pytest.fixture
def perception():
    return Perception(MODEL)


def nearest(objects, truth):
    place = np.array(truth.T_BP)[:3, 3]
    return min(objects, key=lambda item: np.linalg.norm(item.center_B_m - place))


def test_every_clear_thing_is_named_and_placed(stage, perception):
    for step in range(3):
        frame, truths = stage.shoot(0.1 * step)
        snapshot = perception.update(frame)
    assert perception.health(0.25).ok
    assert len(snapshot.objects) >= len(truths) > 3
    for truth in truths.values():
        item = nearest(snapshot.objects, truth)
        assert (item.kind, item.shape, item.color) == (truth.kind, truth.shape, truth.color)
        assert np.linalg.norm(item.center_B_m - np.array(truth.T_BP)[:3, 3]) < 0.01, truth.name
        assert np.abs(item.size_m - truth.size_m).max() < 0.01, truth.name


def test_thing_taken_away_disappears_and_the_others_stay(x2, perception):
    frame, truths = x2.shoot(0.0)
    before = perception.update(frame).objects
    victim = next(item for item in truths.values() if item.kind == "part")
    gone = nearest(before, victim).track_id
    for step in range(1, 6):
        frame, _ = x2.shoot(0.1 * step, without=victim.name)
        after = perception.update(frame).objects
    assert {item.track_id for item in after} == {item.track_id for item in before} - {gone}


def test_hidden_things_stay_known(x2, perception):
    frame, _ = x2.shoot(0.0)
    before = perception.update(frame).objects
    near = frame.depth_m * 0 + 0.2
    covered = replace(frame, stamp_s=0.1, rgb=frame.rgb // 2 + 60, depth_m=near)
    after = perception.update(covered).objects
    assert {item.track_id for item in before} <= {item.track_id for item in after}


def test_black_camera_is_reported_and_changes_nothing(x2, perception):
    frame, _ = x2.shoot(0.0)
    before = perception.update(frame).objects
    dark = replace(frame, stamp_s=0.1, rgb=frame.rgb // 40)
    snapshot = perception.update(dark)
    assert perception.health(0.1).state == "black"
    assert "grey level" in perception.health(0.1).reason
    assert [vars(item) for item in snapshot.objects] == [vars(item) for item in before]
    perception.update(replace(x2.shoot(0.2)[0], stamp_s=0.2))
    assert perception.health(0.2).ok


def test_frozen_camera_is_reported(x2, perception):
    frame, _ = x2.shoot(0.0)
    limit = PerceptionConfig().frozen_frames
    for step in range(limit):
        perception.update(replace(frame, stamp_s=0.1 * step))
        assert perception.health(0.1 * step).ok == (step < limit - 1)
    assert perception.health(0.1 * limit).state == "frozen"


def test_missing_depth_is_reported(x2, perception):
    frame, _ = x2.shoot(0.0)
    perception.update(replace(frame, depth_m=np.zeros_like(frame.depth_m)))
    assert perception.health(0.0).state == "no_depth"


def test_late_and_absent_images_are_reported(x2, perception):
    assert perception.health(0.0).state == "waiting"
    perception.update(x2.shoot(1.0)[0])
    limit = PerceptionConfig().stale_timeout_s
    assert perception.health(1.0 + 0.9 * limit).ok
    late = perception.health(1.0 + 2 * limit)
    assert late.state == "stale"
    assert f"{2 * limit:.2f} s old" in late.reason


@pytest.mark.parametrize(
    ("field", "value"),
    [("num_threads", 0), ("min_score", float("nan")), ("frozen_frames", 1), ("max_age_s", -1.0)],
)
def test_config_out_of_bounds_is_named(field, value):
    with pytest.raises(ConfigError, match=f"{field} must be in"):
        PerceptionConfig(**{field: value})
