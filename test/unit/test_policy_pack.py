# SPDX-License-Identifier: Apache-2.0
"""From the ONNX file of another trainer to a signed bundle that the loader opens."""

from __future__ import annotations

import importlib.util
import json
import sys
import warnings
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import onnx
import pytest
import torch
import yaml
from bundle_rig import body_joints, make_contract
from pd_world import profile_of, urdf_of

from neuraxis_cli.__main__ import main
from neuraxis_common.robot import joint_limits
from small_brain_node.action_map import ActionMap
from small_brain_node.bundle.contract_json import write_contract
from small_brain_node.bundle.loader import Bundle, load_bundle
from small_brain_node.bundle.signing import read_trusted_keys
from small_brain_node.observation import ObservationBuilder, PolicyInputs

ROOT = Path(__file__).resolve().parents[2]
ROBOT = "lingxi_x2"
HISTORY, ROBOTS, STEPS, EPISODE = 3, 4, 60, 15
TERMS = ("base_lin_vel", "base_ang_vel", "projected_gravity", "velocity_commands",
         "joint_pos", "joint_vel", "actions")  # fmt: skip
SCALE = (2.0, 0.25, 1.0, 1.0, 1.0, 0.05, 1.0)
RANGES = [[-0.3, 1.0], [-0.3, 0.3], [-0.6, 0.6]]


def tool():
    """`tools/policy_recording.py`, as somebody has it who copied it."""
    spec = importlib.util.spec_from_file_location("recording", ROOT / "tools/policy_recording.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def breadth_first() -> list[str]:
    """The body's joints as Isaac Lab orders them: all of one depth before the next."""
    below: dict[str, list[tuple[str, str]]] = {}
    for joint in ElementTree.fromstring(urdf_of(ROBOT)).findall("joint"):
        child = joint.find("child").get("link")
        below.setdefault(joint.find("parent").get("link"), []).append((joint.get("name"), child))
    level, order = [next(link for link in below if not _is_child(link, below))], []
    while level:
        edges = [edge for link in level for edge in below.get(link, [])]
        order += [name for name, _ in edges if name in body_joints()]
        level = [child for _, child in edges]
    return order


def _is_child(link: str, below) -> bool:
    return any(link == child for edges in below.values() for _, child in edges)


class Trainer:
    """Code of its own, in float32, in its own order: what another framework does with a state."""

    def __init__(self, joints: list[str]) -> None:
        profile, rng = profile_of(ROBOT), np.random.default_rng(5)
        self.joints, m = joints, len(joints)
        self.pose = torch.tensor([profile.ready_pose_rad[name] for name in joints])
        self.scale = torch.tensor(rng.uniform(0.2, 0.6, m), dtype=torch.float32)
        self.kp, self.kd = ([getattr(profile, k)[name] for name in joints] for k in ("kp", "kd"))
        size = HISTORY * (12 + 3 * m)
        torch.manual_seed(0)
        self.network = torch.nn.Sequential(
            Normaliser(size), torch.nn.Linear(size, 32), torch.nn.ELU(), torch.nn.Linear(32, m)
        )

    def frame(self, state, last) -> list[torch.Tensor]:
        w, v = state["quat_wxyz"][:, :1], state["quat_wxyz"][:, 1:]
        down = torch.tensor([0.0, 0.0, -1.0]).expand(len(w), 3)
        gravity = down * (2 * w**2 - 1) - 2 * w * torch.linalg.cross(v, down)
        gravity = gravity + 2 * v * (v * down).sum(-1, keepdim=True)
        return [
            2.0 * state["linear_velocity_B_m_s"], 0.25 * state["gyro_B_rad_s"], gravity,
            state["velocity_command"], state["pos_rad"] - self.pose,
            0.05 * state["vel_rad_s"].clamp(-3.0, 3.0), last,
        ]  # fmt: skip

    def target(self, action) -> torch.Tensor:
        return self.pose + self.scale * action.clamp(-0.5, 0.5)

    def states(self, rng) -> dict[str, torch.Tensor]:
        n, axis = len(self.joints), rng.normal(size=(ROBOTS, 3)) * 0.2
        rows = {
            "pos_rad": self.pose.numpy() + rng.normal(0.0, 0.2, (ROBOTS, n)),
            "vel_rad_s": rng.normal(0.0, 2.0, (ROBOTS, n)),
            "quat_wxyz": np.c_[np.sqrt(1.0 - (np.tanh(axis) ** 2).sum(-1)), np.tanh(axis)],
            "gyro_B_rad_s": rng.normal(0.0, 0.5, (ROBOTS, 3)),
            "linear_velocity_B_m_s": rng.normal(0.0, 0.4, (ROBOTS, 3)),
            "velocity_command": rng.uniform(*np.array(RANGES).T, (ROBOTS, 3)),
        }
        return {name: torch.tensor(row, dtype=torch.float32) for name, row in rows.items()}

    @torch.no_grad()
    def play(self, path: Path) -> None:
        """Record some episodes; the last step's targets are already those of the next one."""
        recording, rng = tool().PolicyRecording(self.joints, self.joints), np.random.default_rng(1)
        nothing = last = torch.zeros(ROBOTS, len(self.joints))
        frames: list[list[torch.Tensor]] = []
        for t in range(STEPS):
            state, first = self.states(rng), t % EPISODE == 0
            frame = self.frame(state, nothing if first else last)
            frames = [frame] * HISTORY if first else [*frames[1:], frame]
            seen = torch.cat([torch.cat(term, -1) for term in zip(*frames, strict=True)], -1)
            recording.saw(first=np.full(ROBOTS, first), observation=seen, **state)
            action = self.network(seen)
            last = action.clamp(-0.5, 0.5)
            reset = t % EPISODE == EPISODE - 1
            recording.did(action=action, target_rad=self.target(action * (not reset)))
        recording.save(path)

    def export(self, path: Path) -> None:
        """As `export_policy_as_onnx` of rsl_rl does: names, opset, normaliser inside."""
        size = self.network[1].in_features
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                self.network, torch.zeros(1, size), str(path), opset_version=11, dynamo=False,
                input_names=["obs"], output_names=["actions"], dynamic_axes={},
            )  # fmt: skip

    def facts(self) -> dict[str, list]:
        """What the environment says, unrounded."""
        return {
            "joint_names": self.joints,
            "joint_stiffness": self.kp,
            "joint_damping": self.kd,
            "default_joint_pos": self.pose.double().tolist(),
            "action_scale": self.scale.double().tolist(),
            "observation_names": list(TERMS),
            "observation_terms_scale": list(SCALE),
            "observation_terms_clip": [
                [-3.0, 3.0] if name == "joint_vel" else [-np.inf, np.inf] for name in TERMS
            ],
            "observation_terms_history_length": [HISTORY] * len(TERMS),
        }


class Normaliser(torch.nn.Module):
    """rsl_rl's empirical one."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.linspace(-0.1, 0.1, size))
        self.register_buffer("std", torch.linspace(0.5, 1.5, size))

    def forward(self, x):
        return (x - self.mean) / (self.std + 1e-2)


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """`neuraxis bundle`, with a key; returns exit code, standard output and standard error."""

    def go(*arguments):
        monkeypatch.setattr(sys, "argv", ["neuraxis", "bundle", *map(str, arguments)])
        try:
            code = main()
        except SystemExit as end:
            code = end.code
        out, error = capsys.readouterr()
        return code or 0, out, error

    go("keygen", tmp_path / "key")
    return go


def completed(text: str) -> dict:
    """A draft with what no exporter writes."""
    data = json.loads(text)
    data["command_ranges"] = RANGES
    data["action"]["clip"] = [-0.5, 0.5]
    return data


def drafted(run, folder: Path, *options) -> dict:
    code, out, error = run("draft", folder / "policy.onnx", "--dt", "0.02", *options)
    assert code == 0, error
    return completed(out)


@pytest.fixture
def isaac(run, tmp_path):
    """Network, facts and recording of a trainer with Isaac Lab's order."""
    trainer = Trainer(breadth_first())
    assert trainer.joints != list(body_joints())
    trainer.export(tmp_path / "policy.onnx")
    trainer.play(tmp_path / "recording.npz")
    (tmp_path / "facts.yaml").write_text(yaml.safe_dump(trainer.facts()))
    return trainer


def imported(run, folder: Path, contract: dict, *options):
    (folder / "contract.yaml").write_text(yaml.safe_dump(contract))
    recorded = options or ("--recording", folder / "recording.npz")
    files = (folder / "policy.onnx", folder / "contract.yaml")
    return run("import", *files, "--key", folder / "key", *recorded)


def opened(folder: Path) -> Bundle:
    limits = joint_limits(urdf_of(ROBOT))
    data = (folder / "policy.nxpolicy").read_bytes()
    bundle = load_bundle(data, profile_of(ROBOT), limits, read_trusted_keys(folder))
    assert isinstance(bundle, Bundle), bundle
    return bundle


def test_a_policy_of_rsl_rl_in_isaac_labs_order_moves_the_same_joints_here(run, isaac, tmp_path):
    contract = drafted(run, tmp_path, "--facts", tmp_path / "facts.yaml")
    assert imported(run, tmp_path, contract)[0] == 0
    assert run("verify", tmp_path / "policy.nxpolicy", "--keys", tmp_path)[0] == 0
    bundle, names = opened(tmp_path), profile_of(ROBOT).joint_names
    state = isaac.states(np.random.default_rng(9))
    last = torch.zeros(ROBOTS, len(isaac.joints))
    frames = isaac.frame(state, last)
    with torch.no_grad():
        seen = torch.cat([term for term in frames for _ in range(HISTORY)], -1)
        theirs = isaac.target(isaac.network(seen)).numpy()
    at = [isaac.joints.index(name) if name in isaac.joints else -1 for name in names]
    rows = {name: value.numpy().astype(float) for name, value in state.items()}
    rows |= {k: np.pad(rows[k], [(0, 0), (0, 1)])[:, at] for k in ("pos_rad", "vel_rad_s")}
    for i in range(ROBOTS):
        inputs = PolicyInputs(
            **{name: row[i][None] for name, row in rows.items()},
            upper_pos_rad=np.zeros((1, len(names))), foot_force_N=np.zeros((1, 2)),
            last_action=last[i].numpy()[None], gait_plan=np.zeros((1, 28)), elapsed_s=np.zeros(1),
        )  # fmt: skip
        observed = ObservationBuilder(bundle.contract, names).observe(inputs)
        mapping = ActionMap(bundle.contract, names)
        ours = mapping.target(mapping.clipped(bundle.network.infer(observed)))
        sent = dict(zip((names[j] for j in mapping.index), ours, strict=True))
        assert [sent[name] for name in isaac.joints] == pytest.approx(theirs[i], abs=1e-4)


def test_a_contract_in_another_order_than_the_trainers_is_refused(run, isaac, tmp_path):
    contract = drafted(run, tmp_path, "--facts", tmp_path / "facts.yaml")
    for term in contract["terms"]:
        term["joints"] = list(body_joints()) if term["joints"] else []
    code, _, error = imported(run, tmp_path, contract)
    assert code == 2
    assert "joint_pos: " in error and "in another order" in error
    assert not (tmp_path / "policy.nxpolicy").exists()


def test_a_policy_of_mjlab_is_drafted_from_its_metadata_and_its_rounding_is_found(run, tmp_path):
    trainer = Trainer(list(body_joints()))
    trainer.export(tmp_path / "policy.onnx")
    trainer.play(tmp_path / "recording.npz")
    facts = trainer.facts() | {"run_path": "velocity/x2", "command_names": ["twist"]}
    facts["observation_terms_flatten_history_dim"] = [True] * len(TERMS)
    model = onnx.load(tmp_path / "policy.onnx")
    onnx.helper.set_model_props(model, {name: mjlab_text(value) for name, value in facts.items()})
    onnx.save(model, tmp_path / "policy.onnx")
    code, _, error = imported(run, tmp_path, drafted(run, tmp_path))
    assert (code == 2 and "three decimals" in error) or "rounded" in error
    exact = {name: trainer.facts()[name] for name in ("action_scale", "default_joint_pos")}
    (tmp_path / "exact.yaml").write_text(yaml.safe_dump(exact))
    contract = drafted(run, tmp_path, "--facts", tmp_path / "exact.yaml")
    assert imported(run, tmp_path, contract)[0] == 0
    assert opened(tmp_path).contract.name == "velocity/x2"
    assert opened(tmp_path).contract.depth == HISTORY


def mjlab_text(value) -> str:
    """As `list_to_csv_str` of mjlab's exporter: three decimals, lists within by semicolons."""
    if not isinstance(value, list):
        return str(value)
    inner = (";".join(f"{x:.3f}" for x in v) if isinstance(v, list) else v for v in value)
    return ",".join(f"{v:.3f}" if isinstance(v, int | float) else v for v in inner)


def test_the_card_says_what_the_contract_was_compared_with(run, isaac, tmp_path):
    contract = drafted(run, tmp_path, "--facts", tmp_path / "facts.yaml")
    code, _, error = imported(run, tmp_path, contract, "--unproven")
    assert code == 0 and "nothing proves" in error
    assert "not proven" in opened(tmp_path).card.more["golden_vectors"]
    imported(run, tmp_path, contract)
    assert opened(tmp_path).card.more["golden_vectors"] == "recorded"


def test_without_a_recording_somebody_must_say_so(run, isaac, tmp_path):
    contract = drafted(run, tmp_path, "--facts", tmp_path / "facts.yaml")
    code, _, error = imported(run, tmp_path, contract, "--seed", "1")
    assert code == 2 and "--unproven" in error


@pytest.mark.parametrize("what", ["network", "contract", "recording"])
def test_a_file_that_is_not_there_is_named(run, tmp_path, what) -> None:
    names = {"network": "p.onnx", "contract": "c.json", "recording": "r.npz"}
    contract = write_contract(make_contract())
    for name in names.values():
        (tmp_path / name).write_bytes(contract)
    (tmp_path / names[what]).unlink()
    network, text, recording = (tmp_path / name for name in names.values())
    words = ("--recording", recording, "--key", tmp_path / "key")
    code, _, error = run("import", network, text, *words)
    assert code == 2 and f"{what} '{tmp_path / names[what]}' is not readable" in error


def test_a_recording_that_lacks_something_is_refused_by_its_name(run, isaac, tmp_path):
    contract = drafted(run, tmp_path, "--facts", tmp_path / "facts.yaml")
    with np.load(tmp_path / "recording.npz") as data:
        arrays = {name: data[name] for name in data.files}
    for spoilt, named in (
        ({"target_rad": None}, "lacks target_rad"),
        ({"quat_wxyz": arrays["quat_wxyz"][..., :3]}, "'quat_wxyz' has shape"),
        ({"first": np.ones((STEPS, ROBOTS), bool)}, "0 steps with a history of 3"),
        ({"joint_names": np.array(["wing"] * len(isaac.joints))}, "joint 'wing'"),
    ):
        rows = {name: row for name, row in (arrays | spoilt).items() if row is not None}
        np.savez(tmp_path / "spoilt.npz", **rows)
        spoilt_file = ("--recording", tmp_path / "spoilt.npz")
        code, _, error = imported(run, tmp_path, contract, *spoilt_file)
        assert code == 2 and named in error, error
