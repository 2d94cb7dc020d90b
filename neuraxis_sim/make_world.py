# SPDX-License-Identifier: Apache-2.0
"""Compiles one robot at one scene for a simulator in another process.

python -m neuraxis_sim.make_world --data-root . --robot lingxi_x2 --seed 7 --out world.mjb

The file's keyframe ``ready`` is the robot on its feet in the ready pose.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import mujoco

from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import compile_urdf, load_profile
from neuraxis_sim.live import load_scene
from neuraxis_sim.model import build_spec, index_model

KEYFRAME = "ready"


def make_world(robot: str, scene: str, seed: int, data_root: Path) -> mujoco.MjModel:
    """Model of a robot at a scene, with its start as a keyframe."""
    profile = load_profile(robot, data_root)
    urdf_xml = compile_urdf(profile, data_root)
    spec = build_spec(profile, urdf_xml, load_scene(scene, seed, profile, data_root))
    standing = index_model(spec.compile(), profile).standing_qpos(profile.ready_pose_rad)
    spec.add_key(name=KEYFRAME, qpos=standing)
    return spec.compile()


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--robot", required=True)
    parser.add_argument("--scene", default="sorting_bench")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="a .mjb file; its folder is made")
    options = parser.parse_args()
    try:
        model = make_world(options.robot, options.scene, options.seed, options.data_root)
        options.out.parent.mkdir(parents=True, exist_ok=True)
        mujoco.mj_saveModel(model, str(options.out), None)
    except (ConfigError, OSError) as error:
        print(f"make_world: {error}", file=sys.stderr)
        return 2
    print(f"{options.robot} at {options.scene}, seed {options.seed}: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
