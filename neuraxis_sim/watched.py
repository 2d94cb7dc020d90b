# SPDX-License-Identifier: Apache-2.0
"""The robot's camera in a world that another process runs; see `world_file`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mujoco
import numpy as np

from neuraxis_common.errors import ConfigError
from neuraxis_common.robot import load_profile
from neuraxis_sim.live import OnFrame, load_scene
from neuraxis_sim.render import Renderer
from neuraxis_sim.world_file import WorldFile, WorldState

OnHealth = Callable[[bool, str], None]

# A world that stands still for this long, by the wall, is reported.
_SILENT_S = 1.0
_NAP_S = 0.002


@dataclass(frozen=True)
class WatchConfig:
    """Which world to look at.

    Attributes:
        data_root: Folder with ``config/`` and ``urdf/``.
        model_path: The world's model, from `make_world`.
        snapshot_path: World file that its simulator keeps.
        record_path: Where to write the state log at the end; empty for none.
        record_rate_hz: How often the log takes a state.
    """

    data_root: str
    model_path: str
    snapshot_path: str
    robot: str = "lingxi_x2"
    scene: str = "sorting_bench"
    seed: int = 0
    record_path: str = ""
    record_rate_hz: float = 25.0

    def __post_init__(self) -> None:
        """Raise ConfigError naming the first field outside its bounds."""
        if self.seed < 0:
            raise ConfigError(f"seed must be at least 0, got {self.seed}")
        if not 1.0 <= self.record_rate_hz <= 100.0:
            raise ConfigError(f"record_rate_hz must be in [1, 100], got {self.record_rate_hz}")


class WatchedWorld:
    """Draws what the robot's camera sees, between `start` and `close`.

    Raises:
        ConfigError: The model cannot be read or has no such camera.
    """

    def __init__(self, config: WatchConfig) -> None:
        root = Path(config.data_root)
        self.config = config
        self.profile = load_profile(config.robot, root)
        self.scene = load_scene(config.scene, config.seed, self.profile, root)
        try:
            self.model = mujoco.MjModel.from_binary_path(config.model_path)
            self.model.camera(self.profile.camera.frame)
        except (ValueError, KeyError) as error:
            raise ConfigError(f"model '{config.model_path}' is of no use: {error}") from error
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._log: list[WorldState] = []

    def start(self, on_frame: OnFrame, on_health: OnHealth) -> None:
        """Draw on a thread of its own.

        Args:
            on_frame: Gets stamp, colour and depth.
            on_health: Told when the world begins and when it ceases to move, with the reason.
        """
        self._threads = [threading.Thread(target=self._shoot, args=(on_frame, on_health))]
        if self.config.record_path:
            self._threads.append(threading.Thread(target=self._record))
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop drawing, then write the state log."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=5.0)
        self._threads = []
        if self._log:
            self._write_log(Path(self.config.record_path))
            self._log = []

    def _shoot(self, on_frame: OnFrame, on_health: OnHealth) -> None:
        watch = Watch(Path(self.config.snapshot_path), self.model.nq, self.model.nv)
        camera, seed = self.profile.camera, self.config.seed
        told = False
        with Renderer.for_robot(self.model, camera, self.scene, seed) as renderer:
            while not self._stop.is_set():
                world = watch.after(1.0 / camera.rate_hz)
                if (watch.trouble == "") != told:
                    told = watch.trouble == ""
                    on_health(told, watch.trouble)
                if world is None:
                    self._stop.wait(_NAP_S)
                    continue
                rgb, depth_m = renderer.rgbd(world.qpos)
                if not self._stop.is_set():
                    on_frame(world.stamp_s, rgb, depth_m)

    def _record(self) -> None:
        watch = Watch(Path(self.config.snapshot_path), self.model.nq, self.model.nv)
        while not self._stop.is_set():
            world = watch.after(1.0 / self.config.record_rate_hz)
            if world is None:
                self._stop.wait(_NAP_S)
            else:
                self._log.append(world)

    def _write_log(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial.npz")
        np.savez(
            partial,
            time_s=np.array([world.stamp_s for world in self._log]),
            qpos=np.stack([world.qpos for world in self._log]),
            qvel=np.stack([world.qvel for world in self._log]),
        )
        partial.replace(path)


class Watch:
    """Looks for a world file, reads it at a rate of the world's own, and finds it again.

    Attributes:
        trouble: Why there is nothing to see; empty while the world moves.
    """

    def __init__(self, path: Path, nq: int, nv: int) -> None:
        self._path, self._sizes = path, (nq, nv)
        self._file: WorldFile | None = None
        self._next_s, self._given_s = 0.0, 0.0
        self._newest_s, self._moved_s = 0.0, -_SILENT_S
        self.trouble = f"no world file '{path}' yet"

    def after(self, period_s: float) -> WorldState | None:
        """The newest state, once at least a period newer than the last one given."""
        world = self._read()
        if world is None or world.stamp_s < self._next_s or world.stamp_s == self._given_s:
            return None
        self._given_s = world.stamp_s
        self._next_s = max(self._next_s + period_s, world.stamp_s)
        return world

    def _read(self) -> WorldState | None:
        now_s = time.monotonic()
        if self._file is None:
            try:
                self._file = WorldFile(self._path, *self._sizes)
            except FileNotFoundError:
                self.trouble = f"no world file '{self._path}'"
                return None
        world = self._file.read()
        if world.stamp_s != self._newest_s:
            self._newest_s, self._moved_s, self.trouble = world.stamp_s, now_s, ""
        elif now_s - self._moved_s > _SILENT_S:
            self.trouble = f"the world in '{self._path}' stands still"
            if self._file.replaced():
                self._file = None
        return world
