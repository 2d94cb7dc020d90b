# SPDX-License-Identifier: Apache-2.0
"""Keyboard of a terminal and gamepad of the Linux kernel's joystick interface, as `Source`.

The joystick interface is eight bytes per event, the same for every pad since Linux 2.2, so that it
takes no library (Documentation/input/joydev/joystick-api.rst).
"""

from __future__ import annotations

import os
import select
import struct
import sys
import termios
import tty
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from neuraxis_cli.teleop.drive import QUIT, Keys, Sticks
from neuraxis_common.errors import ConfigError
from neuraxis_common.types import FloatArray

_EVENT = struct.Struct("<IhBB")
_BUTTON, _AXIS, _INIT = 0x01, 0x02, 0x80
_FULL = 32767.0
# Left stick up and left, right stick left; shoulder buttons. As most pads number them.
_AXES = {1: 0, 0: 1, 3: 2}
_DEADMAN = (4, 5)
_INTERRUPT = "\x03"


class Keyboard:
    """A terminal in raw mode; use as a context so that it is given back."""

    def __init__(self, hold_s: float, stream: int | None = None) -> None:
        self._keys = Keys(hold_s)
        self._fd = sys.stdin.fileno() if stream is None else stream
        if not os.isatty(self._fd):
            raise ConfigError("the keyboard needs a terminal; give --pad for a gamepad")

    def __enter__(self) -> Keyboard:
        """Take the terminal."""
        self._before = termios.tcgetattr(self._fd)
        tty.setcbreak(self._fd)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Give it back as it was, unless it went away."""
        with suppress(termios.error):
            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)

    def poll(self, now_s: float) -> bool:
        """Read the keys that have come; False at Escape, Ctrl-C or the end of input."""
        while select.select([self._fd], [], [], 0.0)[0]:
            data = os.read(self._fd, 64)
            if not data:
                return False
            for key in data.decode("ascii", errors="replace"):
                if key == _INTERRUPT or not self._keys.press(now_s, key):
                    self._keys.press(now_s, QUIT)
                    return False
        return True

    def wish(self, now_s: float) -> FloatArray:
        """Shares of the speeds, shape (3,)."""
        return self._keys.wish(now_s)


class Gamepad:
    """One pad, e.g. /dev/input/js0; hold a shoulder button to drive."""

    def __init__(self, path: Path, dead_zone: float) -> None:
        self._sticks, self._path, self._buttons = Sticks(dead_zone), path, set[int]()
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError as error:
            known = ", ".join(sorted(str(item) for item in Path("/dev/input").glob("js*")))
            raise ConfigError(
                f"gamepad {path} cannot be opened: {error.strerror}; known: {known or 'none'}"
            ) from error

    def __enter__(self) -> Gamepad:
        """It is open already."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Close it."""
        os.close(self._fd)

    def poll(self, _now_s: float) -> bool:
        """Take all events in; False once the pad is gone."""
        while True:
            try:
                data = os.read(self._fd, _EVENT.size * 64)
            except BlockingIOError:
                return True
            except OSError:
                data = b""
            if not data:
                self._sticks.gone()
                return False
            whole = len(data) - len(data) % _EVENT.size
            for _, value, kind, number in _EVENT.iter_unpack(data[:whole]):
                self._take(kind & ~_INIT, number, value)

    def wish(self, now_s: float) -> FloatArray:
        """Shares of the speeds, shape (3,)."""
        return self._sticks.wish(now_s)

    def _take(self, kind: int, number: int, value: int) -> None:
        if kind == _AXIS and number in _AXES:
            # Up and left are negative.
            self._sticks.move(_AXES[number], -value / _FULL)
        elif kind == _BUTTON and number in _DEADMAN:
            (self._buttons.add if value else self._buttons.discard)(number)
            self._sticks.hold(bool(self._buttons))
