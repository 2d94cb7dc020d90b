# SPDX-License-Identifier: Apache-2.0
"""Whatever is wrong in a bundle that was signed all the same: a reason, never a crash.

The signature is good in every example: an altered file is refused before it is parsed, and
`test_bundle_loading.py` shows that.
"""

from __future__ import annotations

import io
import json
from functools import cache

import numpy as np
import pytest
from bundle_rig import load, make_contract, signed_bundle, signing_key
from hypothesis import example, given, settings
from hypothesis import strategies as st

from neuraxis_common.errors import Rejected
from small_brain_node.bundle.archive import (
    CARD,
    CONTRACT,
    GOLDEN,
    NETWORK,
    pack,
    unpack,
    write_manifest,
)
from small_brain_node.bundle.loader import Bundle
from small_brain_node.bundle.signing import sign

SOME = settings(max_examples=60, deadline=None, derandomize=True)
FEW = settings(max_examples=25, deadline=None, derandomize=True)
# What golden vectors cannot see: they hold no time, no gains and no commands out of range.
UNSEEN = {"name", "dt_s", "command_ranges", "action.kp", "action.kd", "gait_period_s"}
# Only read where a term, a clip or a gravity makes use of it.
UNUSED = {"quaternion", "observation_clip", "action.clip"}
CODES = {
    "bad_contract", "wrong_robot", "wrong_hardware", "contract_mismatch", "bad_network",
    "bad_golden", "weak_golden", "golden_mismatch",
}  # fmt: skip

numbers = st.one_of(
    st.integers(-(10**6), 10**6),
    st.floats(-1e3, 1e3),
    st.sampled_from([0, -1, 1e-300, 1e300, -1e300, 10**40, 10**400]),
)
TEXTS = ["left_knee_joint", "gravity", "joint_pos", "\ud800", "x" * 300]
values = st.one_of(
    st.none(),
    st.booleans(),
    numbers,
    st.text(max_size=4),
    st.sampled_from(TEXTS),
    st.lists(numbers, max_size=3),
    st.dictionaries(st.text(max_size=2), numbers, max_size=2),
)


@cache
def parts() -> dict[str, bytes]:
    """Members of a good bundle."""
    return dict(unpack(signed_bundle(make_contract(history=2))).members)


def reopened(**changed: bytes):
    """What the loader says to the good bundle with other members, signed by a trusted key."""
    names = {"contract": CONTRACT, "card": CARD, "golden": GOLDEN, "network": NETWORK}
    members = parts() | {names[name]: content for name, content in changed.items()}
    manifest = write_manifest(members)
    return load(pack(members, manifest, sign(manifest, signing_key())))


def leaves(data, path=()):
    """Paths of everything in parsed JSON, containers included."""
    rows = [path] if path else []
    inner = data.items() if isinstance(data, dict) else ()
    for key, value in enumerate(data) if isinstance(data, list) else inner:
        rows += leaves(value, (*path, key))
    return rows


@cache
def paths(member: str) -> list[tuple]:
    return leaves(json.loads(parts()[member]))


def changed(member: str, path: tuple, change) -> bytes:
    """JSON of a member with one place changed: `change(container, key)`."""
    data = json.loads(parts()[member])
    place = data
    for key in path[:-1]:
        place = place[key]
    change(place, path[-1])
    return json.dumps(data).encode("utf-8", "surrogatepass")


def put(value):
    return lambda place, key: place.__setitem__(key, value)


def check_contract(path: tuple, content: bytes) -> None:
    outcome = reopened(contract=content)
    if isinstance(outcome, Rejected):
        assert outcome.code in CODES
        assert outcome.reason
        return
    field = ".".join(str(key) for key in path[:2]) if path[0] == "action" else path[0]
    same = outcome.contract == make_contract(history=2)
    clips = path[0] == "terms" and "clip" in path
    assert same or clips or field in UNSEEN | UNUSED, (path, outcome.contract)


@SOME
@given(at=st.integers(0, 10**6), value=values)
@example(at=0, value="\ud800")
def test_a_contract_with_any_other_value_anywhere_is_refused_or_means_the_same(at, value) -> None:
    path = paths(CONTRACT)[at % len(paths(CONTRACT))]
    check_contract(path, changed(CONTRACT, path, put(value)))


@pytest.mark.parametrize("value", [-1, 10**400, 1e300, None, [], {}], ids=range(6))
def test_each_field_of_a_contract_refuses_what_it_cannot_be(value) -> None:
    for path in paths(CONTRACT):
        if len(path) == 1 or path[:2] == ("terms", 3) or path[0] == "action":
            if not isinstance(path[-1], int) or path[-1] == 0:
                check_contract(path, changed(CONTRACT, path, put(value)))


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" + "0" * 400, "9" * 5000])
def test_numbers_that_are_none_are_refused(number) -> None:
    right, wrong = b'"dt_s": 0.02', f'"dt_s": {number}'.encode()
    assert right in parts()[CONTRACT]
    assert reopened(contract=parts()[CONTRACT].replace(right, wrong)).code == "bad_contract"


@FEW
@given(at=st.integers(0, 10**6), factor=st.floats(-3.0, 3.0).filter(lambda f: abs(f - 1) > 0.01))
def test_a_number_of_a_contract_that_was_scaled_is_noticed(at, factor) -> None:
    data = json.loads(parts()[CONTRACT])
    rows = [p for p in paths(CONTRACT) if "scale" in p or p[0] == "default_pose_rad"]
    rows = [p for p in rows if isinstance(_value(data, p), float) and _value(data, p) != 0.0]
    path = rows[at % len(rows)]
    outcome = reopened(contract=changed(CONTRACT, path, put(factor * _value(data, path))))
    assert isinstance(outcome, Rejected), (path, factor)


def _value(data, path):
    for key in path:
        data = data[key]
    return data


@FEW
@given(at=st.integers(0, 10**6))
def test_a_contract_that_lacks_anything_is_refused_or_means_the_same(at) -> None:
    path = paths(CONTRACT)[at % len(paths(CONTRACT))]
    check_contract(path, changed(CONTRACT, path, lambda place, key: place.pop(key)))


@settings(FEW, max_examples=12)
@given(
    a=st.integers(0, 11),
    b=st.integers(0, 11),
    path=st.sampled_from([("action", "joints"), ("terms", 3, "joints"), ("terms", 4, "joints")]),
)
def test_two_joints_of_a_contract_that_change_places_are_noticed(a, b, path) -> None:
    def swap(place, key):
        row = place[key]
        row[a], row[b] = row[b], row[a]

    outcome = reopened(contract=changed(CONTRACT, path, swap))
    assert isinstance(outcome, Bundle) == (a == b)


@SOME
@given(at=st.integers(0, 10**6), value=values)
def test_a_card_with_any_other_value_anywhere_is_refused_or_sound(at, value) -> None:
    path = paths(CARD)[at % len(paths(CARD))]
    outcome = reopened(card=changed(CARD, path, put(value)))
    if isinstance(outcome, Rejected):
        assert outcome.code in CODES
        return
    for row in outcome.card.statistics.values():
        assert np.all(np.isfinite(row.covariance))
        assert np.all(row.low <= row.high)


ARRAYS = (
    "joint_names", "inputs_pos_rad", "inputs_quat_wxyz", "observation", "action", "target_joints",
    "target_rad",
)  # fmt: skip
SPOIL = {
    "nan": lambda v: np.where(np.arange(v.size).reshape(v.shape) == 0, np.nan, v),
    "less": lambda v: v[:-1],
    "flat": lambda v: v.ravel(),
    "reversed": lambda v: v[..., ::-1],
    "zero": lambda v: np.zeros_like(v),
    "integers": lambda v: np.ones(v.shape, int),
    "text": lambda v: np.full(v.shape, "x"),
    "objects": lambda v: np.full(v.shape, None),
}


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("how", SPOIL)
def test_golden_vectors_that_are_spoilt_are_refused(name, how) -> None:
    with np.load(io.BytesIO(parts()[GOLDEN])) as file:
        arrays = dict(file)
    if arrays[name].dtype.kind == "U" and how in ("nan", "integers", "zero"):
        arrays[name] = np.arange(arrays[name].size)
    else:
        arrays[name] = SPOIL[how](arrays[name])
    same = how == "flat" and name in ("joint_names", "target_joints")
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    outcome = reopened(golden=buffer.getvalue())
    assert isinstance(outcome, Bundle if same else Rejected)


@SOME
@given(at=st.integers(0, 10**9), bit=st.integers(0, 7), member=st.sampled_from([GOLDEN, NETWORK]))
def test_a_bit_that_was_wrong_before_signing_is_refused_or_changes_no_answer(
    at, bit, member
) -> None:
    content = bytearray(parts()[member])
    content[at % len(content)] ^= 1 << bit
    name = "golden" if member == GOLDEN else "network"
    outcome = reopened(**{name: bytes(content)})
    if isinstance(outcome, Rejected):
        assert outcome.code in CODES
        return
    good, rng = load_good(), np.random.default_rng(0)
    for _ in range(5):
        seen = rng.normal(size=good.contract.size).astype(np.float32)
        answer = outcome.network.infer(seen).copy()
        np.testing.assert_allclose(answer, good.network.infer(seen), rtol=1e-3, atol=1e-3)


@cache
def load_good() -> Bundle:
    return reopened()
