# SPDX-License-Identifier: Apache-2.0
"""What a network expects and what its outputs mean; everything a runtime must know to drive it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from neuraxis_common.errors import ConfigError

FORMAT = 1
Range = tuple[float, float]

# Elements of a gait plan; `WalkPlanner.seen` says what they are.
GAIT_PLAN = 28
# Quantities that a term can observe, and their width; None where the term's joints give it.
KINDS: Mapping[str, int | None] = {
    "angular_velocity": 3,
    "linear_velocity": 3,
    "gravity": 3,
    "orientation": 4,
    "joint_pos": None,
    "joint_vel": None,
    "upper_reference": None,
    "foot_force": 2,
    "last_action": None,
    "velocity_command": 3,
    "gait_phase": 2,
    "gait_plan": GAIT_PLAN,
}
JOINT_KINDS = ("joint_pos", "joint_vel", "upper_reference")
POSITION_KINDS = ("joint_pos", "upper_reference")
GRAVITY = ("down", "up")
QUATERNIONS = ("wxyz", "xyzw")
HISTORY_ORDERS = ("oldest_first", "newest_first")
STACKINGS = ("term", "frame")
MAX_HISTORY = 100
MAX_SIZE = 20000
DT_S = (0.005, 0.1)
MAX_COMMAND = 5.0


@dataclass(frozen=True)
class ObservationTerm:
    """One quantity in the observation: ``scale * clip(value)``, history of it beside it.

    Attributes:
        name: Unique in the contract; messages name the term by it.
        kind: One of `KINDS`. Positions are relative to the default pose.
        joints: Order of the elements, for the kinds that observe joints; else empty.
        scale: One factor, or one per element.
        clip: Bounds of the value before scaling, None for none.
        history: Number of control steps observed, 1 for the present alone.
    """

    name: str
    kind: str
    joints: tuple[str, ...] = ()
    scale: tuple[float, ...] = (1.0,)
    clip: Range | None = None
    history: int = 1


@dataclass(frozen=True)
class ActionSpec:
    """What the outputs do: ``target = default_pose + scale * clip(output)``, held by kp and kd.

    Attributes:
        joints: Order of the outputs.
        scale: rad (m) per unit of output, one per joint.
        clip: Bounds of each output, None for none; the observed last action is the clipped one.
        kp: Stiffness per joint, Nm/rad.
        kd: Damping per joint, Nms/rad.
    """

    joints: tuple[str, ...]
    scale: tuple[float, ...]
    kp: tuple[float, ...]
    kd: tuple[float, ...]
    clip: Range | None = None


@dataclass(frozen=True)
class PolicyContract:
    """Contract of one policy.

    Attributes:
        name: For people and messages.
        robot: Name of the profile it was made for.
        hardware_version: Build of that robot.
        dt_s: Control period it was trained at.
        terms: Order of the observation.
        default_pose_rad: Of every joint observed by position or acted on.
        command_ranges: Forward m/s, left m/s and turn rad/s that it was trained for.
        gravity: ``down``: the gravity term is (0, 0, -1) when level; ``up``: (0, 0, 1). It is
            given in the axes of ``base_link``, as are both velocities.
        quaternion: Order of the orientation term, base in world, w not negative.
        history_order: Which step comes first where a term has a history.
        stacking: ``term``: each term's history lies together (Isaac Lab); ``frame``: whole
            observations follow each other (legged_gym), all terms with the same history.
        observation_clip: Bounds of every element after scaling, None for none.
        gait_period_s: Period of the gait_phase term, None without one.
        input_name: Network input, float32, shape (1, size of the observation).
        output_name: Network output, float32, shape (1, number of action joints).
    """

    name: str
    robot: str
    hardware_version: str
    dt_s: float
    terms: tuple[ObservationTerm, ...]
    action: ActionSpec
    default_pose_rad: Mapping[str, float]
    command_ranges: tuple[Range, Range, Range]
    gravity: str = "down"
    quaternion: str = "wxyz"
    history_order: str = "oldest_first"
    stacking: str = "term"
    observation_clip: Range | None = None
    gait_period_s: float | None = None
    input_name: str = "obs"
    output_name: str = "actions"

    def __post_init__(self) -> None:
        """Raise ConfigError naming the first field that contradicts another or its bounds."""
        if not self.terms:
            raise ConfigError("the contract has no observation term")
        _check_choice("gravity", self.gravity, GRAVITY)
        _check_choice("quaternion", self.quaternion, QUATERNIONS)
        _check_choice("history_order", self.history_order, HISTORY_ORDERS)
        _check_choice("stacking", self.stacking, STACKINGS)
        _check_number("dt_s", self.dt_s, *DT_S)
        self._check_action()
        names = [term.name for term in self.terms]
        if len(set(names)) != len(names):
            raise ConfigError(f"observation terms must have different names, got {names}")
        for term in self.terms:
            self._check_term(term)
        if self.stacking == "frame" and len({term.history for term in self.terms}) > 1:
            raise ConfigError("stacking 'frame' needs the same history in all terms")
        for axis, pair in zip(("forward", "left", "turn"), self.command_ranges, strict=True):
            _check_range(f"command range '{axis}'", pair, MAX_COMMAND)
        if self.observation_clip is not None:
            _check_range("observation_clip", self.observation_clip)
        if self.size > MAX_SIZE:
            raise ConfigError(f"the observation has {self.size} elements, at most {MAX_SIZE}")

    @property
    def depth(self) -> int:
        """Longest history of all terms, in control steps."""
        return max(term.history for term in self.terms)

    @property
    def size(self) -> int:
        """Elements of the observation."""
        return sum(self.width(term) * term.history for term in self.terms)

    @property
    def follows_plan(self) -> bool:
        """Whether it observes where the walking controller's planner wants body and feet."""
        return any(term.kind == "gait_plan" for term in self.terms)

    @property
    def rate_hz(self) -> float:
        """Control rate."""
        return 1.0 / self.dt_s

    def width(self, term: ObservationTerm) -> int:
        """Elements of one step of a term."""
        fixed = KINDS[term.kind]
        if fixed is not None:
            return fixed
        return len(self.action.joints if term.kind == "last_action" else term.joints)

    def _check_term(self, term: ObservationTerm) -> None:
        where = f"observation term '{term.name}'"
        _check_choice(f"{where}: kind", term.kind, tuple(KINDS))
        if bool(term.joints) != (term.kind in JOINT_KINDS):
            raise ConfigError(f"{where}: kind '{term.kind}' and {len(term.joints)} joints")
        _check_joints(where, term.joints)
        if not 1 <= term.history <= MAX_HISTORY:
            raise ConfigError(f"{where}: history must be in [1, {MAX_HISTORY}], got {term.history}")
        if len(term.scale) not in (1, self.width(term)):
            raise ConfigError(f"{where}: {len(term.scale)} scales for {self.width(term)} elements")
        for value in term.scale:
            _check_scale(where, value)
        if term.clip is not None:
            _check_range(f"{where}: clip", term.clip)
        if term.kind in POSITION_KINDS:
            self._check_defaults(where, term.joints)
        if term.kind == "gait_phase":
            _check_number("gait_period_s", self.gait_period_s or 0.0, 0.1, 10.0)

    def _check_action(self) -> None:
        action = self.action
        if not action.joints:
            raise ConfigError("action: no joint")
        _check_joints("action", action.joints)
        for label in ("scale", "kp", "kd"):
            values = getattr(action, label)
            if len(values) != len(action.joints):
                raise ConfigError(f"action: {len(values)} {label} for {len(action.joints)} joints")
        for joint, scale, kp, kd in zip(
            action.joints, action.scale, action.kp, action.kd, strict=True
        ):
            _check_scale(f"action: joint '{joint}'", scale)
            _check_number(f"action: joint '{joint}': kp", kp, 0.0, 1e5)
            _check_number(f"action: joint '{joint}': kd", kd, 0.0, 1e4)
        if action.clip is not None:
            _check_range("action: clip", action.clip)
        self._check_defaults("action", action.joints)

    def _check_defaults(self, where: str, joints: tuple[str, ...]) -> None:
        for joint in joints:
            if joint not in self.default_pose_rad:
                raise ConfigError(f"{where}: default_pose_rad lacks joint '{joint}'")
            _check_number(f"default pose of '{joint}'", self.default_pose_rad[joint], -7.0, 7.0)


def _check_choice(where: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ConfigError(f"{where} must be one of {', '.join(allowed)}, got '{value}'")


def _check_number(where: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ConfigError(f"{where} must be in [{low}, {high}], got {value}")


def _check_scale(where: str, value: float) -> None:
    if not isfinite(value) or value == 0.0:
        raise ConfigError(f"{where}: scale must be finite and not 0, got {value}")


def _check_range(where: str, pair: Range, most: float = 1e6) -> None:
    low, high = pair
    if not -most <= low <= high <= most:
        raise ConfigError(f"{where} must be an interval in [{-most}, {most}], got {list(pair)}")


def _check_joints(where: str, joints: tuple[str, ...]) -> None:
    twice = sorted({name for name in joints if joints.count(name) > 1})
    if twice:
        raise ConfigError(f"{where}: joints listed twice: {', '.join(twice)}")
