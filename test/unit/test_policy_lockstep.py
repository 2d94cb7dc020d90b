# SPDX-License-Identifier: Apache-2.0
"""A bundle moves the simulated robot, and robot, replay and training see the same observation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from bundle_rig import (
    ROBOT,
    card_of,
    load,
    make_contract,
    mlp_network,
    signed_bundle,
    standing_policy,
    states_of,
)
from pd_world import DATA_ROOT, profile_of, row, smooth_path, urdf_of
from spoilt_rig import Ear

pytest.importorskip("neuraxis_spinal", reason="the spinal cord's Python module is not built")

from neuraxis_common.robot import joint_limits
from neuraxis_field.bundles import Recorder, make_statistics
from neuraxis_sim.lockstep import LockstepWorld
from small_brain_node.body_model import BodyModel
from small_brain_node.bundle.contract import GAIT_PLAN
from small_brain_node.bundle.loader import Bundle
from small_brain_node.config import PolicyConfig
from small_brain_node.lowering.controller import LoweringController
from small_brain_node.observation import (
    INPUT_FIELDS,
    ObservationBuilder,
    ObservationHistory,
    PolicyInputs,
    stack_inputs,
)
from small_brain_node.onnx_policy import OnnxPolicy, inputs_of
from small_brain_node.runner import PolicyRunner
from small_brain_node.standing import StandingController

PROFILE = profile_of(ROBOT)
LIMITS = joint_limits(urdf_of(ROBOT))


def world_of(policy=None, seed: int = 3, **options) -> LockstepWorld:
    return LockstepWorld(
        PROFILE, DATA_ROOT, None, seed, with_camera=False, urdf_xml=urdf_of(ROBOT), policy=policy,
        **options,
    )  # fmt: skip


def body() -> BodyModel:
    return BodyModel(PROFILE, urdf_of(ROBOT))


def classical() -> StandingController:
    return StandingController(PROFILE, body())


def standing_bundle() -> Bundle:
    outcome = load(standing_policy())
    assert isinstance(outcome, Bundle), outcome
    return outcome


def runner_of(bundle: Bundle | None, **changes) -> PolicyRunner:
    config = PolicyConfig(**changes)
    return PolicyRunner(PROFILE, LIMITS, body(), classical(), config, 100.0, bundle)


def shake(world: LockstepWorld, seconds: float) -> None:
    names = PROFILE.groups["left_arm"]
    index = [PROFILE.joint_names.index(name) for name in names]
    start = world.state.joints.pos_rad[index]
    assert world.brain.follow(world.now_s, smooth_path(names, start, start + 0.2, 0.5)) is None
    world.push(np.array([40.0, 0.0, 0.0]), 0.1)
    world.advance(seconds)


def test_a_bundle_stands_in_the_simulator_under_the_spinal_cord() -> None:
    runner = runner_of(standing_bundle())
    world = world_of(runner)
    before = world.qpos()[world.robot.base_qpos_adr : world.robot.base_qpos_adr + 7].copy()
    world.advance(1.0)
    after = world.qpos()[world.robot.base_qpos_adr : world.robot.base_qpos_adr + 7]
    raw = world.loop.state()
    assert runner.in_charge == "tiny walker", runner.take_notes()
    assert raw["stop_level"] == "run"
    assert raw["counters"]["commands_rejected"] == 0, raw["last_rejection"]
    assert world.brain.fault is None
    assert abs(after[2] - before[2]) < 0.02
    legs = [PROFILE.joint_names.index(name) for name in PROFILE.groups["left_leg"]]
    ready = row(PROFILE, PROFILE.ready_pose_rad)
    np.testing.assert_allclose(world.state.joints.pos_rad[legs], ready[legs], atol=0.06)


def test_an_arm_held_out_under_a_bundle_does_not_sag() -> None:
    world = world_of(runner_of(standing_bundle()))
    world.advance(0.3)
    names = PROFILE.groups["left_arm"]
    index = [PROFILE.joint_names.index(name) for name in names]
    start = world.state.joints.pos_rad[index]
    goal = start + np.eye(len(names))[0] * -0.6
    assert world.brain.follow(world.now_s, smooth_path(names, start, goal, 1.0)) is None
    world.advance(2.0)
    at = world.qpos()[world.robot.joint_qpos_adr[index]]
    np.testing.assert_allclose(at, goal, atol=0.005)


def test_a_swap_while_the_simulated_robot_stands() -> None:
    runner = runner_of(None, shadow_s=0.3, blend_s=0.2)
    world = world_of(runner)
    world.advance(0.5)
    assert runner.offer(world.now_s, standing_bundle()) is None
    world.advance(1.0)
    assert (runner.in_charge, runner.swap) == ("tiny walker", "done"), runner.take_notes()
    raw = world.loop.state()
    assert raw["stop_level"] == "run"
    assert raw["counters"]["commands_rejected"] == 0, raw["last_rejection"]


class Spoiled:
    """A network that answers rubbish from some inference on; before it, what it always answers."""

    def __init__(self, network, after: int, rubbish) -> None:
        self.network, self.after, self.rubbish, self.asked = network, after, rubbish, 0

    def infer(self, observation):
        self.asked += 1
        good = self.network.infer(observation)
        return good if self.asked <= self.after else self.rubbish(good)


@pytest.mark.parametrize("kind", ["nan", "constant", "noise"])
def test_rubbish_is_caught_and_the_simulated_robot_stands_on(kind) -> None:
    rng = np.random.default_rng(0)
    rubbish = {
        "nan": lambda good: good * np.nan,
        "constant": lambda good: np.full_like(good, 0.3),
        "noise": lambda good: rng.normal(0.0, 5.0, good.shape).astype(np.float32),
    }[kind]
    bundle = standing_bundle()
    broken = Spoiled(bundle.network, 25, rubbish)
    runner = runner_of(replace(bundle, network=broken))
    world = world_of(runner)
    world.loop = Ear(world)
    world.advance(0.5)
    assert runner.in_charge == "tiny walker"
    assert broken.asked == 25
    sound = world.loop.heard[-1][1][0]
    world.advance(0.02)
    # Within 20 ms: still in run, on what the gate let through and a joint can reach.
    for _, rows in world.loop.heard[-2:]:
        assert np.abs(rows[0] - sound).max() < (0.15 if kind == "constant" else 0.01)
    raw = world.loop.state()
    assert (raw["stop_level"], raw["bridging"]) == ("run", False)
    while runner.in_charge == "tiny walker":
        world.advance(0.01)
    caught_s = (broken.asked - 25) * bundle.contract.dt_s
    assert caught_s <= (0.02 if kind == "nan" else 0.2) + 1e-9
    world.advance(2.0)
    raw = world.loop.state()
    assert raw["stop_level"] == "run", raw["stop_cause"]
    assert raw["counters"]["commands_rejected"] == 0, raw["last_rejection"]
    assert world.qpos()[world.robot.base_qpos_adr + 2] > 0.6


def test_where_no_controller_is_left_the_robot_is_lowered_and_then_the_stop_ladder_acts() -> None:
    class Dying(StandingController):
        def act(self, observation):
            command = super().act(observation)
            return command if observation.now_s < 0.5 else replace(command, kp=command.kp * np.nan)

    class Lowering(LoweringController):
        def act(self, observation):
            command = super().act(observation)
            return command if observation.now_s < 1.5 else replace(command, kp=command.kp * np.nan)

    runner = PolicyRunner(PROFILE, LIMITS, body(), Dying(PROFILE, body()), PolicyConfig(), 100.0)
    world = world_of(runner, lowering=Lowering(PROFILE, body()))
    world.advance(0.5)
    assert world.state.stop_level == "run"
    height_m = world.qpos()[world.robot.base_qpos_adr + 2]
    world.advance(0.9)
    assert world.brain.fault.code == "no_controller"
    assert world.state.stop_level == "run"
    assert world.qpos()[world.robot.base_qpos_adr + 2] < height_m - 0.02
    world.advance(0.4)
    assert world.state.stop_level == "hold"


class Listener:
    """A policy around a bundle that keeps what went in and what the network saw."""

    def __init__(self, bundle: Bundle, inner) -> None:
        self.policy, self.inner = OnnxPolicy(bundle, PROFILE, body()), inner
        self.inputs: list[PolicyInputs] = []
        self.seen: list[np.ndarray] = []
        self.running = False

    def reset(self) -> None:
        self.inner.reset()
        self.policy.reset()
        self.inputs, self.seen = [], []

    def act(self, observation):
        last, began = self.policy._last_action, self.policy._began_s
        elapsed = 0.0 if began is None else observation.now_s - began
        self.inputs.append(inputs_of(observation, last, np.zeros(GAIT_PLAN), elapsed))
        self.seen.append(self.policy.step(observation).observation)
        return self.inner.act(observation)


@pytest.mark.parametrize("stacking", ["term", "frame"])
@pytest.mark.parametrize("order", ["oldest_first", "newest_first"])
def test_robot_replay_and_training_see_the_same_bits(stacking, order, tmp_path) -> None:
    contract = make_contract(history=5, stacking=stacking, history_order=order)
    network = mlp_network(contract, 16, 2)
    bundle = load(signed_bundle(contract, network))
    listener = Listener(bundle, classical())
    world = world_of(listener)
    world.advance(0.05)
    shake(world, 0.5)
    robot = np.stack(listener.seen)
    log = stack_inputs(listener.inputs)
    path = tmp_path / "log.npz"
    np.savez(path, **{name: getattr(log, name) for name in INPUT_FIELDS})
    with np.load(path) as file:
        log = PolicyInputs(*(file[name] for name in INPUT_FIELDS))
    builder = ObservationBuilder(contract, PROFILE.joint_names)

    steps = len(robot)
    until = [PolicyInputs(*(v[: k + 1] for v in vars(log).values())) for k in range(steps)]
    replay = np.stack([builder.observe(history) for history in until])
    np.testing.assert_array_equal(replay, robot)

    environments = 3
    history = ObservationHistory(builder, (environments,))
    for k in range(steps):
        batch = PolicyInputs(
            *(np.repeat(v[k : k + 1], environments, axis=0) for v in vars(log).values())
        )
        training = history.push(batch)
        for row_of_one in training:
            np.testing.assert_array_equal(row_of_one, robot[k])


def test_environments_that_begin_anew_forget_alone() -> None:
    contract = make_contract(history=3)
    builder = ObservationBuilder(contract, PROFILE.joint_names)
    inputs = states_of(contract, count=2)
    history = ObservationHistory(builder, (2,))
    for k in range(3):
        step = PolicyInputs(*(v[:, k] for v in vars(inputs).values()))
        if k == 2:
            history.reset(np.array([False, True]))
        seen = history.push(step)
    np.testing.assert_array_equal(seen[0], builder.observe(inputs)[0])
    last = PolicyInputs(*(v[1:, 2:] for v in vars(inputs).values()))
    np.testing.assert_array_equal(seen[1], builder.observe(last)[0])


def test_a_recording_gives_the_card_its_statistics() -> None:
    contract = make_contract(history=1)
    recorder = Recorder(classical(), contract, PROFILE.joint_names)
    world = world_of(recorder)
    world.advance(0.05)
    shake(world, 0.5)
    inputs = recorder.inputs()
    statistics = make_statistics(contract, PROFILE.joint_names, inputs)
    assert len(inputs.elapsed_s) > 40
    np.testing.assert_allclose(statistics["projected_gravity"].mean, [0, 0, -1], atol=0.05)
    assert np.abs(inputs.last_action[5:]).max() < 1.0
    assert np.any(inputs.last_action[5:] != 0.0)
    bundle = load(signed_bundle(contract, card=replace(card_of(contract), statistics=statistics)))
    assert isinstance(bundle, Bundle)
