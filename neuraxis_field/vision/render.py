# SPDX-License-Identifier: Apache-2.0
"""Render a data set for the detector: ``python -m neuraxis_field.vision.render --n 4000``.

Head cameras of all robots, places in the shares of ``PLACES``, several moments per scene. Seeds
below ``labels.FIRST_TRAINING_SEED`` are those of evaluation and tests; they need ``--split test``,
and so does a place whose file says ``use: evaluation``.
"""

from __future__ import annotations

import argparse
import copy
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("MUJOCO_GL", "egl")

import mujoco
import numpy as np
from rich.progress import Progress

from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import RobotProfile, compile_urdf, known_robots, load_profile
from neuraxis_field.vision.dataset import Writer
from neuraxis_field.vision.labels import FIRST_TRAINING_SEED
from neuraxis_field.vision.truth import read_truth
from neuraxis_field.vision.views import draw_moment
from neuraxis_sim.model import build_model
from neuraxis_sim.render import Renderer
from neuraxis_sim.scene import generate, load_template
from neuraxis_sim.scene_template import SceneTemplate, for_training

MOMENTS_PER_SCENE = 8
# Share of the scenes that each template gets. The bench, where most figures are measured, has more;
# the places together show the new shapes about as often as the bench shows the old ones.
PLACES = {
    "sorting_bench": 0.22, "assembly_line": 0.13, "parcel_packing": 0.13, "retail_shelf": 0.13,
    "kitchen_counter": 0.13, "home_tidying": 0.13, "care_bedside": 0.13,
}  # fmt: skip
_GOLDEN = (math.sqrt(5) - 1) / 2


def place_of(seed: int, shares: Mapping[str, float]) -> str:
    """Template of a scene seed: any run of seeds has the shares, whatever else goes by turns.

    Multiples of the golden section, modulo 1, cover the unit interval evenly.
    """
    ends = np.cumsum(list(shares.values()))
    at = (seed * _GOLDEN) % 1.0 * ends[-1]
    return list(shares)[int(np.searchsorted(ends, at, side="right"))]


class Studio:
    """Renders moments of scenes of one place with one robot."""

    def __init__(self, robot: str, data_root: Path, template: str):
        self.profile = load_profile(robot, data_root)
        self._urdf = compile_urdf(self.profile, data_root)
        self._template = load_template(data_root / "config" / "scenes" / f"{template}.yaml")

    def at(self, template: SceneTemplate) -> Studio:
        """The same robot at another place."""
        other = copy.copy(self)
        other._template = template
        return other

    def shoot(self, seed: int, moments: int, shots: int = 1) -> Iterator[tuple]:
        """(rgb, depth_m, mask, label) of moments of one scene, each shot ``shots`` times."""
        rng = np.random.default_rng([seed, 17])
        scene = generate(self._template, seed, self._varied(rng))
        robot = build_model(self.profile, self._urdf, scene)
        renderer = Renderer.for_robot(robot.model, self.profile.camera, scene, seed)
        with renderer:
            info = renderer.info
            for _ in range(moments):
                moment = draw_moment(robot, scene, rng)
                _vary_light(robot.model, rng)
                truths, mask, T_BC = read_truth(robot, scene, renderer, moment)
                label = {
                    "seed": seed, "robot": self.profile.name, "scene": scene.template,
                    "K": [info.fx, info.fy, info.cx, info.cy], "T_BC": T_BC.round(6).tolist(),
                    "objects": [truth.to_json() for truth in truths],
                }  # fmt: skip
                for _ in range(shots):
                    yield *renderer.rgbd(moment.qpos), mask, label

    def _varied(self, rng: np.random.Generator) -> RobotProfile:
        """The profile with the bench a little higher or lower."""
        height_m = self.profile.bench.height_m + rng.uniform(-0.025, 0.025)
        return replace(self.profile, bench=replace(self.profile.bench, height_m=height_m))


def _vary_light(model: mujoco.MjModel, rng: np.random.Generator) -> None:
    """Change the strength of every light a little."""
    model.light_diffuse[:] = np.clip(model.light_diffuse * rng.uniform(0.9, 1.1), 0.0, 1.0)


def render(
    data_root: Path,
    out: Path,
    count: int,
    seed: int,
    places: Mapping[str, float] = PLACES,
    robots: tuple[str, ...] = (),
    with_depth: bool = False,
    moments: int = MOMENTS_PER_SCENE,
) -> None:
    """Fill ``out`` with ``count`` images, scenes from ``seed`` on, robots in turn.

    Args:
        data_root: Folder with ``config/`` and ``urdf/``.
        out: Folder of the data set.
        count: Images.
        seed: Of the first scene.
        places: Share of each template.
        robots: Their names; all known ones where none is given.
        with_depth: Also store depth.
        moments: Images per scene.

    Raises:
        ConfigError: A place is unknown, or for evaluation only with a seed of training.
    """
    robots = robots or known_robots(data_root)
    folder = data_root / "config" / "scenes"
    templates = {name: load_template(folder / f"{name}.yaml") for name in places}
    if seed >= FIRST_TRAINING_SEED:
        templates = {name: for_training(place) for name, place in templates.items()}
    studios = [Studio(robot, data_root, next(iter(places))) for robot in robots]
    writer = Writer(out, count, with_depth)
    index = writer.last_seed - seed + 1 if writer.done else 0
    try:
        with Progress() as progress:
            task = progress.add_task("images", total=count, completed=writer.done)
            while writer.done < count:
                wanted = min(moments, count - writer.done)
                try:
                    place = templates[place_of(seed + index, places)]
                    studio = studios[index % len(studios)].at(place)
                    for shot in studio.shoot(seed + index, wanted):
                        writer.add(*shot)
                except ConfigError as error:
                    progress.console.print(f"seed {seed + index} left out: {error}")
                index += 1
                progress.update(task, completed=writer.done)
    finally:
        writer.close()


def main() -> None:
    """Read the command line and render."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=4000, help="images")
    parser.add_argument("--seed", type=int, default=FIRST_TRAINING_SEED, help="first scene seed")
    parser.add_argument("--split", choices=("train", "test"), default="train")
    parser.add_argument("--scene", help="a place in config/scenes; default: PLACES in their shares")
    parser.add_argument("--robots", nargs="*", default=(), help="default: all")
    parser.add_argument("--depth", action="store_true", help="store depth too")
    parser.add_argument("--moments", type=int, default=MOMENTS_PER_SCENE, help="images per scene")
    parser.add_argument("--out", type=Path, default=Path("out/vision/train"))
    parser.add_argument("--data-root", type=Path, default=Path("."))
    args = parser.parse_args()
    last = args.seed + -(-args.n // args.moments)
    if args.split == "train" and args.seed < FIRST_TRAINING_SEED:
        raise ConfigError(f"training seeds start at {FIRST_TRAINING_SEED}, got {args.seed}")
    if args.split == "test" and last > FIRST_TRAINING_SEED:
        raise ConfigError(f"test seeds end below {FIRST_TRAINING_SEED}, got up to {last}")
    render(
        args.data_root,
        args.out,
        args.n,
        args.seed,
        places={args.scene: 1.0} if args.scene else PLACES,
        robots=tuple(args.robots),
        with_depth=args.depth,
        moments=args.moments,
    )


if __name__ == "__main__":
    main()
