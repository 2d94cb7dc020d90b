# SPDX-License-Identifier: Apache-2.0
"""A simulated world that another process runs: its newest state, read from the file it keeps.

Layout: ``WorldFileHeader`` in hardware_interface/include/neuraxis/world_file.hpp, then qpos, qvel.
"""

from __future__ import annotations

import mmap
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from neuraxis_common.errors import ConfigError
from neuraxis_common.types import FloatArray

MAGIC = int.from_bytes(b"NXWORLD1", "little")
_MAGIC, _SEQUENCE, _STAMP, _TIME, _NQ, _NV, _FIRST = range(7)
_WORD_BYTES = 8
_TRIES = 1000


@dataclass(frozen=True)
class WorldState:
    """A world at one instant.

    Attributes:
        stamp_s: System time of this state, the clock of the robot's other stamps.
        time_s: The world's own time.
    """

    stamp_s: float
    time_s: float
    qpos: FloatArray
    qvel: FloatArray


class WorldFile:
    """Maps one world file.

    Raises:
        FileNotFoundError: Nobody keeps such a file (yet).
        ConfigError: The file is something else, or of another model.
    """

    def __init__(self, path: Path, nq: int, nv: int) -> None:
        with path.open("rb") as file:
            self._inode = os.fstat(file.fileno()).st_ino
            size = os.fstat(file.fileno()).st_size
            if size < _FIRST * _WORD_BYTES:
                raise ConfigError(f"'{path}' is no world file: it has {size} bytes")
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._path = path
        self._words = np.frombuffer(self._map, np.uint64)
        self._values = self._words.view(np.float64)
        found = int(self._words[_NQ]), int(self._words[_NV])
        if int(self._words[_MAGIC]) != MAGIC:
            raise ConfigError(f"'{path}' is no world file")
        if found != (nq, nv):
            raise ConfigError(
                f"'{path}' has {found[0]} positions and {found[1]} velocities, "
                f"the model {nq} and {nv}"
            )
        self._nq = nq

    def read(self) -> WorldState:
        """The newest whole state."""
        for _ in range(_TRIES):
            before = int(self._words[_SEQUENCE])
            copy = self._values.copy()
            if before % 2 == 0 and int(self._words[_SEQUENCE]) == before:
                qpos, qvel = copy[_FIRST:][: self._nq], copy[_FIRST + self._nq :]
                return WorldState(float(copy[_STAMP]), float(copy[_TIME]), qpos, qvel)
        raise TimeoutError(f"'{self._path}' was never at rest: did its writer die while writing?")

    def replaced(self) -> bool:
        """Whether the name now stands for another file or for none."""
        try:
            return self._path.stat().st_ino != self._inode
        except FileNotFoundError:
            return True
