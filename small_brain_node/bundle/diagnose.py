# SPDX-License-Identifier: Apache-2.0
"""Why golden vectors do not come out: hypotheses, each tried on the vectors themselves.

A hypothesis counts only when the golden vectors follow from it. First the layout of the whole
observation (order of terms, of history, of stacking), then each term on its own: how base axes or
quaternions were read, then which raw column, scaled and shifted, each element really is, then
clips. What none of them explains is reported as unexplained, with its worst element.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from neuraxis_common.types import FloatArray
from small_brain_node.bundle.causes import Cause, Subject, name_causes
from small_brain_node.bundle.columns import Expected, match_columns
from small_brain_node.bundle.contract import (
    GAIT_PLAN,
    HISTORY_ORDERS,
    JOINT_KINDS,
    POSITION_KINDS,
    QUATERNIONS,
    STACKINGS,
    ObservationTerm,
    PolicyContract,
)
from small_brain_node.bundle.golden import GoldenVectors
from small_brain_node.bundle.term_order import explain_term_order
from small_brain_node.observation import (
    Float32Array,
    ObservationBuilder,
    PolicyInputs,
    base_values,
    joint_values,
    reread_quaternion,
)

# Training simulators compute in float32, and a quaternion passes through several operations.
OBSERVATION_TOLERANCE = 2e-5
ANGULAR_KINDS = ("angular_velocity", "joint_pos", "joint_vel", "upper_reference")
AXES = ("x", "y", "z")
NO_CLIP = (-np.inf, np.inf)


@dataclass(frozen=True)
class Diagnosis:
    """Result of comparing golden vectors with what the contract makes of them.

    Attributes:
        difference: Largest difference of one element.
        causes: What explains it; empty where nothing differs or nothing explains it.
        unexplained: Terms that no hypothesis explains.
    """

    difference: float
    causes: tuple[Cause, ...] = ()
    unexplained: tuple[str, ...] = ()


def agrees(built: FloatArray, wanted: FloatArray, tolerance: float) -> bool:
    """Whether two arrays are equal up to rounding, relative to 1 + magnitude."""
    return bool(np.all(np.abs(built - wanted) <= tolerance * (1.0 + np.abs(wanted))))


def diagnose_observation(contract: PolicyContract, golden: GoldenVectors) -> Diagnosis:
    """Compare the observations; on a difference, find what explains it."""
    built = ObservationBuilder(contract, golden.joint_names).observe(golden.inputs)
    difference = float(np.abs(built - golden.observation).max())
    if agrees(built, golden.observation, OBSERVATION_TOLERANCE):
        return Diagnosis(difference)
    order = explain_term_order(contract, golden, OBSERVATION_TOLERANCE)
    if order is not None:
        return Diagnosis(difference, (order,))
    best: Diagnosis | None = None
    for layout, causes in _layouts(contract):
        found, unexplained = _explain_terms(layout, golden)
        candidate = Diagnosis(difference, (*causes, *found), tuple(unexplained))
        if best is None or _weight(candidate) < _weight(best):
            best = candidate
    return best


def _weight(diagnosis: Diagnosis) -> tuple[int, int]:
    return len(diagnosis.unexplained), len(diagnosis.causes)


def _layouts(contract: PolicyContract) -> Iterator[tuple[PolicyContract, list[Cause]]]:
    """The contract and its variants with another order of history or stacking."""
    yield contract, []
    if contract.depth == 1:
        return
    histories = {term.history for term in contract.terms}
    stackings = STACKINGS if len(histories) == 1 else (contract.stacking,)
    for stacking in stackings:
        for order in HISTORY_ORDERS:
            causes = []
            if order != contract.history_order:
                reason = f"the history is {order} in the golden vectors, the contract says "
                reason += contract.history_order
                details = {"contract": contract.history_order, "golden": order}
                causes.append(Cause("history_order", "history", reason, details))
            if stacking != contract.stacking:
                reason = f"the history is stacked by {stacking} in the golden vectors, the"
                reason += f" contract says by {contract.stacking}"
                details = {"contract": contract.stacking, "golden": stacking}
                causes.append(Cause("stacking", "history", reason, details))
            if causes:
                yield replace(contract, history_order=order, stacking=stacking), causes


def _explain_terms(
    contract: PolicyContract, golden: GoldenVectors
) -> tuple[list[Cause], list[str]]:
    builder = ObservationBuilder(contract, golden.joint_names)
    built = builder.observe(golden.inputs)
    places = _places(builder)
    causes, unexplained = [], []
    for term in contract.terms:
        wanted = golden.observation[:, places[term.name]]
        if agrees(built[:, places[term.name]], wanted, OBSERVATION_TOLERANCE):
            continue
        found = _TermExplainer(contract, term, golden, wanted).explain()
        if found is None:
            unexplained.append(term.name)
        else:
            causes += found
    return causes, unexplained


def _places(builder: ObservationBuilder) -> dict[str, np.ndarray]:
    """Where each term's history lies in the observation, oldest first, shape (history, width)."""
    contract, places = builder.contract, {}
    for term in contract.terms:
        span = builder.spans[term.name]
        steps = np.arange(contract.depth - term.history, contract.depth)
        flat = steps[:, None] * builder.frame_size + np.arange(span.start, span.stop)
        where = {int(place): at for at, place in enumerate(builder.gather)}
        places[term.name] = np.vectorize(where.__getitem__)(flat)
    return places


class _TermExplainer:
    """Tries one term's hypotheses on its golden values, shape (K, history, width)."""

    def __init__(
        self,
        contract: PolicyContract,
        term: ObservationTerm,
        golden: GoldenVectors,
        wanted: Float32Array,
    ) -> None:
        self._contract, self._term, self._golden, self._wanted = contract, term, golden, wanted
        steps = golden.inputs.elapsed_s.shape[1]
        self._recent = PolicyInputs(
            *(v[:, steps - term.history :] for v in vars(golden.inputs).values())
        )

    def explain(self) -> list[Cause] | None:
        """Causes that explain all of it, or None."""
        return self._explain_reading() or self._explain_columns() or self._explain_clip()

    def _build(self, contract: PolicyContract, inputs: PolicyInputs) -> Float32Array:
        builder = ObservationBuilder(contract, self._golden.joint_names)
        return builder.frame(inputs)[..., builder.spans[self._term.name]]

    def _meets(self, contract: PolicyContract, inputs: PolicyInputs) -> bool:
        return agrees(self._build(contract, inputs), self._wanted, OBSERVATION_TOLERANCE)

    def _explain_reading(self) -> list[Cause] | None:
        """Other ways to read an orientation."""
        if self._term.kind not in ("gravity", "orientation"):
            return None
        for contract, frame, flipped in self._readings():
            for inputs, misread in ((self._recent, False), (reread_quaternion(self._recent), True)):
                inputs = _inverted(inputs) if frame else inputs
                if self._meets(contract, inputs):
                    return self._name_reading(misread, frame, flipped)
        return None

    def _readings(self) -> Iterator[tuple[PolicyContract, bool, bool]]:
        contract = self._contract
        if self._term.kind == "gravity":
            other = replace(contract, gravity="up" if contract.gravity == "down" else "down")
        else:
            at = QUATERNIONS.index(contract.quaternion)
            other = replace(contract, quaternion=QUATERNIONS[1 - at])
        for frame in (False, True):
            yield contract, frame, False
            yield other, frame, True

    def _name_reading(self, misread: bool, frame: bool, flipped: bool) -> list[Cause]:
        where, causes = self._term.name, []
        gravity = self._term.kind == "gravity"
        if flipped and gravity:
            was = self._contract.gravity
            reason = f"gravity points the other way in the golden vectors, the contract says {was}"
            causes.append(Cause("gravity_sign", where, reason, {"contract": was}))
        elif flipped:
            was = self._contract.quaternion
            reason = f"the quaternion has the other order, the contract says {was}"
            causes.append(Cause("quaternion_order", where, reason, {"contract": was}))
        if misread:
            reason = "the training code read (w, x, y, z) quaternions as (x, y, z, w)"
            causes.append(Cause("quaternion_order", where, reason, {"read_as": "xyzw"}))
        if frame:
            reason = "the golden vectors turn from base to world where the contract turns back:"
            reason += " the rotation is inverted"
            causes.append(Cause("frame", where, reason, {"rotation": "inverted"}))
        return causes

    def _explain_columns(self) -> list[Cause] | None:
        source, expected, subject = self._sources()
        wanted = self._wanted.reshape(-1, self._wanted.shape[-1]).astype(float)
        lines = match_columns(source, wanted, expected, OBSERVATION_TOLERANCE)
        if lines is None:
            return None
        return name_causes(lines, expected, subject) or None

    def _sources(self) -> tuple[FloatArray, Expected, Subject]:
        term, contract, golden = self._term, self._contract, self._golden
        width = contract.width(term)
        scale = np.broadcast_to(np.asarray(term.scale), (width,))
        if term.kind in JOINT_KINDS:
            values = joint_values(term.kind, self._recent)
            sources = golden.joint_names
            index = np.array([sources.index(joint) for joint in term.joints])
            elements = term.joints
        else:
            values = base_values(term.kind, self._recent, contract)
            index = np.arange(width)
            sources = _element_names(term, contract)
            elements = sources
        shift, positions = np.zeros(values.shape[-1]), term.kind in POSITION_KINDS
        if positions:
            shift[:] = [contract.default_pose_rad.get(name, 0.0) for name in sources]
        expected = Expected(index, scale, shift, np.zeros(width), term.clip or NO_CLIP)
        subject = Subject(term.name, term.kind in ANGULAR_KINDS, elements, sources, positions)
        return values.reshape(-1, values.shape[-1]).astype(float), expected, subject

    def _explain_clip(self) -> list[Cause] | None:
        term = self._term
        if self._contract.observation_clip is not None or len(set(term.scale)) > 1:
            return None
        bounds = sorted(float(v) / term.scale[0] for v in (self._wanted.min(), self._wanted.max()))
        most = max(abs(v) for v in bounds)
        for clip in (None, (-most, most), tuple(bounds)):
            changed = replace(term, clip=clip)
            terms = tuple(changed if t.name == term.name else t for t in self._contract.terms)
            if self._meets(replace(self._contract, terms=terms), self._recent):
                words = "are not clipped" if clip is None else f"are clipped to {_shown(clip)}"
                reason = f"the golden vectors {words}, the contract clips to {_shown(term.clip)}"
                details = {"contract": term.clip, "golden": clip}
                return [Cause("clip", term.name, reason, details)]
        return None


def _inverted(inputs: PolicyInputs) -> PolicyInputs:
    return replace(inputs, quat_wxyz=inputs.quat_wxyz * np.array([1.0, -1.0, -1.0, -1.0]))


def _element_names(term: ObservationTerm, contract: PolicyContract) -> tuple[str, ...]:
    if term.kind == "last_action":
        return contract.action.joints
    if term.kind == "velocity_command":
        return "forward", "left", "turn"
    if term.kind == "orientation":
        return tuple(contract.quaternion)
    if term.kind == "gait_plan":
        return tuple(f"place {i}" for i in range(GAIT_PLAN))
    return {"gait_phase": ("sin", "cos"), "foot_force": ("left", "right")}.get(term.kind, AXES)


def _shown(clip: tuple[float, float] | None) -> str:
    return "nothing" if clip is None else f"[{clip[0]:.6g}, {clip[1]:.6g}]"
