# SPDX-License-Identifier: Apache-2.0
"""What keys and sticks ask for, and the deadman that ends it. No terminal, no device, no clock."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from neuraxis_common.bounds import check_bounds
from neuraxis_common.types import FloatArray

# Forward m/s, left m/s and turn rad/s of each key, as shares of the speeds.
KEYS = {
    "w": (1.0, 0.0, 0.0),
    "s": (-1.0, 0.0, 0.0),
    "a": (0.0, 0.0, 1.0),
    "d": (0.0, 0.0, -1.0),
    "q": (0.0, 1.0, 0.0),
    "e": (0.0, -1.0, 0.0),
}
FASTER, SLOWER, STOP, QUIT = "+", "-", " ", "\x1b"
_STEP = 1.25

_BOUNDS = {
    "forward_m_s": (0.05, 1.0),
    "back_m_s": (0.05, 0.3),
    "left_m_s": (0.05, 0.3),
    "turn_rad_s": (0.05, 0.6),
    "hold_s": (0.05, 1.0),
    "dead_zone": (0.0, 0.5),
}


@dataclass(frozen=True)
class TeleopConfig:
    """Largest speeds and the deadman.

    Attributes:
        hold_s: A key or a stick that was not heard of for so long is let go. Terminals repeat a
            held key after a first pause of up to half a second.
        dead_zone: Share of a stick's way that counts as its middle.
    """

    forward_m_s: float = 0.4
    back_m_s: float = 0.2
    left_m_s: float = 0.2
    turn_rad_s: float = 0.5
    hold_s: float = 0.6
    dead_zone: float = 0.1

    def __post_init__(self) -> None:
        """Raise ConfigError naming the first field outside its bounds."""
        check_bounds(self, _BOUNDS)


class Source(Protocol):
    """A device that somebody holds on to."""

    def poll(self, now_s: float) -> bool:
        """Read what is new; False once the person is done or the device is gone."""

    def wish(self, now_s: float) -> FloatArray:
        """Shares of the speeds, each in [-1, 1], shape (3,); zero when nobody holds on."""


class Keys:
    """The newest key counts until it is let go, which a terminal tells only by silence.

    Args:
        hold_s: See `TeleopConfig`.

    Attributes:
        scale: Share of the speeds; + and - change it.
    """

    def __init__(self, hold_s: float) -> None:
        self._hold_s = hold_s
        self._wish, self._at_s = np.zeros(3), -math.inf
        self.scale = 1.0

    def press(self, now_s: float, key: str) -> bool:
        """Take one key; False for the one that ends it all. Unknown keys stop the robot."""
        key = key.lower()
        if key == QUIT:
            self._wish = np.zeros(3)
            return False
        if key in (FASTER, SLOWER):
            self.scale *= _STEP if key == FASTER else 1 / _STEP
            self.scale = min(max(self.scale, 0.1), 1.0)
            return True
        self._wish, self._at_s = np.array(KEYS.get(key, (0.0, 0.0, 0.0))), now_s
        return True

    def wish(self, now_s: float) -> FloatArray:
        """Shares of the speeds, shape (3,)."""
        held = 0.0 <= now_s - self._at_s <= self._hold_s
        return self.scale * self._wish if held else np.zeros(3)


class Sticks:
    """Axes of a gamepad behind a button that must stay pressed.

    A pad reports changes only, so silence is no sign of anything: the button is the deadman, and a
    pad that is gone lets go.

    Args:
        dead_zone: See `TeleopConfig`.
    """

    def __init__(self, dead_zone: float) -> None:
        self._dead_zone = dead_zone
        self._axes = np.zeros(3)
        self._held = False

    def hold(self, pressed: bool) -> None:
        """The deadman's button."""
        self._held = pressed

    def move(self, axis: int, value: float) -> None:
        """Forward (0), left (1) or turn left (2) in [-1, 1]; what is not finite is the middle."""
        if 0 <= axis < 3:
            self._axes[axis] = min(max(value, -1.0), 1.0) if math.isfinite(value) else 0.0

    def gone(self) -> None:
        """The device went away."""
        self._held, self._axes = False, np.zeros(3)

    def wish(self, _now_s: float) -> FloatArray:
        """Shares of the speeds, shape (3,)."""
        if not self._held:
            return np.zeros(3)
        beyond = np.maximum(np.abs(self._axes) - self._dead_zone, 0.0) / (1.0 - self._dead_zone)
        return np.sign(self._axes) * beyond


def velocity(wish: FloatArray, config: TeleopConfig) -> FloatArray:
    """Forward m/s, left m/s and turn rad/s of shares in [-1, 1], shapes (3,)."""
    forward = config.forward_m_s if wish[0] > 0 else config.back_m_s
    return np.clip(wish, -1.0, 1.0) * (forward, config.left_m_s, config.turn_rad_s)


class Sender:
    """Decides what goes out: a wish as long as there is one, then zeros, then nothing.

    The zeros end a walk at once; the silence after them leaves /cmd_vel to others.

    Args:
        zeros_s: How long zeros are sent after a wish.
    """

    def __init__(self, config: TeleopConfig, zeros_s: float = 0.5) -> None:
        self._config, self._zeros_s = config, zeros_s
        self._active_s = -math.inf

    def message(self, now_s: float, wish: FloatArray) -> FloatArray | None:
        """What to publish now, shape (3,); None for nothing."""
        if np.any(wish != 0.0) and np.all(np.isfinite(wish)):
            self._active_s = now_s
            return velocity(wish, self._config)
        return np.zeros(3) if now_s - self._active_s <= self._zeros_s else None
