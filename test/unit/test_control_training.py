# SPDX-License-Identifier: Apache-2.0
"""Training of walking policies: labels, what the student sees, rounds that survive a kill."""

from __future__ import annotations

import sys
from collections import deque
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pd_world import profile_of, urdf_of

from neuraxis_cli.__main__ import main
from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import joint_limits
from neuraxis_common.types import JointCommand, JointState
from neuraxis_field.control.apprentice import Apprentice, Driving
from neuraxis_field.control.curve import draw_curve
from neuraxis_field.control.dagger import train
from neuraxis_field.control.dataset import Steps, write_traces
from neuraxis_field.control.device import CPU, fitting_device, on_cpu
from neuraxis_field.control.plan import TrainingPlan
from neuraxis_field.control.rollout import Lesson, Trace, TrainingEpisode, collect
from neuraxis_field.control.ship import signed_policy
from neuraxis_field.control.student import Student
from neuraxis_field.control.task import walking_contract
from neuraxis_field.locomotion import FIRST_HELDOUT_SEED, PUSH_S, WALKING_PUSH_M_S
from neuraxis_sim.lockstep import LockstepWorld
from small_brain_node.action_map import ActionMap, EquivalentAction
from small_brain_node.blend import CommandShaper
from small_brain_node.body_model import BodyModel
from small_brain_node.bundle.loader import Bundle, load_bundle
from small_brain_node.bundle.signing import key_id
from small_brain_node.observation import ObservationBuilder
from small_brain_node.onnx_policy import OnnxPolicy
from small_brain_node.walking.planner import WalkPlanner

ROOT = Path(__file__).resolve().parents[2]
ROBOT = "lingxi_x2"
PLAN = TrainingPlan(
    ROBOT,
    rounds=3,
    work_rounds=0,
    episodes=2,
    seconds=1.0,
    gradients=100,
    batch=8,
    width=8,
    layers=2,
)


def contract_of(robot: str = ROBOT):
    return walking_contract(profile_of(robot), joint_limits(urdf_of(robot)))


OUTPUTS = len(contract_of().action.joints)


def builder_of(robot: str = ROBOT) -> ObservationBuilder:
    return ObservationBuilder(contract_of(robot), profile_of(robot).joint_names)


def made_up(episodes, finished) -> list[Trace]:
    """Traces that follow from seed and student, as those of real episodes do."""
    builder, traces = builder_of(), []
    for episode in episodes:
        rng = np.random.default_rng([episode.seed, len(episode.student)])
        frames = rng.normal(size=(30, builder.frame_size)).astype(np.float32)
        labels = rng.normal(size=(30, OUTPUTS)).astype(np.float32)
        if episode.student:
            labels[0] += Student.unpack(episode.student).layers[-1][1]
        traces.append(Trace(frames, labels, fell=False))
        finished()
    return traces


def run(folder: Path, collector=made_up, plan: TrainingPlan = PLAN, device=CPU):
    return train(plan, builder_of(), folder, ROOT, collector, lambda text, share: None, device)


@pytest.mark.parametrize("robot", ["lingxi_x2", "expedition_a2", "expedition_a3"])
def test_a_labels_target_makes_the_experts_torque_with_the_policys_gains(robot):
    contract, profile = contract_of(robot), profile_of(robot)
    limits, names = joint_limits(urdf_of(robot)), profile_of(robot).joint_names
    body = BodyModel(profile_of(contract.robot), urdf_of(contract.robot))
    label, mapping = EquivalentAction(contract, names, body), ActionMap(contract, names)
    index = mapping.index
    rng, kp, kd = (
        np.random.default_rng(3),
        np.array(contract.action.kp),
        np.array(contract.action.kd),
    )
    ready = np.array([profile.ready_pose_rad[name] for name in names])
    gains = [np.array([getattr(profile, row)[name] for name in names]) for row in ("kp", "kd")]
    for _ in range(20):
        n = len(names)
        pos, vel = ready + rng.uniform(-0.02, 0.02, n), rng.uniform(-0.5, 0.5, n)
        joints = JointState(0.0, pos, vel, np.zeros(n))
        wanted = JointCommand(
            0.0, pos + rng.uniform(-0.01, 0.01, n), rng.uniform(-0.2, 0.2, n),
            rng.uniform(-3.0, 3.0, n), *gains,
        )  # fmt: skip
        sent = mapping.target(label.action(wanted, joints))
        rows = [limits[names[i]] for i in index]
        inside = [row.lower < q < row.upper for row, q in zip(rows, sent, strict=True)]
        torque = kp * (sent - pos[index]) - kd * vel[index]
        assert sum(inside) >= 10
        assert np.allclose(torque[inside], label.torque(wanted, joints)[inside], atol=1e-9)


def test_a_labels_target_keeps_to_the_joints_limits():
    contract, names = contract_of(), profile_of(ROBOT).joint_names
    limits = joint_limits(urdf_of(ROBOT))
    body = BodyModel(profile_of(contract.robot), urdf_of(contract.robot))
    label, mapping = EquivalentAction(contract, names, body), ActionMap(contract, names)
    n = len(names)
    joints = JointState(0.0, np.zeros(n), np.full(n, 9.0), np.zeros(n))
    command = JointCommand(0.0, np.full(n, 9.0), *np.zeros((2, n)), np.full(n, 1e3), np.zeros(n))
    target = mapping.target(label.action(command, joints))
    for name, value in zip(contract.action.joints, target, strict=True):
        assert value <= limits[name].upper + 1e-9


def test_training_sees_what_the_student_saw_while_it_drove(tmp_path, monkeypatch):
    builder, seen = builder_of(), []
    zero = Student(
        ((np.zeros((builder.contract.size, OUTPUTS), np.float32), np.zeros(OUTPUTS, np.float32)),),
        np.zeros(builder.contract.size, np.float32),
        np.ones(builder.contract.size, np.float32),
    )

    def act(student, observation):
        seen.append(observation.copy())
        return np.zeros(OUTPUTS)

    monkeypatch.setattr(Student, "act", act)
    driving = Driving(expert_share=0.0)
    episode = TrainingEpisode(ROBOT, ROOT, 100_001, 0.4, driving, zero.pack())
    trace = collect(episode)
    write_traces(tmp_path / "round_000.npz", [trace])
    steps = Steps(builder, [tmp_path / "round_000.npz"])
    seen = seen[-len(steps) :]
    assert len(steps) >= 30
    assert np.array_equal(steps.observations(np.arange(len(steps))), np.array(seen))


def test_the_student_in_training_sends_what_its_bundle_sends_on_the_robot(tmp_path, monkeypatch):
    learner, contract, profile = run(tmp_path), contract_of(), profile_of(ROBOT)
    limits, key = joint_limits(urdf_of(ROBOT)), Ed25519PrivateKey.generate()
    data = signed_policy(PLAN, learner, contract, tmp_path, profile, limits, key, "train")
    bundle = load_bundle(data, profile, limits, {key_id(key.public_key()): key.public_key()})
    steps, act, reset = [], Apprentice.act, Apprentice.reset

    def recorded(seat, observation):
        steps.append((observation, act(seat, observation)))
        return steps[-1][1]

    def forget(seat):
        steps.clear()
        reset(seat)

    monkeypatch.setattr(Apprentice, "act", recorded)
    monkeypatch.setattr(Apprentice, "reset", forget)
    packed = learner.student().pack()
    collect(TrainingEpisode(ROBOT, ROOT, 100_002, 0.4, Driving(expert_share=0.0), packed))
    planner = WalkPlanner(profile, BodyModel(profile, urdf_of(ROBOT)))
    policy = OnnxPolicy(bundle, profile, BodyModel(profile, urdf_of(ROBOT)), planner)
    shaper, sent = CommandShaper(profile, limits), None
    assert len(steps) >= 20
    for observation, theirs in steps:
        command = policy.command(observation, policy.step(observation).target_rad)
        sent = shaper.shaped(command, sent)
        for name in ("pos_rad", "vel_rad_s", "effort_Nm", "kp", "kd"):
            assert np.allclose(getattr(sent, name), getattr(theirs, name), atol=1e-5), name


def test_an_episode_follows_from_its_seed():
    episodes = [TrainingEpisode(ROBOT, ROOT, seed, 0.3, Driving(noise=0.1)) for seed in (1, 1, 2)]
    first, again, other = (collect(episode) for episode in episodes)
    assert np.array_equal(first.labels, again.labels)
    assert not np.array_equal(first.labels[:20], other.labels[:20])


def test_histories_do_not_reach_into_the_episode_before(tmp_path):
    builder = builder_of()
    size = builder.frame_size
    traces = [
        Trace(np.full((5, size), k, np.float32), np.zeros((5, OUTPUTS), np.float32), False)
        for k in (1, 2)
    ]
    write_traces(tmp_path / "r.npz", traces)
    seen = Steps(builder, [tmp_path / "r.npz"]).observations(np.arange(10))
    assert np.all(seen[:5] == 1.0) and np.all(seen[5:] == 2.0)


@pytest.mark.parametrize("killed_after", [1, 3, 4])
def test_a_killed_run_goes_on_and_ends_with_the_same_weights(tmp_path, killed_after):
    whole = run(tmp_path / "whole").student()
    left = deque(range(killed_after))

    def dying(episodes, finished):
        def count():
            if not left:
                raise KeyboardInterrupt
            left.popleft()
            finished()

        return made_up(episodes, count)

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "killed", dying)
    resumed = run(tmp_path / "killed")
    assert [row["round"] for row in resumed.curve] == [0, 1, 2]
    assert resumed.student().pack() == whole.pack()


def test_a_round_that_was_collected_is_not_collected_again(tmp_path):
    run(tmp_path)
    (tmp_path / "student_002.pt").unlink()
    run(tmp_path, lambda episodes, finished: pytest.fail("collected again"))


def test_without_a_gpu_auto_is_the_cpu_and_cuda_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert fitting_device("auto") == fitting_device("cpu") == CPU
    with pytest.raises(ConfigError, match="'cuda' was asked for and torch"):
        fitting_device("cuda")


def test_with_a_gpu_auto_takes_it_and_cpu_does_not(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert fitting_device("auto").type == fitting_device("cuda").type == "cuda"
    assert fitting_device("cpu") == CPU


def test_a_device_that_nobody_knows_is_named():
    with pytest.raises(ConfigError, match="auto, cpu, cuda, got 'tpu'"):
        fitting_device("tpu")


def test_the_command_refuses_a_gpu_that_is_not_there(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    words = ["neuraxis", "train", "walk", "--device", "cuda", "--state", str(tmp_path / "state")]
    monkeypatch.setattr(sys, "argv", words)
    assert main() == 2
    assert "sees no GPU" in capsys.readouterr().err
    assert not (tmp_path / "state").exists()


def test_what_is_kept_of_a_round_lies_on_the_cpu():
    moved = []

    class Tensor(torch.Tensor):
        def cpu(self):
            moved.append(self)
            return torch.Tensor.cpu(self)

    weights, step = torch.ones(2).as_subclass(Tensor), torch.ones(1).as_subclass(Tensor)
    kept = on_cpu({"state": {0: {"step": step}}, "groups": [{"lr": 0.1, "w": weights}]})
    assert len(moved) == 2
    assert kept["groups"][0]["lr"] == 0.1 and kept["state"][0]["step"].item() == 1.0


@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no GPU")
def test_a_run_that_began_on_a_gpu_goes_on_without_one(tmp_path):
    cuda = torch.device("cuda")
    on_gpu = run(tmp_path, device=cuda).student()
    (tmp_path / "student_002.pt").unlink()
    on_cpu_again = run(tmp_path).student()
    for ours, theirs in zip(on_cpu_again.layers, on_gpu.layers, strict=True):
        assert np.allclose(ours[0], theirs[0], atol=1e-3)


def test_another_plan_does_not_go_on_in_the_same_folder(tmp_path):
    run(tmp_path)
    with pytest.raises(ConfigError, match="another width"):
        run(tmp_path, plan=replace(PLAN, width=9))


def test_no_two_rounds_and_no_evaluation_share_a_seed():
    more = dict.fromkeys(("work_rounds", "shove_rounds", "bump_rounds", "review_rounds"), 10)
    plans = [TrainingPlan(ROBOT, s, 60, episodes=100, **more) for s in (0, 1, 80)]
    seeds = [seed for plan in plans for turn in range(plan.turns) for seed in plan.seeds(turn)]
    assert len(set(seeds)) == len(seeds)
    assert min(seeds) >= 100_000 and max(seeds) < FIRST_HELDOUT_SEED


def test_the_expert_drives_first_and_the_student_alone_at_last():
    plan = TrainingPlan(ROBOT)
    shares = [plan.driving(turn).expert_share for turn in range(plan.rounds)]
    assert shares[0] == 1.0 and shares[-1] == 0.0
    assert shares == sorted(shares, reverse=True)


def test_bench_shoves_and_bumps_come_last_and_the_expert_begins_each(tmp_path):
    more = {"work_rounds": 2, "shove_rounds": 2, "bump_rounds": 2}
    plan, asked = replace(PLAN, long_seconds=2.0, **more), []

    def noted(episodes, finished):
        asked.extend((e.lesson, e.seconds, e.driving.expert_share) for e in episodes[:1])
        return made_up(episodes, finished)

    run(tmp_path, noted, plan)
    last = [(lesson, 2.0) for lesson in (Lesson.WORK, Lesson.SHOVES, Lesson.BUMPS)]
    assert [row[:2] for row in asked[:3]] == [(Lesson.WALK, 1.0)] * 3
    assert [row[:2] for row in asked[3:]] == [row for row in last for _ in range(2)]
    shares = [row[2] for row in asked]
    assert shares[3] == shares[5] == shares[7] == shares[1]
    assert shares[4] == shares[6] == shares[8] == shares[2] < shares[1]


@pytest.mark.parametrize("shove_rounds", [0, 1])
def test_a_review_has_every_kind_that_was_taught_and_nobody_helps(tmp_path, shove_rounds):
    plan = replace(PLAN, rounds=1, shove_rounds=shove_rounds, episodes=4, review_rounds=2)
    asked = []

    def noted(episodes, finished):
        asked.append([(e.lesson, e.seconds, e.driving.expert_share) for e in episodes])
        return made_up(episodes, finished)

    run(tmp_path, noted, plan)
    walk, shoves = (Lesson.WALK, plan.seconds, 0.0), (Lesson.SHOVES, plan.long_seconds, 0.0)
    assert asked[-2:] == [[walk, shoves] * 2 if shove_rounds else [walk] * 4] * 2


def test_at_a_bench_an_arm_goes_where_parts_lie(monkeypatch):
    seen, act = [], Apprentice.act

    def watched(seat, observation):
        seen.append(observation.upper.pos_rad.copy())
        return act(seat, observation)

    monkeypatch.setattr(Apprentice, "act", watched)
    seconds = 4.0
    trace = collect(TrainingEpisode(ROBOT, ROOT, 100_003, seconds, Driving(), lesson=Lesson.WORK))
    assert not trace.fell and len(trace.labels) > 350
    assert np.ptp(np.array(seen), axis=0).max() > 1.0


def test_over_bumps_a_robot_walks_a_course_that_has_them_in_wind(monkeypatch):
    walked_m, bumps, winds_N = [0.0], set(), []
    advance, push = LockstepWorld.advance, LockstepWorld.push

    def watched(world, seconds):
        advance(world, seconds)
        model, at = world.robot.model, world.robot.base_qpos_adr
        bumps.update(name for k in range(model.ngeom) if "bump" in (name := model.geom(k).name))
        walked_m.append(float(world.qpos()[at]))

    def felt(world, force_W_N, duration_s, body):
        winds_N.append(-force_W_N[1])
        push(world, force_W_N, duration_s, body)

    monkeypatch.setattr(LockstepWorld, "advance", watched)
    monkeypatch.setattr(LockstepWorld, "push", felt)
    trace = collect(TrainingEpisode(ROBOT, ROOT, 100_004, 6.0, Driving(), lesson=Lesson.BUMPS))
    assert len(trace.labels) > 200 and max(walked_m) > 1.0
    assert len(bumps) > 10 and np.mean(winds_N) > 1.0


def test_under_shoves_a_robot_is_shoved_hard_and_again(monkeypatch):
    forces_N, push = [], LockstepWorld.push

    def felt(world, force_W_N, duration_s, body):
        forces_N.append(np.linalg.norm(force_W_N))
        push(world, force_W_N, duration_s, body)

    monkeypatch.setattr(LockstepWorld, "push", felt)
    lesson = Lesson.SHOVES
    trace = collect(TrainingEpisode(ROBOT, ROOT, 100_004, 8.0, Driving(), lesson=lesson))
    assert len(trace.labels) > 100 and len(forces_N) >= 2
    softest_N = 0.3 * WALKING_PUSH_M_S * profile_of(ROBOT).mass_kg / PUSH_S
    assert min(forces_N) > 0.8 * softest_N


def test_a_trained_network_ships_as_a_bundle_that_runs(tmp_path):
    learner, contract, profile = run(tmp_path), contract_of(), profile_of(ROBOT)
    limits, key = joint_limits(urdf_of(ROBOT)), Ed25519PrivateKey.generate()
    data = signed_policy(PLAN, learner, contract, tmp_path, profile, limits, key, "train")
    trusted = {key_id(key.public_key()): key.public_key()}
    bundle = load_bundle(data, profile, limits, trusted)
    assert isinstance(bundle, Bundle)
    assert bundle.card.more["plan"]["rounds"] == 3 and len(bundle.card.curve) == 3
    seen = np.random.default_rng(0).normal(size=contract.size).astype(np.float32)
    assert np.allclose(bundle.network.infer(seen), learner.student().act(seen), atol=1e-5)


def test_the_curve_is_drawn_for_every_round(tmp_path):
    curve = run(tmp_path).curve
    empty, full = draw_curve([], "walk"), draw_curve(curve, "walk")
    assert full.size == empty.size and full.tobytes() != empty.tobytes()
