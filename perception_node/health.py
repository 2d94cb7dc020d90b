# SPDX-License-Identifier: Apache-2.0
"""Whether the camera can be believed."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Literal

import numpy as np

from neuraxis_common.types import RgbdFrame
from perception_node.config import PerceptionConfig

State = Literal["waiting", "ok", "black", "frozen", "stale", "no_depth", "no_bench"]
_STRIDE = 4
_LIT_SHARE = 0.01


@dataclass(frozen=True)
class Health:
    """State of the camera and why."""

    state: State
    reason: str = ""

    @property
    def ok(self) -> bool:
        """Whether objects are up to date."""
        return self.state == "ok"


class HealthMonitor:
    """Watches images one by one."""

    def __init__(self, config: PerceptionConfig):
        self._config = config
        self._digest, self._repeats = -1, 0
        self._stamp_s: float | None = None
        self._last = Health("waiting", "no image has come yet")

    def check(self, frame: RgbdFrame) -> Health:
        """Judge one image; remembers its stamp for `at`."""
        self._last = self._judge(frame)
        self._stamp_s = frame.stamp_s
        return self._last

    def note(self, health: Health) -> Health:
        """Replace the verdict on the latest image by that of a later stage."""
        self._last = health
        return health

    def at(self, now_s: float) -> Health:
        """The verdict on the latest image, or stale when that is too old at ``now_s``."""
        if self._stamp_s is None:
            return self._last
        age_s = now_s - self._stamp_s
        if age_s > self._config.stale_timeout_s:
            return Health(
                "stale",
                f"the latest image is {age_s:.2f} s old, "
                f"at most {self._config.stale_timeout_s:.2f} s is good",
            )
        return self._last

    def _judge(self, frame: RgbdFrame) -> Health:
        config = self._config
        sparse = np.ascontiguousarray(frame.rgb[::_STRIDE, ::_STRIDE])
        digest = zlib.crc32(sparse)
        self._repeats = self._repeats + 1 if digest == self._digest else 0
        self._digest = digest
        if np.count_nonzero(sparse >= config.dark_level) < _LIT_SHARE * sparse.size:
            bright = float(np.percentile(sparse, 100 * (1 - _LIT_SHARE)))
            return Health(
                "black",
                f"{1 - _LIT_SHARE:.0%} of the image is below grey level {bright:.0f}, "
                f"a lit scene exceeds {config.dark_level:.0f}",
            )
        if self._repeats + 1 >= config.frozen_frames:
            return Health("frozen", f"the last {self._repeats + 1} images are equal")
        share = float(np.mean(frame.depth_m[::_STRIDE, ::_STRIDE] > 0))
        if share < config.min_depth_share:
            return Health(
                "no_depth",
                f"{share:.0%} of the pixels have depth, needed are {config.min_depth_share:.0%}",
            )
        return Health("ok")
