# SPDX-License-Identifier: Apache-2.0
"""The policies in models/ run on the robots they are for, by the keys that are shipped."""

from __future__ import annotations

import pytest
from pd_world import DATA_ROOT, ROBOTS, profile_of, urdf_of

from neuraxis_common.robot import joint_limits
from small_brain_node.bundle.loader import Bundle, load_bundle
from small_brain_node.bundle.signing import read_trusted_keys
from small_brain_node.policy_source import KEYS_FOLDER

FILES = sorted((DATA_ROOT / "models" / "policies").glob("*.nxpolicy"))
MAX_BYTES = 2_000_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_policy_is_signed_fits_its_robot_and_shows_its_curve(path):
    robot = path.stem.removesuffix("_walk")
    trusted = read_trusted_keys(DATA_ROOT / KEYS_FOLDER)
    data = path.read_bytes()
    bundle = load_bundle(data, profile_of(robot), joint_limits(urdf_of(robot)), trusted)
    assert isinstance(bundle, Bundle), bundle
    assert len(data) <= MAX_BYTES
    assert bundle.card.curve and "figures" in bundle.card.more
    assert path.with_suffix(".png").is_file()


def test_every_robot_has_a_policy():
    assert {path.stem for path in FILES} == {f"{robot}_walk" for robot in ROBOTS}
