# SPDX-License-Identifier: Apache-2.0
"""What the big brain and its MoveIt process say to each other: one JSON object per line.

The process reads what describes the robot from its standard input and answers `{"ready": ...}` or
`{"failed": ...}`. Then each `Question` gets one `Answer`, in order. All poses are in base_link, all
lengths in m, angles in rad.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from neuraxis_common.types import FloatArray

# A question is some kilobytes; more than this is not one of ours.
MAX_LINE = 4_000_000


class GoneError(ConnectionError):
    """The other side closed, or said something that is no line of ours."""


@dataclass(frozen=True)
class Thing:
    """A box or cylinder.

    Attributes:
        size_m: Box: full extents. Cylinder: (diameter, diameter, height). Margins included.
        T: Pose of its centre, shape (4, 4): in base_link, of a held part in the tool frame.
    """

    name: str
    shape: Literal["box", "cylinder"]
    size_m: FloatArray
    T: FloatArray


@dataclass(frozen=True)
class Question:
    """One motion to be found.

    Attributes:
        joints: Position of every joint by name, rad, fingers in m.
        postures: Joint goals in the order of the side's joints, shape (k, n); any will do.
        tool: Tool goal in place of postures, shape (4, 4), with the turn that it leaves free
            about the base's z and the tool's y axis.
        line: The tool goes straight to `tool`.
        near: Posture to stay close to, shape (n,).
        may_touch: Pairs of links and things whose contact is allowed.
        held: Part in the hand, with the links that it may touch.
        budget_s: Time to find it in.
    """

    number: int
    side: str
    joints: Mapping[str, float]
    near: FloatArray
    budget_s: float
    seed: int
    postures: FloatArray | None = None
    tool: FloatArray | None = None
    yaw_free_rad: tuple[float, float] = (0.0, 0.0)
    tilt_free_rad: tuple[float, float] = (0.0, 0.0)
    line: bool = False
    things: tuple[Thing, ...] = ()
    may_touch: tuple[tuple[str, str], ...] = ()
    held: Thing | None = None
    held_links: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """A joint path, or why there is none.

    Attributes:
        path_rad: Shape (m, n) in the order of the side's joints, None for a refusal.
        code, reason, details: As in `Rejected`, for a refusal.
        took_s: Time by the process's own clock.
        cpu_s: Processor time of the process.
    """

    number: int
    path_rad: FloatArray | None = None
    code: str = ""
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    took_s: float = 0.0
    cpu_s: float = 0.0


def to_frame(message: Question | Answer) -> dict[str, Any]:
    """As plain JSON values."""
    return _plain(asdict(message))


def to_question(frame: Mapping[str, Any]) -> Question:
    """Back from JSON; the shapes of its arrays are those of `Question`."""
    values = dict(frame)
    for name in ("near", "postures", "tool"):
        values[name] = _array(values[name])
    for name in ("yaw_free_rad", "tilt_free_rad", "held_links"):
        values[name] = tuple(values[name])
    values["may_touch"] = tuple((first, second) for first, second in values["may_touch"])
    values["things"] = tuple(_thing(item) for item in values["things"])
    values["held"] = None if values["held"] is None else _thing(values["held"])
    return Question(**values)


def to_answer(frame: Mapping[str, Any], joints: int) -> Answer:
    """Back from JSON.

    Raises:
        GoneError: It is not an answer about this many joints.
    """
    try:
        answer = Answer(**frame | {"path_rad": _array(frame["path_rad"])})
    except (TypeError, ValueError, KeyError) as error:
        raise GoneError(f"not an answer: {error}") from error
    path = answer.path_rad
    if path is None and not answer.code:
        raise GoneError("neither a path nor a refusal")
    if path is not None and (path.ndim != 2 or path.shape[1] != joints or len(path) < 1):
        raise GoneError(f"a path of shape {path.shape} for {joints} joints")
    if path is not None and not np.isfinite(path).all():
        raise GoneError("a path with numbers that are not finite")
    return answer


class Line:
    """One end of the connection.

    Args:
        end: Connected stream socket.
        clock: Monotonic seconds, for deadlines.
    """

    def __init__(self, end: socket.socket, clock: Callable[[], float]) -> None:
        self._end, self._clock, self._buffer = end, clock, b""

    def send(self, frame: Mapping[str, Any], timeout_s: float = 1.0) -> None:
        """Send one object.

        Raises:
            GoneError: The other side closed or does not read.
        """
        self._end.settimeout(timeout_s)
        try:
            self._end.sendall(json.dumps(frame).encode() + b"\n")
        except OSError as error:
            raise GoneError(str(error)) from error

    def receive(self, timeout_s: float | None) -> dict[str, Any] | None:
        """Next object, None when none came in time; waits for ever with a timeout of None.

        Raises:
            GoneError: The other side closed, or sent something else.
        """
        until_s = None if timeout_s is None else self._clock() + timeout_s
        while b"\n" not in self._buffer:
            left_s = None if until_s is None else until_s - self._clock()
            # A line that is here already is read however late it is.
            self._end.settimeout(None if left_s is None else max(left_s, 1e-4))
            try:
                chunk = self._end.recv(65536)
            except TimeoutError:
                return None
            except OSError as error:
                raise GoneError(str(error)) from error
            if not chunk:
                raise GoneError("connection closed")
            self._buffer += chunk
            if len(self._buffer) > MAX_LINE:
                raise GoneError("line too long")
        line, self._buffer = self._buffer.split(b"\n", 1)
        try:
            frame = json.loads(line)
        except ValueError as error:
            raise GoneError(f"not JSON: {line[:80]!r}") from error
        if not isinstance(frame, dict):
            raise GoneError(f"not an object: {line[:80]!r}")
        return frame

    def close(self) -> None:
        """Close this end."""
        self._end.close()


def _array(value: Any) -> FloatArray | None:
    return None if value is None else np.array(value, dtype=float)


def _thing(values: Mapping[str, Any]) -> Thing:
    return Thing(**values | {"size_m": _array(values["size_m"]), "T": _array(values["T"])})


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return value
