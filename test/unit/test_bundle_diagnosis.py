# SPDX-License-Identifier: Apache-2.0
"""A contract that differs from what the network was trained on is refused with the difference."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from bundle_rig import (
    body_joints,
    card_of,
    changed_term,
    forged_bundle,
    golden_of,
    linear_network,
    load,
    make_contract,
    random_network,
    states_of,
    term_of,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from neuraxis_common.errors import Rejected
from small_brain_node.bundle.causes import DEGREE
from small_brain_node.bundle.diagnose import diagnose_observation
from small_brain_node.bundle.diagnose_action import diagnose_network, diagnose_targets
from small_brain_node.network import Network
from small_brain_node.observation import ObservationBuilder, reread_quaternion

FEW = settings(max_examples=12, deadline=None)
JOINT_TERMS = st.sampled_from(["joint_pos", "joint_vel"])
SCALED_TERMS = st.sampled_from(["base_ang_vel", "joint_pos", "joint_vel", "velocity_commands"])
FACTORS = st.floats(0.05, 20.0).filter(
    lambda f: all(abs(f / known - 1) > 0.01 for known in (1.0, DEGREE, 1 / DEGREE))
)
TRUTH = make_contract()


@cache
def truth_network() -> bytes:
    return random_network(TRUTH)


@cache
def truth_golden():
    return golden_of(TRUTH, truth_network())


def golden_from(contract):
    """The same states as another training code would have seen them."""
    golden = truth_golden()
    builder = ObservationBuilder(contract, golden.joint_names)
    return replace(golden, observation=builder.observe(golden.inputs))


def only_cause(diagnosis):
    assert not diagnosis.unexplained
    assert len(diagnosis.causes) == 1, diagnosis.causes
    return diagnosis.causes[0]


def shuffled(names, seed: int) -> tuple[str, ...]:
    return tuple(np.random.default_rng(seed).permutation(names).tolist())


def test_a_contract_that_is_right_has_no_causes() -> None:
    golden = truth_golden()
    assert diagnose_observation(TRUTH, golden).causes == ()
    assert diagnose_targets(TRUTH, golden).causes == ()
    network = Network(truth_network(), TRUTH)
    assert diagnose_network(TRUTH, golden, network, card_of(TRUTH)).causes == ()


@FEW
@given(name=JOINT_TERMS, seed=st.integers(0, 10**6))
def test_a_permutation_of_observed_joints_is_named(name, seed) -> None:
    right = term_of(TRUTH, name).joints
    wrong = shuffled(right, seed)
    assume(wrong != right)
    cause = only_cause(
        diagnose_observation(changed_term(TRUTH, name, joints=wrong), truth_golden())
    )
    assert (cause.code, cause.where) == ("joint_permutation", name)
    assert tuple(cause.details["golden"]) == right
    assert tuple(cause.details["contract"]) == wrong
    first = next(i for i, (a, b) in enumerate(zip(right, wrong, strict=True)) if a != b)
    assert f"place {first} is '{right[first]}'" in cause.reason


def test_swapped_sides_are_called_so() -> None:
    right = term_of(TRUTH, "joint_pos").joints
    swap = {"left": "right", "right": "left"}
    wrong = tuple(next((n.replace(a, b) for a, b in swap.items() if a in n), n) for n in right)
    declared = changed_term(TRUTH, "joint_pos", joints=wrong)
    assert (
        "left and right swapped"
        in only_cause(diagnose_observation(declared, truth_golden())).reason
    )


@FEW
@given(name=SCALED_TERMS, factor=FACTORS)
def test_a_wrong_scale_is_named_with_its_factor(name, factor) -> None:
    right = term_of(TRUTH, name).scale
    declared = changed_term(TRUTH, name, scale=tuple(value * factor for value in right))
    cause = only_cause(diagnose_observation(declared, truth_golden()))
    assert (cause.code, cause.where) == ("scale", name)
    assert cause.details["factor"] == pytest.approx(1.0 / factor, rel=1e-3)


@FEW
@given(name=st.sampled_from([t.name for t in TRUTH.terms if t.name != "base_quat"]))
def test_a_flipped_sign_is_named(name) -> None:
    right = term_of(TRUTH, name).scale
    declared = changed_term(TRUTH, name, scale=tuple(-value for value in right))
    cause = only_cause(diagnose_observation(declared, truth_golden()))
    assert cause.where == name
    assert cause.code == ("gravity_sign" if name == "projected_gravity" else "sign")


@FEW
@given(joints=st.sets(st.sampled_from(body_joints()), min_size=1, max_size=4))
def test_flipped_signs_of_single_joints_are_named(joints) -> None:
    seen = term_of(TRUTH, "joint_vel")
    scale = tuple(-0.05 if name in joints else 0.05 for name in seen.joints)
    golden = golden_from(changed_term(TRUTH, "joint_vel", scale=scale))
    cause = only_cause(diagnose_observation(TRUTH, golden))
    assert cause.code == "sign"
    assert set(cause.details["elements"]) == joints


@pytest.mark.parametrize("name", ["base_ang_vel", "joint_pos", "joint_vel"])
@pytest.mark.parametrize("golden_in_degrees", [True, False])
def test_degrees_for_radians_are_named(name, golden_in_degrees) -> None:
    right = term_of(TRUTH, name).scale
    factor = DEGREE if golden_in_degrees else 1.0 / DEGREE
    golden = golden_from(
        changed_term(TRUTH, name, scale=tuple(v * factor for v in right), clip=None)
    )
    cause = only_cause(diagnose_observation(changed_term(TRUTH, name, clip=None), golden))
    assert (cause.code, cause.where) == ("degrees", name)
    assert ("in degrees, the contract in radians" in cause.reason) == golden_in_degrees


def test_gravity_pointing_the_other_way_is_named() -> None:
    cause = only_cause(diagnose_observation(replace(TRUTH, gravity="up"), truth_golden()))
    assert (cause.code, cause.where) == ("gravity_sign", "projected_gravity")


def test_a_quaternion_in_the_other_order_is_named() -> None:
    cause = only_cause(diagnose_observation(replace(TRUTH, quaternion="xyzw"), truth_golden()))
    assert (cause.code, cause.where) == ("quaternion_order", "base_quat")


def test_gravity_from_a_misread_quaternion_is_named() -> None:
    golden = truth_golden()
    builder = ObservationBuilder(TRUTH, golden.joint_names)
    golden = replace(golden, observation=builder.observe(reread_quaternion(golden.inputs)))
    causes = diagnose_observation(TRUTH, golden).causes
    assert {(c.code, c.where) for c in causes} == {
        ("quaternion_order", "projected_gravity"),
        ("quaternion_order", "base_quat"),
    }


def test_gravity_turned_into_the_wrong_frame_is_named() -> None:
    golden = truth_golden()
    builder = ObservationBuilder(TRUTH, golden.joint_names)
    turned = replace(golden.inputs, quat_wxyz=golden.inputs.quat_wxyz * [1.0, -1.0, -1.0, -1.0])
    wrong = builder.observe(turned)
    place = slice(3 * 3, 6 * 3)
    observation = golden.observation.copy()
    observation[:, place] = wrong[:, place]
    cause = only_cause(diagnose_observation(TRUTH, replace(golden, observation=observation)))
    assert (cause.code, cause.where) == ("frame", "projected_gravity")


def test_a_reversed_history_is_named() -> None:
    declared = replace(TRUTH, history_order="newest_first")
    cause = only_cause(diagnose_observation(declared, truth_golden()))
    assert cause.code == "history_order"
    assert cause.details == {"contract": "newest_first", "golden": "oldest_first"}


def test_another_stacking_of_the_history_is_named() -> None:
    cause = only_cause(diagnose_observation(replace(TRUTH, stacking="frame"), truth_golden()))
    assert cause.code == "stacking"
    assert cause.details["golden"] == "term"


@FEW
@given(seed=st.integers(0, 10**6), stacking=st.sampled_from(["term", "frame"]))
def test_another_order_of_terms_is_named(seed, stacking) -> None:
    truth = replace(TRUTH, stacking=stacking)
    names = shuffled([term.name for term in TRUTH.terms], seed)
    assume(names != tuple(term.name for term in TRUTH.terms))
    declared = replace(truth, terms=tuple(term_of(truth, name) for name in names))
    cause = only_cause(diagnose_observation(declared, golden_from(truth)))
    assert cause.code == "term_order"
    assert cause.details["golden"] == [term.name for term in TRUTH.terms]


@FEW
@given(
    joints=st.sets(st.sampled_from(body_joints()), min_size=1, max_size=5),
    shift=st.floats(0.02, 0.5),
)
def test_a_wrong_default_pose_is_named_by_joint_and_value(joints, shift) -> None:
    right = TRUTH.default_pose_rad
    pose = {name: value + shift * (name in joints) for name, value in right.items()}
    diagnosis = diagnose_observation(replace(TRUTH, default_pose_rad=pose), truth_golden())
    cause = only_cause(diagnosis)
    assert (cause.code, cause.where) == ("default_pose", "joint_pos")
    assert set(cause.details["elements"]) == joints
    wanted = [right[name] for name in cause.details["elements"]]
    np.testing.assert_allclose(cause.details["golden"], wanted, atol=1e-4)


def test_absolute_positions_are_named() -> None:
    golden = golden_from(replace(TRUTH, default_pose_rad=dict.fromkeys(body_joints(), 0.0)))
    assert only_cause(diagnose_observation(TRUTH, golden)).code == "absolute_position"


@pytest.mark.parametrize("bound", [3.0, 5.0])
def test_another_clip_is_named(bound) -> None:
    golden = golden_from(changed_term(TRUTH, "joint_vel", clip=(-bound, bound)))
    cause = only_cause(diagnose_observation(TRUTH, golden))
    assert (cause.code, cause.where) == ("clip", "joint_vel")
    np.testing.assert_allclose(cause.details["golden"], [-bound, bound], rtol=1e-5)


@FEW
@given(seed=st.integers(0, 10**6), factor=FACTORS)
def test_several_faults_at_once_are_all_named(seed, factor) -> None:
    joints = shuffled(term_of(TRUTH, "joint_pos").joints, seed)
    declared = changed_term(TRUTH, "joint_pos", joints=joints)
    declared = changed_term(declared, "base_ang_vel", scale=(0.25 * factor,))
    declared = replace(declared, history_order="newest_first", gravity="up")
    diagnosis = diagnose_observation(declared, truth_golden())
    assert not diagnosis.unexplained
    assert {(c.code, c.where) for c in diagnosis.causes} == {
        ("history_order", "history"),
        ("scale", "base_ang_vel"),
        ("gravity_sign", "projected_gravity"),
        ("joint_permutation", "joint_pos"),
    }


def test_what_nothing_explains_is_said_to_be_so() -> None:
    golden = truth_golden()
    noise = np.random.default_rng(0).normal(size=golden.observation.shape).astype(np.float32)
    diagnosis = diagnose_observation(TRUTH, replace(golden, observation=noise))
    assert set(diagnosis.unexplained) == {term.name for term in TRUTH.terms}


def with_action(**changes):
    return replace(TRUTH, action=replace(TRUTH.action, **changes))


@FEW
@given(seed=st.integers(0, 10**6))
def test_a_permutation_of_the_action_is_named(seed) -> None:
    m = len(TRUTH.action.joints)
    order = np.random.default_rng(seed).permutation(m)
    assume(not np.array_equal(order, np.arange(m)))
    spec = TRUTH.action
    declared = with_action(
        joints=tuple(spec.joints[i] for i in order), scale=tuple(spec.scale[i] for i in order)
    )
    cause = only_cause(diagnose_targets(declared, truth_golden()))
    assert (cause.code, cause.where) == ("joint_permutation", "action")
    for joint, golden in zip(declared.action.joints, cause.details["golden"], strict=True):
        drives = declared.action.joints.index(golden)
        assert TRUTH.action.joints[drives] == joint


@FEW
@given(factor=st.one_of(FACTORS, st.just(-1.0), st.just(DEGREE)))
def test_a_wrong_scale_of_the_action_is_named(factor) -> None:
    declared = with_action(scale=tuple(value * factor for value in TRUTH.action.scale))
    cause = only_cause(diagnose_targets(declared, truth_golden()))
    assert cause.where == "action"
    assert cause.code == {-1.0: "sign", DEGREE: "degrees"}.get(factor, "scale")
    assert cause.details["factor"] == pytest.approx(1.0 / factor, rel=1e-3)


def test_a_default_pose_that_the_action_is_not_added_to_is_named() -> None:
    pose = dict(TRUTH.default_pose_rad) | {TRUTH.action.joints[3]: 0.9}
    cause = only_cause(diagnose_targets(replace(TRUTH, default_pose_rad=pose), truth_golden()))
    assert cause.code == "default_pose"
    assert cause.details["elements"] == [TRUTH.action.joints[3]]
    assert cause.details["contract"] == [0.9]


def test_rounded_metadata_is_named() -> None:
    scale = tuple(0.25 + np.pi / 1000 * i for i in range(len(TRUTH.action.joints)))
    truth = with_action(scale=scale)
    golden = golden_of(truth, truth_network())
    declared = with_action(scale=tuple(round(value, 3) for value in scale))
    cause = only_cause(diagnose_targets(declared, golden))
    assert cause.code == "rounded"


def test_a_network_whose_outputs_are_permuted_is_named() -> None:
    m = len(TRUTH.action.joints)
    rng = np.random.default_rng(0)
    weights = rng.normal(0.0, TRUTH.size**-0.5, (TRUTH.size, m))
    bias = rng.normal(0.0, 0.1, m)
    order = rng.permutation(m)
    network = Network(linear_network(weights[:, order], bias[order], TRUTH), TRUTH)
    cause = only_cause(diagnose_network(TRUTH, truth_golden(), network, card_of(TRUTH)))
    assert (cause.code, cause.where) == ("joint_permutation", "network output")


def test_another_network_is_named() -> None:
    network = Network(random_network(TRUTH, seed=5), TRUTH)
    cause = only_cause(diagnose_network(TRUTH, truth_golden(), network, card_of(TRUTH)))
    assert cause.code == "other_network"


def test_a_missing_normaliser_is_named() -> None:
    card, golden = card_of(TRUTH), truth_golden()
    rows = [card.statistics[term.name] for term in TRUTH.terms]
    mean = np.concatenate(
        [np.tile(r.mean, t.history) for r, t in zip(rows, TRUTH.terms, strict=True)]
    )
    std = np.concatenate(
        [
            np.tile(np.sqrt(np.diag(r.covariance)), t.history)
            for r, t in zip(rows, TRUTH.terms, strict=True)
        ]
    )
    network = Network(truth_network(), TRUTH)
    action = network.infer_all(((golden.observation - mean) / std).astype(np.float32))
    cause = only_cause(diagnose_network(TRUTH, replace(golden, action=action), network, card))
    assert cause.code == "normaliser"


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        (changed_term(TRUTH, "joint_pos", joints=body_joints()[::-1]), "joint_permutation"),
        (changed_term(TRUTH, "base_ang_vel", scale=(1.0,)), "scale"),
        (replace(TRUTH, gravity="up"), "gravity_sign"),
        (replace(TRUTH, quaternion="xyzw"), "quaternion_order"),
        (replace(TRUTH, history_order="newest_first"), "history_order"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_loader_refuses_a_signed_bundle_with_the_cause_in_its_reason(declared, code) -> None:
    data = forged_bundle(declared, truth_network(), truth_golden(), card_of(declared))
    refusal = load(data)
    assert isinstance(refusal, Rejected)
    assert refusal.code == "golden_mismatch"
    assert [cause["code"] for cause in refusal.details["causes"]] == [code]
    assert refusal.details["causes"][0]["reason"] in refusal.reason


def test_vectors_of_a_robot_that_stands_still_are_too_weak() -> None:
    inputs = states_of(TRUTH)
    still = replace(inputs, pos_rad=np.broadcast_to(inputs.pos_rad[:1, :1], inputs.pos_rad.shape))
    golden = replace(truth_golden(), inputs=still)
    refusal = load(forged_bundle(TRUTH, truth_network(), golden, card_of(TRUTH)))
    assert refusal.code == "weak_golden"
    assert "joint_pos" in refusal.reason


def test_vectors_that_cannot_tell_two_joints_apart_are_too_weak() -> None:
    pos = truth_golden().inputs.pos_rad.copy()
    pos[..., 6] = -pos[..., 0]
    golden = replace(truth_golden(), inputs=replace(truth_golden().inputs, pos_rad=pos))
    refusal = load(forged_bundle(TRUTH, truth_network(), golden, card_of(TRUTH)))
    assert refusal.code == "weak_golden"
    assert "left_hip_pitch_joint" in refusal.reason
    assert "right_hip_pitch_joint" in refusal.reason
