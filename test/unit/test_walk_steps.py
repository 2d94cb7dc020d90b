# SPDX-License-Identifier: Apache-2.0
"""Plans with walks: given as JSON, grounded in the site, carried out by the executive."""

from __future__ import annotations

import numpy as np
import pytest
from fakes import FakeWorld, ScriptedBrain, default_scene, put_plan
from pd_world import profile_of, urdf_of
from pydantic import ValidationError
from walk_rig import Dummy

from big_brain_node.config import BigBrainConfig
from big_brain_node.executive import Executive
from big_brain_node.given import GivenPlans
from big_brain_node.ports import InlineWorker
from big_brain_node.skills import Tools
from big_brain_node.walk.config import WalkConfig
from big_brain_node.walk.grounding import WalkTools
from big_brain_node.walk.site import Place, Site, load_site
from big_brain_node.walk.size import fitted
from big_brain_node.walk.work import WorkStance
from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.plan import Plan, TurnToStep, WalkToStep
from neuraxis_common.surface import Surface

CONFIG = WalkConfig(radius_m=0.4)
WORK = WorkStance(edge_m=0.16, highest_m=0.745, hands_ahead_m=0.25, hands_aside_m=0.45)
SITE = Site({"shelf": Place(x_m=2.0, y_m=0.5, facing_deg=0.0)})


class DummyLegs:
    """Legs port over a dummy."""

    def __init__(self, dummy):
        self.dummy, self.wish = dummy, np.zeros(3)
        self.hidden, self.set_there = False, lambda: 0

    def walk(self, velocity):
        self.wish = velocity

    def odometry(self):
        pose, T = self.dummy.pose, np.eye(4)
        c, s = np.cos(pose.yaw_rad), np.sin(pose.yaw_rad)
        T[:2, :2], T[:2, 3] = [[c, -s], [s, c]], [pose.x_m, pose.y_m]
        return self.dummy.odometry_s, T

    def grid(self):
        return self.dummy.sensed().grid

    def surface(self):
        """At the shelf, with what `set_there` says on it; None where `hidden`."""
        if self.hidden:
            return None
        free = np.stack(np.meshgrid(np.arange(2.0, 2.4, 0.03), np.arange(0, 1, 0.03)), -1)
        taken = np.array([[2.2, 0.5]])[: self.set_there()]
        edge = np.array([[2.0, 1.0], [2.0, 0.0]])
        return Surface(self.dummy.now_s, 0.72, edge, free.reshape(-1, 2), taken)


class Rig:
    """An executive over a fake bench and a dummy that walks."""

    def __init__(self, brain, *boxes, walks=True):
        self.world, self.dummy = FakeWorld(default_scene()), Dummy(*boxes, dt_s=0.05)
        self.legs = DummyLegs(self.dummy)
        self.legs.set_there = lambda: "set_retreat" in self.world.log
        walk = WalkTools(self.legs, SITE, CONFIG, WORK) if walks else None
        tools = Tools(
            body=self.world, eyes=self.world, planner=self.world, worker=InlineWorker(),
            config=BigBrainConfig(), wall_clock_s=lambda: 0.0, walk=walk,
        )  # fmt: skip
        self.executive = Executive(tools, GivenPlans(brain))

    def run(self, instruction, limit_s=200.0, event=None):
        self.executive.start(self.world.now_s, instruction)
        result = None
        while result is None and self.world.now_s < limit_s:
            self.world.advance(0.05)
            self.dummy.move(self.legs.wish)
            if event is not None:
                event(self)
            result = self.executive.tick(self.world.now_s)
        return result


def walk_plan(*steps):
    return Plan(steps=steps).model_dump_json()


def test_a_plan_given_as_json_walks_and_turns_and_reports_each_step() -> None:
    rig = Rig(ScriptedBrain(Rejected("brain_unavailable", "nobody")))
    result = rig.run(walk_plan(WalkToStep(place="shelf"), TurnToStep(place="shelf")))
    assert result.success, result
    assert [step.label for step in result.steps] == ["walk to shelf", "turn to shelf"]
    stance = SITE.places["shelf"].stance(CONFIG.stance_m)
    assert rig.dummy.pose.apart(stance)[0] < 2 * CONFIG.position_m
    assert not rig.legs.wish.any()


def test_a_sentence_still_goes_to_the_brain() -> None:
    part, _, box = default_scene()
    rig = Rig(ScriptedBrain(put_plan((part, box))))
    assert rig.run("put the red cube in the tray").success
    assert rig.executive.result.steps[0].label == "put red cube in blue tray"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"steps": [{"skill": "fly_to", "place": "shelf"}]}', "bad_plan"),
        ('{"steps": []}', "bad_plan"),
        ("{" * 30, "bad_plan"),
        ("{" + "x" * 30_000, "bad_plan"),
        ('{"steps": [{"skill": "walk_to", "place": "moon"}]}', "unknown_place"),
    ],
)
def test_what_is_no_plan_or_names_no_place_moves_nothing(text, code) -> None:
    rig = Rig(ScriptedBrain(Rejected("brain_unavailable", "nobody")))
    assert rig.run(text).code == code
    assert len({pose.x_m for pose in rig.dummy.trail}) == 1


def test_a_robot_without_a_site_says_so() -> None:
    rig = Rig(ScriptedBrain(Rejected("brain_unavailable", "nobody")), walks=False)
    assert rig.run(walk_plan(WalkToStep(place="shelf"))).code == "unsupported_action"


def test_cancelling_and_a_blocked_way_leave_the_robot_standing() -> None:
    rig = Rig(ScriptedBrain(Rejected("brain_unavailable", "nobody")))

    def cancel(it):
        if it.world.now_s > 3.0:
            it.executive.cancel()

    assert rig.run(walk_plan(WalkToStep(place="shelf")), event=cancel).code == "cancelled"
    assert not rig.legs.wish.any()
    walled = Rig(ScriptedBrain(Rejected("brain_unavailable", "nobody")), (1.0, 0.0, 0.05, 5.0))
    result = walled.run(walk_plan(WalkToStep(place="shelf")))
    assert result.code == "no_path"
    assert result.steps[0].attempts == BigBrainConfig().max_attempts
    assert not walled.legs.wish.any()


def test_sites_are_checked(tmp_path) -> None:
    for text, word in (
        ("places: {shelf: {x_m: 1, y_m: 2}}", "facing_deg"),
        ("places: {Shelf 2: {x_m: 1, y_m: 2, facing_deg: 0}}", "places"),
        ("places: {shelf: {x_m: .nan, y_m: 2, facing_deg: 0}}", "x_m"),
        ("places: [", "readable"),
    ):
        path = tmp_path / "site.yaml"
        path.write_text(text)
        with pytest.raises(ConfigError, match=word):
            load_site(path)
    with pytest.raises(ConfigError, match=r"unknown site 'none'.*site"):
        load_site(tmp_path / "none.yaml")
    with pytest.raises(ValidationError):
        WalkToStep(place="no such; place")


@pytest.mark.parametrize("robot", ["lingxi_x2", "expedition_a3", "expedition_a2"])
def test_the_radius_holds_the_hands_of_every_robot(robot) -> None:
    profile, urdf_xml = profile_of(robot), urdf_of(robot)
    small = fitted(WalkConfig(radius_m=0.1), profile, urdf_xml)
    assert 0.45 < small.radius_m < 0.65
    assert fitted(WalkConfig(radius_m=0.9), profile, urdf_xml).radius_m == 0.9
