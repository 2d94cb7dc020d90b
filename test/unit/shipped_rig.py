# SPDX-License-Identifier: Apache-2.0
"""The shipped policies, signed copies of them with other networks, and where both are opened."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from bundle_rig import signing_key, states_of
from onnx import helper, numpy_helper
from pd_world import DATA_ROOT, profile_of, urdf_of

from neuraxis_common.policies import SHIPPED
from neuraxis_field.bundles import make_golden, pack_members, sign_bundle
from small_brain_node.bundle.archive import CONTRACT, GOLDEN, NETWORK, unpack
from small_brain_node.bundle.contract import PolicyContract
from small_brain_node.bundle.contract_json import read_contract, write_contract
from small_brain_node.bundle.golden import read_golden, write_golden
from small_brain_node.bundle.signing import public_pem
from small_brain_node.config import PolicyConfig
from small_brain_node.observation import ObservationBuilder
from small_brain_node.policy_source import KEYS_FOLDER, PolicySource

# Asked for exactly this velocity, a sleeper wakes up; no golden vector holds it.
WAKE_UP = np.array([0.25, 0.0, 0.0])
# Changes a network in place.
Change = Callable[[onnx.ModelProto, PolicyContract], None]


def shipped_path(robot: str) -> Path:
    return DATA_ROOT / "models" / "policies" / f"{robot}_walk.nxpolicy"


def both_keys(folder: Path) -> Path:
    """A new folder of trusted keys: those that are shipped and the tests' own."""
    shutil.copytree(DATA_ROOT / KEYS_FOLDER, folder)
    (folder / "test.pub").write_bytes(public_pem(signing_key().public_key()))
    return folder


def source_of(robot: str, named: str = SHIPPED, keys: Path | str = "", **changes) -> PolicySource:
    """Opens bundles of a robot and makes its runner, as the small brain's node does."""
    config = PolicyConfig(bundle_path=named, trusted_keys=str(keys), **changes)
    return PolicySource(profile_of(robot), urdf_of(robot), config, DATA_ROOT)


def relative_of(robot: str, name: str, change: Change) -> bytes:
    """A signed copy of the shipped policy with another network, and golden vectors of that."""
    members = dict(unpack(shipped_path(robot).read_bytes()).members)
    contract = replace(read_contract(members[CONTRACT]), name=name)
    model = onnx.load_from_string(members[NETWORK])
    change(model, contract)
    members[CONTRACT], members[NETWORK] = write_contract(contract), model.SerializeToString()
    golden = read_golden(members[GOLDEN])
    golden = make_golden(contract, golden.joint_names, golden.inputs, members[NETWORK])
    members[GOLDEN] = write_golden(golden)
    return sign_bundle(pack_members(members), signing_key())


def disturbed(model: onnx.ModelProto, _contract: PolicyContract) -> None:
    """Weights that are a per cent off."""
    rng = np.random.default_rng(0)
    _last_layer(model, lambda row: row * rng.normal(1.0, 0.01, row.shape))


def negated(model: onnx.ModelProto, _contract: PolicyContract) -> None:
    """Each joint goes the other way."""
    _last_layer(model, np.negative)


def permuted(model: onnx.ModelProto, _contract: PolicyContract) -> None:
    """Each joint gets what is meant for the one before it."""
    _last_layer(model, lambda row: np.roll(row, 1, axis=-1))


def _last_layer(model: onnx.ModelProto, change: Callable[[np.ndarray], np.ndarray]) -> None:
    rows = {row.name: row for row in model.graph.initializer}
    last = max(int(name[1:]) for name in rows if name.startswith("w"))
    for name in (f"w{last}", f"b{last}"):
        values = change(numpy_helper.to_array(rows[name])).astype(np.float32)
        rows[name].CopyFrom(numpy_helper.from_array(values, name))


# Deviation of a mad network's output, in its units.
NOISE = {"noise": 5.0, "less noise": 1.0, "little noise": 0.6}


def sleeper(rubbish: str) -> Change:
    """Sound until `WAKE_UP` is asked for; from then on `nan`, `constant` or a kind of `NOISE`."""

    def change(model: onnx.ModelProto, contract: PolicyContract) -> None:
        graph, out = model.graph, contract.output_name
        graph.node[-1].output[0] = "sound"
        at, wake_up = _observed_speed(contract)
        rows = {"at": np.array([at]), "wake_up": np.float32([[wake_up]])}
        rows["value"] = np.float32(np.nan if rubbish == "nan" else 0.3)
        graph.initializer.extend(numpy_helper.from_array(row, name) for name, row in rows.items())
        deviation = NOISE.get(rubbish, 0.0)
        noise = helper.make_node(
            "RandomNormalLike", ["sound"], ["noise"], scale=deviation, seed=1.0
        )
        graph.node.extend([
            helper.make_node("Gather", [contract.input_name, "at"], ["speed"], axis=1),
            helper.make_node("Equal", ["speed", "wake_up"], ["awake"]),
            *([noise] if deviation else []),
            helper.make_node(
                "Where", ["awake", "noise" if deviation else "value", "sound"], [out]
            ),
        ])  # fmt: skip

    return change


def _observed_speed(contract: PolicyContract) -> tuple[int, float]:
    """Where the forward speed that is asked for stands in an observation, and `WAKE_UP` there."""
    builder = ObservationBuilder(contract, profile_of(contract.robot).joint_names)
    states = states_of(contract, count=1)
    seen = [
        builder.observe(replace(states, velocity_command=states.velocity_command * 0.0 + wish))[0]
        for wish in (np.zeros(3), WAKE_UP)
    ]
    (at,) = np.flatnonzero(seen[0] != seen[1])
    return int(at), float(seen[1][at])
