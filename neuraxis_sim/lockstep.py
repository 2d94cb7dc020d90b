# SPDX-License-Identifier: Apache-2.0
"""The whole robot and its world on one thread, in lockstep: time stands still between calls.

Same parts as the running system: the C++ spinal cord steps MuJoCo at 1 kHz, the small brain runs
at 100 Hz, the camera takes images at its own rate. Nothing here depends on the machine's speed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mujoco
import numpy as np

from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.robot import RobotProfile, compile_urdf
from neuraxis_common.types import FloatArray, JointCommand, RgbdFrame, RobotState
from neuraxis_sim.cord import build_backend, build_loop, read_state
from neuraxis_sim.model import RobotModel, build_model
from neuraxis_sim.render import Renderer
from neuraxis_sim.scene_types import Scene
from neuraxis_sim.sensors import SensorNoise
from small_brain_node.body_model import BodyModel
from small_brain_node.config import SmallBrainConfig
from small_brain_node.core import SmallBrain
from small_brain_node.policy import Policy

# From the measurement of a state to the command that answers it, as in the running system.
COMMAND_DELAY_MS = 2
# Exposure, transfer and registration of one RGB-D image.
CAMERA_DELAY_MS = 50
# Beyond the walls of the room.
AWAY_M = (8.0, 8.0)


@dataclass(frozen=True)
class _Shot:
    """One moment the camera took: the world to draw, the measured joints to place it by."""

    stamp_ms: int
    qpos: FloatArray
    joint_pos_rad: FloatArray


class LockstepWorld:
    """One robot at one scene.

    Args:
        profile: Which robot.
        data_root: Folder with ``config/`` and ``urdf/``.
        scene: What stands before it; None for an empty floor.
        seed: Draws all sensor noise.
        with_camera: Whether `frame` will be called; False saves the renderer.
        noise: Whether joints, IMU and foot forces are noisy.
        config: Of the small brain.
        urdf_xml: The robot's compiled description, where the caller has it already.
        prepare: Changes the compiled world before it runs, such as weights in the hands.
        policy: Balances; the classical walking controller when None.
        command_delay_ms: From the measurement of a state to the command that answers it.
        lowering: Moves the robot down and up; the classical controller for it when None.

    Attributes:
        profile: The robot.
        robot: The compiled world; its model is for judges and videos, never for a node.
        brain: The small brain; give it motions between calls of `advance`.
        loop: The spinal cord, to request stops from or read counters of.
        state: Newest measured state.
    """

    def __init__(
        self,
        profile: RobotProfile,
        data_root: Path,
        scene: Scene | None,
        seed: int = 0,
        with_camera: bool = True,
        noise: bool = True,
        config: SmallBrainConfig | None = None,
        urdf_xml: str | None = None,
        prepare: Callable[[RobotModel], None] | None = None,
        policy: Policy | None = None,
        command_delay_ms: int = COMMAND_DELAY_MS,
        lowering: Policy | None = None,
    ) -> None:
        if with_camera and scene is None:
            raise ConfigError("a camera needs a scene to look at")
        urdf_xml = urdf_xml or compile_urdf(profile, data_root)
        self.profile = profile
        self.robot: RobotModel = build_model(profile, urdf_xml, scene)
        if prepare is not None:
            prepare(self.robot)
        self.brain = SmallBrain(profile, urdf_xml, config, policy, lowering)
        self._backend = build_backend(self.robot)
        self.loop = build_loop(self.robot, urdf_xml, self._backend)
        self._body = BodyModel(profile, urdf_xml)
        self._camera_frame = self._body.frame_id(profile.camera.frame)
        self._noise = SensorNoise(profile, seed) if noise else None
        self._now_ms = 0
        self._cycle_ms = round(1e3 / self.brain.config.rate_hz)
        self._command_delay_ms = command_delay_ms
        self._pending: deque[tuple[int, JointCommand]] = deque()
        self._sent: JointCommand | None = None
        self._reset_s = 0.0
        self._push_ends_ms: int | None = None
        self._shot_ms = round(1e3 / profile.camera.rate_hz)
        self._shots: deque[_Shot] = deque(maxlen=2 + CAMERA_DELAY_MS // self._shot_ms)
        self._frame: tuple[int, RgbdFrame] | None = None
        self._renderer: Renderer | None = None
        if with_camera:
            self._renderer = Renderer.for_robot(self.robot.model, profile.camera, scene, seed)
        self._run(1)
        self.state: RobotState = self._measure()

    @property
    def now_s(self) -> float:
        """Simulated time."""
        return self._now_ms * 1e-3

    def advance(self, dt_s: float) -> None:
        """Let the world run for a while, in whole ms."""
        end_ms = self._now_ms + round(dt_s * 1e3)
        while self._now_ms < end_ms:
            self._act()
            self._run(self._next_event_ms(end_ms) - self._now_ms)

    def frame(self) -> RgbdFrame | None:
        """Newest camera image that has arrived by now; None before the first. Draws on demand."""
        if self._renderer is None:
            return None
        arrived = [shot for shot in self._shots if shot.stamp_ms + CAMERA_DELAY_MS <= self._now_ms]
        if not arrived:
            return None
        shot = arrived[-1]
        if self._frame is None or self._frame[0] != shot.stamp_ms:
            rgb, depth_m = self._renderer.rgbd(shot.qpos)
            self._body.place(shot.joint_pos_rad)
            T_BC = self._body.frame(self._camera_frame).homogeneous.copy()
            frame = RgbdFrame(shot.stamp_ms * 1e-3, rgb, depth_m, self._renderer.info, T_BC)
            self._frame = (shot.stamp_ms, frame)
        return self._frame[1]

    def qpos(self) -> FloatArray:
        """The simulator's own positions, for judges and videos."""
        return self.loop.sim_state()[1]

    def view(self, camera: str) -> FloatArray:
        """Clean image through any camera of the model, for videos. Shape (h, w, 3), uint8."""
        if self._renderer is None:
            raise ConfigError("this world was made without a camera")
        return self._renderer.view(self.qpos(), camera)

    def push(self, force_W_N: FloatArray, duration_s: float, body: str = "base_link") -> None:
        """Push a body with a constant force in world axes, shape (3,), for a while."""
        wrench = np.concatenate([np.asarray(force_W_N, dtype=float), np.zeros(3)])
        self._backend.set_external_wrench(body, wrench)
        self._push_ends_ms = self._now_ms + max(1, round(duration_s * 1e3))
        self._pushed = body

    def move_object(self, name: str, xyz_m: FloatArray, yaw_rad: float = 0.0) -> None:
        """Put a part somewhere else, at rest; raises ConfigError for what cannot be moved."""
        joint = f"{name}_free"
        if mujoco.mj_name2id(self.robot.model, mujoco.mjtObj.mjOBJ_JOINT, joint) < 0:
            raise ConfigError(f"the scene has no part '{name}' that can be moved")
        handle = self.robot.model.joint(joint)
        _, qpos, qvel = self.loop.sim_state()
        at, moving = int(handle.qposadr[0]), int(handle.dofadr[0])
        qpos[at : at + 7] = [*xyz_m, np.cos(yaw_rad / 2), 0.0, 0.0, np.sin(yaw_rad / 2)]
        qvel[moving : moving + 6] = 0.0
        self.loop.set_sim_state(qpos, qvel, self.now_s)
        self._reset_s = self.now_s
        if self._sent is not None:
            self._send(self._sent)

    def remove_object(self, name: str) -> None:
        """Take a part out of the room."""
        self.move_object(name, np.array([*AWAY_M, 0.1]))

    def close(self) -> None:
        """Free the renderer. Call on the thread that made the world."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None

    def _act(self) -> None:
        """Whatever is due at this ms, before physics goes on."""
        now_ms = self._now_ms
        if self._push_ends_ms is not None and now_ms >= self._push_ends_ms:
            self._backend.set_external_wrench(self._pushed, np.zeros(6))
            self._push_ends_ms = None
        if now_ms % self._cycle_ms == 0:
            self.state = self._measure()
            command = self.brain.step(self.now_s, self.state)
            if not isinstance(command, Rejected):
                self._pending.append((now_ms + self._command_delay_ms, command))
        while self._pending and now_ms >= self._pending[0][0]:
            self._send(self._pending.popleft()[1])
        if self._renderer is not None and now_ms % self._shot_ms == 0:
            self._shots.append(_Shot(now_ms, self.qpos(), self._measure().joints.pos_rad))

    def _next_event_ms(self, end_ms: int) -> int:
        now_ms = self._now_ms
        events = [end_ms, now_ms + self._cycle_ms - now_ms % self._cycle_ms]
        if self._pending:
            events.append(self._pending[0][0])
        if self._push_ends_ms is not None:
            events.append(self._push_ends_ms)
        if self._renderer is not None:
            events.append(now_ms + self._shot_ms - now_ms % self._shot_ms)
        return max(min(events), now_ms + 1)

    def _run(self, cycles: int) -> None:
        self.loop.step(cycles)
        self._now_ms += cycles

    def _send(self, command: JointCommand) -> None:
        rows = (command.pos_rad, command.vel_rad_s, command.effort_Nm, command.kp, command.kd)
        self.loop.command(max(command.stamp_s, self._reset_s), *rows)
        self._sent = command

    def _measure(self) -> RobotState:
        state = read_state(self.loop.state())
        return state if self._noise is None else self._noise.apply(state)
