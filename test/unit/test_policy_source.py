# SPDX-License-Identifier: Apache-2.0
"""Bundles from files: at start-up, and beside a running loop."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
from bundle_rig import ROBOT, signed_bundle, signing_key
from pd_world import DATA_ROOT, profile_of, urdf_of

from neuraxis_common.errors import ConfigError
from neuraxis_common.policies import bundle_file
from small_brain_node.bundle.signing import public_pem
from small_brain_node.config import PolicyConfig
from small_brain_node.policy_source import BackgroundOpener, PolicySource
from small_brain_node.runner import CLASSICAL


def source_of(tmp_path, **changes) -> PolicySource:
    (tmp_path / "test.pub").write_bytes(public_pem(signing_key().public_key()))
    config = PolicyConfig(trusted_keys=str(tmp_path), **changes)
    return PolicySource(profile_of(ROBOT), urdf_of(ROBOT), config, DATA_ROOT)


def outcome_of(opener: BackgroundOpener):
    until_s = time.monotonic() + 60.0
    while time.monotonic() < until_s:
        outcome = opener.take()
        if outcome is not None:
            return outcome
        time.sleep(0.01)
    raise AssertionError("nothing was opened in time")


def test_without_a_path_the_classical_controller_runs(tmp_path) -> None:
    assert source_of(tmp_path).runner(100.0).in_charge == CLASSICAL


@pytest.mark.parametrize("robot", ["lingxi_x2", "expedition_a2", "expedition_a3"])
def test_every_robot_has_a_policy_of_its_own(robot) -> None:
    path = bundle_file("shipped", robot, "classical", DATA_ROOT)
    assert path == DATA_ROOT / "models" / "policies" / f"{robot}_walk.nxpolicy"
    source = PolicySource(profile_of(robot), urdf_of(robot), PolicyConfig("shipped"), DATA_ROOT)
    assert source.runner(100.0).in_charge == source.open("shipped").contract.name != CLASSICAL


@pytest.mark.parametrize("own", ["shipped", "classical"])
def test_auto_is_what_the_profile_says(own) -> None:
    profile = replace(profile_of(ROBOT), policy=own)
    source = PolicySource(profile, urdf_of(ROBOT), PolicyConfig("auto"), DATA_ROOT)
    assert (source.runner(100.0).in_charge == CLASSICAL) == (own == "classical")


def test_a_robot_without_a_policy_of_its_own_takes_the_classical_controller(tmp_path) -> None:
    assert bundle_file("shipped", "ours", "classical", DATA_ROOT) is None
    assert bundle_file("classical", ROBOT, "shipped", DATA_ROOT) is None
    config = PolicyConfig("shipped", trusted_keys=str(tmp_path))
    source = PolicySource(profile_of(ROBOT), urdf_of(ROBOT), config, tmp_path)
    assert source.runner(100.0).in_charge == CLASSICAL
    with pytest.raises(ConfigError, match=f"'shipped' names no policy bundle for {ROBOT}"):
        source.open("shipped")


def test_a_bundle_of_a_trusted_key_runs_and_one_of_nobodys_does_not(tmp_path) -> None:
    path = tmp_path / "walk.nxpolicy"
    path.write_bytes(signed_bundle())
    runner = source_of(tmp_path, bundle_path=str(path)).runner(100.0)
    assert runner.in_charge == "tiny walker"
    (tmp_path / "test.pub").unlink()
    config = PolicyConfig(trusted_keys=str(tmp_path), bundle_path=str(path))
    source = PolicySource(profile_of(ROBOT), urdf_of(ROBOT), config, DATA_ROOT)
    with pytest.raises(ConfigError, match=r"walk\.nxpolicy.*unknown_key"):
        source.runner(100.0)


def test_only_the_shipped_policies_key_is_trusted_by_default() -> None:
    source = PolicySource(profile_of(ROBOT), urdf_of(ROBOT), PolicyConfig(), DATA_ROOT)
    keys = [path.name for path in source.keys_folder.glob("*.pub")]
    assert keys == ["neuraxis_policies.pub"]


def test_one_file_is_opened_at_a_time_beside_the_loop(tmp_path) -> None:
    path = tmp_path / "walk.nxpolicy"
    path.write_bytes(signed_bundle())
    source, may_go_on = source_of(tmp_path), threading.Event()

    def slowly(name: str):
        assert may_go_on.wait(60.0)
        return source.open(name)

    opener = BackgroundOpener(slowly)
    assert opener.take() is None
    assert opener.begin(str(path))
    assert not opener.begin(str(path))
    assert opener.take() is None
    may_go_on.set()
    assert outcome_of(opener).contract.name == "tiny walker"
    assert opener.begin("no/such.nxpolicy")
    assert "no/such.nxpolicy" in str(outcome_of(opener))
    assert opener.begin(str(path))
    outcome_of(opener)
