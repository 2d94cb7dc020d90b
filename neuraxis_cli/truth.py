# SPDX-License-Identifier: Apache-2.0
"""After a run: what the sentence wanted, judged on the simulator's truth, and the film of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from big_brain_node.walk.config import WalkConfig
from big_brain_node.walk.site import load_site
from big_brain_node.walk.size import fitted
from neuraxis_bridge.executor import execute
from neuraxis_bridge.program import parse
from neuraxis_common.boxes import box_iou
from neuraxis_common.robot import compile_urdf, load_profile
from neuraxis_field.stance import off_heading_rad, stance, true_pose
from neuraxis_sim.judge import judge
from neuraxis_sim.live import load_scene
from neuraxis_sim.model import BASE_JOINT, build_model
from neuraxis_sim.render import Renderer
from neuraxis_sim.video import Caption, FilmOptions, load_log, render_still, render_video

# Without a GPU a second of film at 25 fps takes longer than a second to draw.
FILM_FPS, FILM_SPEED = 12, 1.5

WALKS = ("walk_to", "turn_to", "carry_to")

Goal = list[dict[str, str]]


@dataclass(frozen=True)
class Seen:
    """A thing as the simulator knows it, in the form that programs are carried out on."""

    name: str
    kind: str
    shape: str
    color: str
    box: tuple[float, float, float, float]
    size_m: tuple[float, float, float]


class Truth:
    """One recorded run and the world it was recorded in.

    Args:
        data_root: Folder with ``config/`` and ``urdf/``.
        record_path: State log of the simulator.
    """

    def __init__(
        self, data_root: Path, robot: str, scene: str, seed: int, record_path: Path
    ) -> None:
        self._profile, self._data_root = load_profile(robot, data_root), data_root
        self.scene = load_scene(scene, seed, self._profile, data_root)
        self._urdf_xml = compile_urdf(self._profile, data_root)
        self._model = build_model(self._profile, self._urdf_xml, self.scene).model
        self._log = load_log(record_path, self._model)
        with np.load(record_path) as arrays:
            self._last_qvel = arrays["qvel"][-1]

    def goal_of(self, plan: dict[str, Any] | None) -> Goal:
        """Goal of a plan's program, carried out on the true scene at the start, and of its carries.

        Empty when there is no plan or when the program has no meaning in the true scene.
        """
        carries = [step for step in (plan or {}).get("steps", ()) if step["skill"] == "carry_to"]
        if not plan or not (plan.get("program") or carries):
            return []
        seen = self._seen()
        tops = {piece.name for piece in self.scene.furniture}
        taken = [
            {"object": _named(step["object"], seen), "in": step["place"]}
            for step in carries
            if step["place"] in tops
        ]
        if not plan.get("program"):
            return taken
        true_plan = execute(parse(plan["program"]), seen, plan.get("language", "en"))
        names = {item.box: item.name for item in seen}
        return [
            {"object": names[step.object.box], "in": names[step.target.box]}
            for step in true_plan.steps
        ] + taken

    def walk_of(self, plan: dict[str, Any] | None) -> dict[str, Any] | None:
        """Where the robot ended beside where the plan's walks lead, None without any."""
        steps = [step for step in (plan or {}).get("steps", ()) if step["skill"] in WALKS]
        if not steps:
            return None
        site = load_site(self._data_root / "config" / "sites" / f"{self.scene.template}.yaml")
        config = fitted(WalkConfig(), self._profile, self._urdf_xml)
        at = int(self._model.joint(BASE_JOINT).qposadr[0])
        base = true_pose(self._log.qpos[-1][at : at + 7])
        walked = [site.places[step["place"]] for step in steps if step["skill"] != "turn_to"]
        last = site.places[steps[-1]["place"]]
        ends = stance(base, walked[-1] if walked else None, config)
        if steps[-1]["skill"] == "turn_to":
            ends = replace(ends, off_rad=off_heading_rad(base, last))
        return {
            "place": steps[-1]["place"],
            "there": ends.near,
            "off_m": round(ends.off_m, 3),
            "off_rad": round(ends.off_rad, 3),
        }

    def verdict(self, goal: Sequence[dict[str, str]]) -> dict[str, Any]:
        """Judge the last recorded state."""
        last = self._log.qpos[-1]
        return asdict(judge(self._model, last, self.scene, goal, self._last_qvel))

    def film(
        self, folder: Path, title: str, captions: Sequence[Caption], progress: Any = None
    ) -> Path:
        """Write video.mp4 and still.png into a folder."""
        options = FilmOptions(
            fps=FILM_FPS,
            speed=FILM_SPEED,
            title=f"{title}   ({FILM_SPEED:g} ×)",
            captions=captions,
            inset_camera=self._profile.camera.frame,
        )
        render_video(self._model, self._log, folder / "video.mp4", options, progress)
        # Cast shadows are too coarse for a whole room.
        style = "soft" if self.scene.furniture else "shadows"
        render_still(self._model, self._log.qpos[-1], folder / "still.png", style=style)
        return folder / "video.mp4"

    def _seen(self) -> list[Seen]:
        camera = self._profile.camera
        with Renderer.for_robot(self._model, camera, self.scene, 0) as renderer:
            boxes = renderer.truth_boxes(self._log.qpos[0], self.scene)
        return [
            Seen(
                box.name,
                box.kind,
                box.shape,
                box.color,
                tuple(float(value) for value in box.full_box_px),
                self.scene.item(box.name).size_m,
            )
            for box in boxes
        ]


def _named(ref: dict[str, Any], seen: Sequence[Seen]) -> str:
    """The true name of what a plan shows by its box."""
    return max(seen, key=lambda item: box_iou(tuple(ref["box"]), item.box)).name
