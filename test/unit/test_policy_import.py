# SPDX-License-Identifier: Apache-2.0
"""Contracts of networks that were trained elsewhere."""

import json
import sys

import numpy as np
import onnx
import pytest
from bundle_rig import body_joints, leg_joints, make_contract, random_network
from pd_world import profile_of

from neuraxis_cli.__main__ import main
from neuraxis_common.errors import ConfigError
from neuraxis_field.onnx_export import mlp_onnx
from neuraxis_field.policy_import import draft_contract, read_facts, read_metadata
from small_brain_node.bundle.contract_json import read_contract

PROFILE = profile_of("lingxi_x2")


def metadata(**changes):
    joints = body_joints()
    rows = {
        "run_path": "velocity/x2",
        "joint_names": ",".join(joints),
        "joint_stiffness": ",".join("99.098" for _ in joints),
        "joint_damping": ",".join("6.309" for _ in joints),
        "default_joint_pos": ",".join(f"{PROFILE.default_pose_rad[j]:.3f}" for j in joints),
        "action_scale": ",".join("0.549" for _ in joints),
        "observation_names": "base_ang_vel,projected_gravity,command,joint_pos,joint_vel,actions",
    }
    return rows | changes


def test_mjlab_metadata_becomes_a_contract() -> None:
    contract = draft_contract(metadata(), PROFILE, 0.02)
    assert contract.action.joints == body_joints()
    assert contract.action.kp[0] == 99.098
    assert [term.kind for term in contract.terms][:3] == [
        "angular_velocity", "gravity", "velocity_command",
    ]  # fmt: skip
    assert contract.size == 3 + 3 + 3 + 3 * len(body_joints())
    assert contract.hardware_version == PROFILE.hardware_version


def test_names_without_suffix_and_one_number_for_all_are_understood() -> None:
    short = ",".join(name.removesuffix("_joint") for name in body_joints())
    contract = draft_contract(metadata(joint_names=short, action_scale="0.25"), PROFILE, 0.02)
    assert contract.action.joints == body_joints()
    assert set(contract.action.scale) == {0.25}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"joint_names": "left_wing"}, "left_wing"),
        ({"observation_names": "height_scan"}, "height_scan"),
        ({"joint_damping": "1,2"}, "2 numbers"),
        ({"action_scale": "much"}, "action_scale"),
    ],
)
def test_what_cannot_be_understood_is_named(changes, named) -> None:
    with pytest.raises(ConfigError, match=named):
        draft_contract(metadata(**changes), PROFILE, 0.02)
    lacking = metadata()
    del lacking[next(iter(changes))]
    with pytest.raises(ConfigError, match=next(iter(changes))):
        draft_contract(lacking, PROFILE, 0.02)


CLIPS = {
    "parted by semicolons": "-inf;inf,-1.000;1.000,-inf;inf,-inf;inf,-inf;5.000,-inf;inf",
    "python lists": "[-inf, inf],[-1.0, 1.0],[-inf, inf],[-inf, inf],[-inf, 5.0],[-inf, inf]",
}


@pytest.mark.parametrize("clips", CLIPS.values(), ids=CLIPS)
def test_what_mjlab_says_of_each_term_is_in_the_draft(clips) -> None:
    said = {
        "observation_terms_scale": "0.250,1.000,2.000;2.000;0.250,1.000,0.050,1.000",
        "observation_terms_clip": clips,
        "observation_terms_history_length": "0.000,1.000,5.000,5.000,5.000,5.000",
        "observation_terms_flatten_history_dim": "1.000,1.000,1.000,1.000,1.000,1.000",
    }
    terms = draft_contract(metadata(**said), PROFILE, 0.02).terms
    assert [term.history for term in terms] == [1, 1, 5, 5, 5, 5]
    assert terms[0].scale == (0.25,) and terms[2].scale == (2.0, 2.0, 0.25)
    assert [term.clip for term in terms[:2]] == [None, (-1.0, 1.0)]
    assert terms[4].clip == (-1e6, 5.0)


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"observation_terms_scale": "1.0,2.0"}, "2 entries for 6 terms"),
        ({"observation_terms_clip": "1,1,1,1,1,1"}, "entry 0 is not a low and a high"),
        (
            {
                "observation_terms_history_length": "5,5,5,5,5,5",
                "observation_terms_flatten_history_dim": "1,1,0,1,1,1",
            },
            "term 2 has a history that is not flattened",
        ),
    ],
)
def test_what_mjlab_says_of_terms_and_cannot_be_is_named(said, named) -> None:
    with pytest.raises(ConfigError, match=named):
        draft_contract(metadata(**said), PROFILE, 0.02)


def test_facts_keep_every_digit_and_unknown_ones_are_named() -> None:
    facts = read_facts("{action_scale: [0.5491234567890123, 0.1], joint_names: [a, b]}")
    assert facts == {"action_scale": "0.5491234567890123,0.1", "joint_names": "a,b"}
    with pytest.raises(ConfigError, match="stiffness are unknown"):
        read_facts("{stiffness: [1.0]}")


def test_the_command_prints_a_draft_that_reads_back(tmp_path, monkeypatch, capsys) -> None:
    model = onnx.load_from_string(random_network(make_contract()))
    onnx.helper.set_model_props(model, metadata())
    path = tmp_path / "policy.onnx"
    path.write_bytes(model.SerializeToString())
    assert read_metadata(path.read_bytes())[1:] == ("obs", "actions")
    monkeypatch.setattr(sys, "argv", ["neuraxis", "bundle", "draft", str(path), "--dt", "0.02"])
    with pytest.raises(SystemExit) as end:
        main()
    out, error = capsys.readouterr()
    assert not end.value.code
    assert read_contract(out.encode()).dt_s == 0.02
    assert "command_ranges" in error
    assert json.loads(out)["action"]["scale"][0] == 0.549


def test_layers_that_do_not_follow_from_each_other_are_named() -> None:
    contract, m = make_contract(), len(leg_joints())

    with pytest.raises(ConfigError, match="layer 0"):
        mlp_onnx(contract, [(np.zeros((3, m)), np.zeros(m))])
    with pytest.raises(ConfigError, match=f"not {m}"):
        mlp_onnx(contract, [(np.zeros((contract.size, 2)), np.zeros(2))])
    with pytest.raises(ConfigError, match="Gelu"):
        mlp_onnx(contract, [], "Gelu")
