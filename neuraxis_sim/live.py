# SPDX-License-Identifier: Apache-2.0
"""The world while it runs: physics on its own C++ thread, the camera on a thread of its own."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mujoco
import numpy as np
from numpy.typing import NDArray

from neuraxis_common.errors import ConfigError
from neuraxis_common.realtime import CORES, enter_realtime, keep_to
from neuraxis_common.robot import compile_urdf, load_profile
from neuraxis_common.types import FloatArray, JointCommand, RobotState
from neuraxis_sim.cord import build_loop, read_state
from neuraxis_sim.model import build_model
from neuraxis_sim.render import Renderer
from neuraxis_sim.scene import Scene, generate, load_template
from neuraxis_sim.sensors import SensorNoise

OnFrame = Callable[[float, NDArray[np.uint8], NDArray[np.float32]], None]

# A command this late, as a share of its timeout, makes the world wait.
_LATE_SHARE = 0.5
# Beyond the walls of the room.
AWAY_M = (8.0, 8.0)
# Below the spinal cord, above everything that has no deadline of its own.
STATE_PRIORITY = 30
# A real camera waits for no planner, and the state waits for Python's lock when the camera has it.
CAMERA_PRIORITY = 10
# Kernel ticks make shorter sleeps no more exact.
_NAP_S = 0.001


@dataclass(frozen=True)
class SimConfig:
    """What world to run.

    Attributes:
        data_root: Folder with ``config/`` and ``urdf/``.
        scene: Name of a template in ``config/scenes``.
        speed: Simulated over wall time; 0 runs as fast as the machine can.
        camera: Whether images are drawn.
        record_path: Where to write the state log at the end; empty for none.
        record_rate_hz: How often the log takes a state, in simulated time.
        patience_s: How long, in wall time, the world stands still for a commander that was there
            and is late, so that a busy machine slows the world down and does not topple it.
        command_timeout_s: After this without a command the spinal cord holds.
    """

    data_root: str
    robot: str = "lingxi_x2"
    scene: str = "sorting_bench"
    seed: int = 0
    speed: float = 1.0
    camera: bool = True
    record_path: str = ""
    record_rate_hz: float = 25.0
    command_timeout_s: float = 0.2
    patience_s: float = 1.0
    state_rate_hz: float = 200.0

    def __post_init__(self) -> None:
        """Raise ConfigError naming the first field outside its bounds."""
        if not (self.speed == 0.0 or 0.05 <= self.speed <= 100.0):
            raise ConfigError(f"speed must be 0 (free) or in [0.05, 100], got {self.speed}")
        if self.seed < 0:
            raise ConfigError(f"seed must be at least 0, got {self.seed}")
        for name, low, high in (
            ("record_rate_hz", 1.0, 100.0),
            ("state_rate_hz", 20.0, 1000.0),
            ("command_timeout_s", 0.02, 5.0),
            ("patience_s", 0.0, 60.0),
        ):
            if not low <= getattr(self, name) <= high:
                raise ConfigError(f"{name} must be in [{low}, {high}], got {getattr(self, name)}")


def load_scene(name: str, seed: int, profile: object, data_root: Path) -> Scene:
    """Scene of a template and a seed. Raises ConfigError naming the known templates."""
    folder = data_root / "config" / "scenes"
    known = sorted(path.stem for path in folder.glob("*.yaml"))
    if name not in known:
        raise ConfigError(f"unknown scene '{name}', known scenes: {', '.join(known) or 'none'}")
    return generate(load_template(folder / f"{name}.yaml"), seed, profile)


class LiveWorld:
    """One robot at one scene, running by itself between `start` and `close`.

    Attributes:
        model: Compiled MuJoCo model, for judges and videos.
        loop: The spinal cord's loop.
        shot_at_s: When, on the monotonic clock, the world was as the newest image shows it.
    """

    def __init__(self, config: SimConfig) -> None:
        root = Path(config.data_root)
        self.config = config
        self.profile = load_profile(config.robot, root)
        self.scene = load_scene(config.scene, config.seed, self.profile, root)
        urdf_xml = compile_urdf(self.profile, root)
        robot = build_model(self.profile, urdf_xml, self.scene)
        self.model = robot.model
        self.loop = build_loop(robot, urdf_xml, command_timeout_s=config.command_timeout_s)
        self._noise = SensorNoise(self.profile, config.seed)
        self._waits, self._commanded_s = False, 0.0
        self.shot_at_s = 0.0
        self._camera: threading.Thread | None = None
        self._stop = threading.Event()
        self._log: list[tuple[float, FloatArray, FloatArray]] = []

    def start(self) -> None:
        """Let physics run."""
        self.loop.start(self.config.speed)

    def start_camera(self, on_frame: OnFrame) -> None:
        """Draw images at the camera's rate and hand them over on the camera's thread."""
        self._camera = threading.Thread(target=self._shoot, args=(on_frame,), name="camera")
        self._camera.start()

    def close(self) -> None:
        """Stop the camera and physics, then write the state log."""
        self._stop.set()
        if self._camera is not None:
            self._camera.join(timeout=5.0)
            self._camera = None
        if self.loop.running:
            self.loop.stop()
            self.record()
        if self.config.record_path and self._log:
            self._write_log(Path(self.config.record_path))
            self._log = []

    def state(self) -> tuple[RobotState, dict]:
        """Newest state as the sensors give it, and the spinal cord's own raw state."""
        raw = self.loop.state()
        return self._noise.apply(read_state(raw)), raw

    def mind_commander(self) -> None:
        """Go on without a commander that kept the world waiting for longer than the patience."""
        if self._waits and time.monotonic() - self._commanded_s > self.config.patience_s:
            self._waits = False
            self.loop.set_horizon(math.inf)

    def command(self, command: JointCommand) -> None:
        """Hand a command to the spinal cord, which judges it."""
        rows = (command.pos_rad, command.vel_rad_s, command.effort_Nm, command.kp, command.kd)
        self._waits, self._commanded_s = True, time.monotonic()
        lag_s = _LATE_SHARE * self.config.command_timeout_s
        self.loop.set_horizon(command.stamp_s + lag_s)
        self.loop.command(command.stamp_s, *(np.ascontiguousarray(row) for row in rows))

    def move_object(self, name: str, xyz_m: FloatArray, quat_wxyz: FloatArray) -> None:
        """Put a part somewhere else, at rest; raises ConfigError for what cannot be moved."""
        joint = mujoco.mj_name2id(self.model, mujoco.mjtObj.mjOBJ_JOINT, f"{name}_free")
        if joint < 0:
            raise ConfigError(f"the scene has no part '{name}' that can be moved")
        place, moving = self.model.jnt_qposadr[joint], self.model.jnt_dofadr[joint]
        self.loop.stop()
        _, qpos, qvel = self.loop.sim_state()
        qpos[place : place + 7] = [*xyz_m, *quat_wxyz]
        qvel[moving : moving + 6] = 0.0
        self.loop.edit_sim_state(qpos, qvel)
        self.start()

    def remove_object(self, name: str) -> None:
        """Take a part out of the room."""
        self.move_object(name, np.array([*AWAY_M, 0.1]), np.array([1.0, 0.0, 0.0, 0.0]))

    def now_s(self) -> float:
        """Simulated time."""
        return self.loop.sim_state()[0]

    def record(self) -> None:
        """Add the present state to the log."""
        if self.config.record_path:
            time_s, qpos, qvel = self.loop.sim_state()
            self._log.append((time_s, qpos, qvel))

    def _shoot(self, on_frame: OnFrame) -> None:
        enter_realtime(CAMERA_PRIORITY)
        # The drawing threads that the renderer makes are as many as the machine has cores.
        keep_to(CORES)
        camera = self.profile.camera
        period_s = 1.0 / camera.rate_hz
        next_s = self.now_s()
        with Renderer.for_robot(self.model, camera, self.scene, self.config.seed) as renderer:
            while not self._stop.is_set():
                now_s, qpos, _ = self.loop.sim_state()
                if now_s < next_s:
                    self._stop.wait(self._nap_s(next_s - now_s))
                    continue
                self.shot_at_s = time.monotonic()
                next_s = max(next_s + period_s, now_s)
                rgb, depth_m = renderer.rgbd(qpos)
                if not self._stop.is_set():
                    on_frame(now_s, rgb, depth_m)

    def _nap_s(self, ahead_s: float) -> float:
        return _NAP_S if self.config.speed == 0 else max(_NAP_S, ahead_s / self.config.speed)

    def _write_log(self, path: Path) -> None:
        times, qpos, qvel = zip(*self._log, strict=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial.npz")
        np.savez(partial, time_s=np.array(times), qpos=np.stack(qpos), qvel=np.stack(qvel))
        partial.replace(path)


class Cadence:
    """Calls due by simulated time, at several rates, from one waiting thread.

    Args:
        now_s: Tells simulated time.
        speed: Simulated over wall time; 0 when it runs freely.
        each: Called every time it wakes up.
    """

    def __init__(
        self, now_s: Callable[[], float], speed: float, each: Callable[[], None] = lambda: None
    ) -> None:
        self._now_s, self._speed = now_s, speed
        self._each = each
        self._jobs: list[tuple[float, Callable[[], None]]] = []
        self._next_s: list[float] = []

    def every(self, rate_hz: float, job: Callable[[], None]) -> None:
        """Call `job` at this rate; calls that come too late are left out, never made up for."""
        self._jobs.append((1.0 / rate_hz, job))
        self._next_s.append(0.0)

    def run(self, stop: threading.Event) -> None:
        """Call what is due until told to stop."""
        enter_realtime(STATE_PRIORITY)
        while not stop.is_set():
            now_s = self._now_s()
            for i, (period_s, job) in enumerate(self._jobs):
                if now_s >= self._next_s[i]:
                    self._next_s[i] += period_s * max(1, (now_s - self._next_s[i]) // period_s)
                    job()
            self._each()
            ahead_s = min(self._next_s) - self._now_s()
            time.sleep(_NAP_S if self._speed == 0 else max(_NAP_S / 2, ahead_s / self._speed))
