# SPDX-License-Identifier: Apache-2.0
"""Short memory of one moving frame: where was the camera when the image was taken?"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque

from neuraxis_common.errors import Rejected
from neuraxis_common.types import FloatArray


class PoseHistory:
    """Poses of one frame in another over the last while.

    Args:
        span_s: How long a pose is remembered.
        gap_s: Largest distance in time from a stamp to the pose used for it.
    """

    def __init__(self, span_s: float = 2.0, gap_s: float = 0.03) -> None:
        self._span_s, self._gap_s = span_s, gap_s
        self._stamps_s: deque[float] = deque()
        self._poses: deque[FloatArray] = deque()

    def add(self, stamp_s: float, pose: FloatArray) -> None:
        """Remember a pose, shape (4, 4). A stamp that runs backwards starts the memory anew."""
        if self._stamps_s and stamp_s <= self._stamps_s[-1]:
            if stamp_s == self._stamps_s[-1]:
                return
            self._stamps_s.clear()
            self._poses.clear()
        self._stamps_s.append(stamp_s)
        self._poses.append(pose)
        while self._stamps_s[0] < stamp_s - self._span_s:
            self._stamps_s.popleft()
            self._poses.popleft()

    def at(self, stamp_s: float) -> FloatArray | Rejected:
        """The pose nearest in time to a stamp, shape (4, 4)."""
        if not self._stamps_s:
            return Rejected("no_pose", "no pose of the frame has arrived yet")
        after = bisect_left(self._stamps_s, stamp_s)
        candidates = [i for i in (after - 1, after) if 0 <= i < len(self._stamps_s)]
        best = min(candidates, key=lambda i: abs(self._stamps_s[i] - stamp_s))
        gap_s = abs(self._stamps_s[best] - stamp_s)
        if gap_s > self._gap_s:
            reason = f"nearest pose is {gap_s:.3f} s away from {stamp_s:.3f}, allowed {self._gap_s}"
            return Rejected("no_pose", reason, {"gap_s": gap_s})
        return self._poses[best]
