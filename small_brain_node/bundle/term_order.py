# SPDX-License-Identifier: Apache-2.0
"""Whether golden observations hold the contract's terms in another order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from small_brain_node.bundle.causes import Cause
from small_brain_node.bundle.contract import ObservationTerm, PolicyContract
from small_brain_node.bundle.golden import GoldenVectors
from small_brain_node.observation import Float32Array, ObservationBuilder


def explain_term_order(
    contract: PolicyContract, golden: GoldenVectors, tolerance: float
) -> Cause | None:
    """The order of terms under which the golden observations come out, None where there is none."""
    depth = contract.depth if contract.stacking == "frame" else 1
    width = contract.size // depth
    wanted = golden.observation[:, :width]
    blocks = {
        term.name: _block(contract, term, golden, whole=contract.stacking == "term")
        for term in contract.terms
    }
    order = _tile(wanted, blocks, tolerance)
    names = tuple(term.name for term in contract.terms)
    if order is None or order == names:
        return None
    by_name = {term.name: term for term in contract.terms}
    reordered = replace(contract, terms=tuple(by_name[name] for name in order))
    built = ObservationBuilder(reordered, golden.joint_names).observe(golden.inputs)
    if np.any(np.abs(built - golden.observation) > tolerance * (1 + np.abs(golden.observation))):
        return None
    reason = f"the terms follow each other in another order: {', '.join(order)} in the golden"
    reason += f" vectors, {', '.join(names)} in the contract"
    details = {"contract": list(names), "golden": list(order)}
    return Cause("term_order", "observation", reason, details)


def _block(
    contract: PolicyContract, term: ObservationTerm, golden: GoldenVectors, whole: bool
) -> Float32Array:
    """A term's own observation, all of its history or the first step of it."""
    alone = replace(contract, terms=(term,))
    values = ObservationBuilder(alone, golden.joint_names).observe(golden.inputs)
    return values if whole else values[:, : contract.width(term)]


def _tile(
    wanted: Float32Array, blocks: dict[str, Float32Array], tolerance: float
) -> tuple[str, ...] | None:
    """Names of blocks that fill the wanted columns side by side, each used once."""
    if not blocks:
        return ()
    for name, block in blocks.items():
        width = block.shape[1]
        head = wanted[:, :width]
        if head.shape != block.shape or np.any(
            np.abs(block - head) > tolerance * (1.0 + np.abs(head))
        ):
            continue
        others = {key: value for key, value in blocks.items() if key != name}
        rest = _tile(wanted[:, width:], others, tolerance)
        if rest is not None:
            return (name, *rest)
    return None
