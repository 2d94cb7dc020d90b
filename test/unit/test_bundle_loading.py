# SPDX-License-Identifier: Apache-2.0
"""Which bundles a robot refuses, and in which words."""

from __future__ import annotations

import base64
import json
import struct
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from bundle_rig import (
    ROBOT,
    card_of,
    changed_term,
    forged_bundle,
    golden_of,
    linear_network,
    load,
    make_contract,
    random_network,
    signed_bundle,
    signing_key,
    unsigned_bundle,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from pd_world import profile_of, urdf_of

from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.robot import joint_limits
from neuraxis_field.bundles import sign_bundle
from small_brain_node.bundle.archive import CARD, CONTRACT, MEMBERS, pack, unpack
from small_brain_node.bundle.card import read_card, write_card
from small_brain_node.bundle.contract_json import read_contract, write_contract
from small_brain_node.bundle.golden import read_golden, write_golden
from small_brain_node.bundle.loader import Bundle, load_bundle
from small_brain_node.bundle.signing import (
    key_id,
    read_private_key,
    read_trusted_keys,
    sign,
    write_key_pair,
)

FEW = settings(max_examples=25, deadline=None)
FINITE = st.floats(-6.0, 6.0).filter(lambda value: value != 0.0)


@cache
def signed() -> bytes:
    return signed_bundle()


def refusal_of(data: bytes) -> Rejected:
    outcome = load(data)
    assert isinstance(outcome, Rejected)
    return outcome


def test_a_signed_bundle_opens_with_its_contract_card_and_key() -> None:
    bundle = load(signed())
    assert isinstance(bundle, Bundle)
    assert bundle.contract == make_contract()
    assert bundle.key == key_id(signing_key().public_key())
    assert bundle.card.command == "python -m tests"


def test_equal_parts_give_equal_bytes() -> None:
    archive = unpack(signed())
    assert pack(archive.members, archive.manifest, archive.signature) == signed()


@FEW
@given(values=st.lists(FINITE, min_size=12, max_size=12), dt=st.floats(0.005, 0.1))
def test_a_contract_keeps_every_bit(values, dt) -> None:
    contract = make_contract(dt_s=dt, observation_clip=(-100.0, values[0] + 6.0))
    contract = replace(contract, action=replace(contract.action, scale=tuple(values)))
    again = read_contract(write_contract(contract))
    assert again == contract
    assert struct.pack("12d", *again.action.scale) == struct.pack("12d", *values)


def test_golden_vectors_and_card_keep_every_bit() -> None:
    contract = make_contract()
    golden = golden_of(contract, random_network(contract))
    again = read_golden(write_golden(golden))
    np.testing.assert_array_equal(again.inputs.pos_rad, golden.inputs.pos_rad)
    np.testing.assert_array_equal(again.observation, golden.observation)
    assert again.joint_names == golden.joint_names
    card = card_of(contract)
    same = read_card(write_card(card), contract)
    for name, row in card.statistics.items():
        np.testing.assert_array_equal(same.statistics[name].covariance, row.covariance)


def test_an_unsigned_bundle_is_refused() -> None:
    assert refusal_of(unsigned_bundle()).code == "unsigned"


def test_a_bundle_signed_by_a_stranger_is_refused_with_the_key() -> None:
    stranger = Ed25519PrivateKey.generate()
    refusal = refusal_of(sign_bundle(signed(), stranger))
    assert refusal.code == "unknown_key"
    assert key_id(stranger.public_key()) in refusal.reason


def test_a_signature_of_another_bundle_is_refused() -> None:
    contract = make_contract(name="other")
    other = unpack(signed_bundle(contract))
    archive = unpack(signed())
    refusal = refusal_of(pack(archive.members, archive.manifest, other.signature))
    assert refusal.code == "altered"


@pytest.mark.parametrize("name", MEMBERS)
def test_a_changed_member_is_named(name) -> None:
    archive = unpack(signed())
    changed = dict(archive.members) | {name: archive.members[name][:-1] + b" "}
    refusal = refusal_of(pack(changed, archive.manifest, archive.signature))
    assert refusal.code == "altered"
    assert refusal.details["member"] == name


@FEW
@given(at=st.integers(0, 10**9), bit=st.integers(0, 7))
def test_a_flipped_bit_anywhere_is_refused_or_changes_nothing(at, bit) -> None:
    data = bytearray(signed())
    data[at % len(data)] ^= 1 << bit
    outcome = load(bytes(data))
    if isinstance(outcome, Bundle):
        # Bits of the ZIP itself that say nothing, such as a member's date.
        assert outcome.digest == load(signed()).digest
    else:
        assert outcome.code in ("altered", "not_a_bundle", "unsigned", "unknown_key")


@FEW
@given(data=st.binary(max_size=400), cut=st.integers(0, 10**9))
def test_rubbish_and_torn_files_are_refused(data, cut) -> None:
    assert refusal_of(data).code == "not_a_bundle"
    assert refusal_of(signed()[: cut % len(signed())]).code in ("not_a_bundle", "altered")


def test_a_bundle_for_another_robot_is_refused() -> None:
    refusal = load(signed(), "expedition_a3")
    assert refusal.code == "wrong_robot"
    assert "lingxi_x2" in refusal.reason
    assert "expedition_a3" in refusal.reason


def test_a_bundle_for_another_build_of_the_robot_is_refused() -> None:
    refusal = refusal_of(signed_bundle(make_contract(hardware_version="ultra-n-9.9")))
    assert refusal.code == "wrong_hardware"
    assert refusal.details["bound"] == profile_of(ROBOT).hardware_version


def mismatch(contract) -> Rejected:
    """Refusal of a contract whose golden vectors are those of the right one."""
    right = make_contract()
    network = random_network(right)
    refusal = refusal_of(
        forged_bundle(contract, network, golden_of(right, network), card_of(right))
    )
    assert refusal.code == "contract_mismatch"
    return refusal


def renamed(contract, old: str, new: str):
    return read_contract(write_contract(contract).replace(old.encode(), new.encode()))


def test_an_unknown_joint_is_named_with_the_likely_one() -> None:
    reason = mismatch(renamed(make_contract(), "left_knee_joint", "Left_Knee")).reason
    assert "'Left_Knee'" in reason
    assert "did you mean 'left_knee_joint'?" in reason


def test_a_leg_without_an_output_is_named() -> None:
    contract = make_contract()
    spec = contract.action
    less = {key: getattr(spec, key)[:-1] for key in ("joints", "scale", "kp", "kd")}
    assert spec.joints[-1] in mismatch(replace(contract, action=replace(spec, **less))).reason


def test_a_default_pose_beyond_the_limits_is_named_with_both() -> None:
    contract = make_contract()
    joint = contract.action.joints[3]
    pose = dict(contract.default_pose_rad) | {joint: 3.0}
    refusal = mismatch(replace(contract, default_pose_rad=pose))
    limit = joint_limits(urdf_of(ROBOT))[joint]
    assert refusal.details == {"joint": joint, "value": 3.0, "bound": [limit.lower, limit.upper]}


def test_gains_that_the_robot_does_not_allow_are_named() -> None:
    contract = make_contract()
    refusal = mismatch(
        replace(contract, action=replace(contract.action, kp=(1e4,) * len(contract.action.kp)))
    )
    assert refusal.details["joint"] == contract.action.joints[0]
    assert refusal.details["bound"] == profile_of(ROBOT).kp_max[contract.action.joints[0]]


def test_a_network_of_another_size_is_refused() -> None:
    contract = make_contract()
    other = make_contract(history=2)
    network = random_network(contract)
    data = forged_bundle(contract, random_network(other), golden_of(contract, network),
                         card_of(contract))  # fmt: skip
    refusal = refusal_of(data)
    assert refusal.code == "bad_network"
    assert str(contract.size) in refusal.reason
    assert str(other.size) in refusal.reason


def test_a_network_with_other_names_is_refused_with_them() -> None:
    contract = make_contract()
    network = random_network(contract)
    renamed_ports = replace(contract, input_name="observation")
    golden = golden_of(contract, network)
    data = forged_bundle(renamed_ports, network, golden, card_of(contract))
    refusal = refusal_of(data)
    assert refusal.code == "bad_network"
    assert "observation" in refusal.reason


def test_bytes_that_are_no_network_are_refused() -> None:
    contract = make_contract()
    network = random_network(contract)
    data = forged_bundle(contract, b"ONNX", golden_of(contract, network), card_of(contract))
    assert refusal_of(data).code == "bad_network"


def test_a_network_that_answers_nan_is_refused() -> None:
    contract = make_contract()
    golden = golden_of(contract, random_network(contract))
    m = len(contract.action.joints)
    broken = linear_network(np.full((contract.size, m), np.nan), np.zeros(m), contract)
    refusal = refusal_of(forged_bundle(contract, broken, golden, card_of(contract)))
    assert refusal.code == "golden_mismatch"
    assert refusal.details["causes"][0]["code"] == "not_finite"


def contract_with(**fields) -> bytes:
    data = json.loads(write_contract(make_contract()))
    return json.dumps(data | fields).encode()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (contract_with(dt_s=1.0), "dt_s"),
        (contract_with(dt_s="fast"), "dt_s"),
        (contract_with(gravity="sideways"), "sideways"),
        (contract_with(terms=[]), "no observation term"),
        (contract_with(format=7), "7"),
        (contract_with(wings=2), "wings"),
        (contract_with(default_pose_rad={}), "default_pose_rad lacks"),
        (contract_with(command_ranges=[[1, 0], [0, 0], [0, 0]]), "forward"),
        (b'{"format": 1, "format": 1}', "twice"),
        (b'{"format": 1, "dt_s": NaN}', "NaN"),
        (b"[]", "object"),
        (b"\xff", "JSON"),
        (b"[" * 100000, "JSON"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_malformed_contract_is_refused_with_its_field(text, named) -> None:
    with pytest.raises(ConfigError, match=named):
        read_contract(text)


@FEW
@given(
    path=st.sampled_from(["terms.0.scale", "action.kp", "terms.3.joints", "dt_s", "robot"]),
    value=st.one_of(st.none(), st.booleans(), st.text(max_size=3), st.integers(-5, 5),
                    st.lists(st.integers(-2, 2), max_size=3)),
)  # fmt: skip
def test_any_wrong_value_of_a_contract_is_refused_or_harmless(path, value) -> None:
    data = json.loads(write_contract(make_contract()))
    *parents, last = path.split(".")
    place = data
    for key in parents:
        place = place[int(key) if key.isdigit() else key]
    place[last] = value
    try:
        contract = read_contract(json.dumps(data).encode())
    except ConfigError:
        return
    members = dict(unpack(signed()).members) | {CONTRACT: write_contract(contract)}
    manifest_of = forged_bundle(contract, members["policy.onnx"],
                                read_golden(members["golden.npz"]),
                                read_card(members[CARD], make_contract()))  # fmt: skip
    outcome = load(manifest_of)
    assert isinstance(outcome, Rejected) or outcome.contract == contract


def test_a_card_without_statistics_is_refused() -> None:
    contract = make_contract()
    text = json.loads(write_card(card_of(contract)))
    del text["statistics"]["joint_pos"]
    with pytest.raises(ConfigError, match="statistics"):
        read_card(json.dumps(text).encode(), contract)


def test_keys_are_made_once_private_and_outside_of_checkouts(tmp_path) -> None:
    public, name = write_key_pair(tmp_path / "robot")
    assert (tmp_path / "robot").stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigError, match="never overwritten"):
        write_key_pair(tmp_path / "robot")
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    with pytest.raises(ConfigError, match="Git checkout"):
        write_key_pair(tmp_path / "repo" / "key")
    folder = tmp_path / "trusted"
    folder.mkdir()
    (folder / public.name).write_bytes(public.read_bytes())
    trusted = read_trusted_keys(folder)
    assert set(trusted) == {name}
    data = sign_bundle(signed(), read_private_key(tmp_path / "robot"))
    limits = joint_limits(urdf_of(ROBOT))
    assert isinstance(load_bundle(data, profile_of(ROBOT), limits, trusted), Bundle)


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----"])
def test_a_file_that_is_no_key_is_named(tmp_path, content) -> None:
    (tmp_path / "a.pub").write_bytes(content)
    with pytest.raises(ConfigError, match=r"a\.pub"):
        read_trusted_keys(tmp_path)
    with pytest.raises(ConfigError, match=r"a\.pub"):
        read_private_key(tmp_path / "a.pub")


def test_a_signature_does_not_pass_for_another_kind_of_text() -> None:
    archive = unpack(signed())
    naked = json.loads(sign(archive.manifest, signing_key()))
    wrong = signing_key().sign(archive.manifest)
    naked["signature"] = base64.b64encode(wrong).decode()
    data = pack(archive.members, archive.manifest, json.dumps(naked).encode())
    assert refusal_of(data).code == "altered"


def test_making_a_bundle_of_parts_that_differ_names_the_cause() -> None:
    contract = make_contract()
    network = random_network(contract)
    golden = golden_of(contract, network)
    declared = changed_term(contract, "joint_vel", scale=(1.0,))
    with pytest.raises(ConfigError, match=r"joint_vel: the scale of it differs \(factor 0\.05\)"):
        unsigned_bundle(declared, network, golden)
