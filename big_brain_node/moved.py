# SPDX-License-Identifier: Apache-2.0
"""Did it really move? Measured joints and fingers against what a motion claims.

The small brain judges its own motions. This looks again with nothing but measured positions, so
that a body that answers "succeeded" without moving, or a driver that repeats itself, is found out.
"""

from __future__ import annotations

import numpy as np

from big_brain_node.ports import Carry, GripResult
from neuraxis_common.errors import Rejected
from neuraxis_common.types import FloatArray, JointTrajectory

# Motions smaller than this are within what a standing robot's joints do anyway.
_LEAST_RAD = 0.05
# Farther from the end than the small brain allows (`goal_tolerance_rad`), by sag and a late stamp.
_END_RAD = 0.1
# In this time joints that should turn by `_LEAST_RAD` must show a share of it.
_STALL_S, _STALL_SHARE = 1.5, 0.2
# Fingers that close on a part leave their opening by at least half of the tightest clearance.
_FINGER_M = 0.003


class MotionWatch:
    """Watches one trajectory.

    Args:
        trajectory: What was sent to the small brain.
        now_s: When.
        pos_rad: Measured positions of its joints at that instant, shape (n,).

    Attributes:
        names: The joints it looks at.
    """

    def __init__(self, trajectory: JointTrajectory, now_s: float, pos_rad: FloatArray) -> None:
        self.names = trajectory.joint_names
        self._trajectory, self._began_s = trajectory, now_s
        self._start_rad, self._since_s, self._at_rad = pos_rad, now_s, pos_rad

    def under_way(self, now_s: float, pos_rad: FloatArray) -> Rejected | None:
        """``no_motion`` when the joints stand still although the trajectory goes on."""
        if now_s - self._since_s < _STALL_S:
            return None
        wanted = np.abs(self._wanted(now_s) - self._wanted(self._since_s))
        k = int(np.argmax(wanted))
        moved = float(np.abs(pos_rad[k] - self._at_rad[k]))
        self._since_s, self._at_rad = now_s, pos_rad
        if wanted[k] < _LEAST_RAD or moved >= _STALL_SHARE * wanted[k]:
            return None
        name = self._trajectory.joint_names[k]
        reason = (
            f"{name} should have turned {wanted[k]:.2f} rad and was measured to turn {moved:.2f}"
        )
        return _no_motion(reason, name, moved, float(wanted[k]))

    def claimed(self, pos_rad: FloatArray) -> Rejected | None:
        """``no_motion`` when the end is claimed and the joints are not there."""
        goal = self._trajectory.pos_rad[-1]
        left = np.abs(goal - pos_rad)
        k = int(np.argmax(left))
        if left[k] <= _END_RAD:
            return None
        name = self._trajectory.joint_names[k]
        reason = f"the motion is said to be done, but {name} is {left[k]:.2f} rad from its end"
        moved, wanted = np.abs(pos_rad - self._start_rad)[k], np.abs(goal - self._start_rad)[k]
        return _no_motion(reason, name, float(moved), float(wanted))

    def _wanted(self, now_s: float) -> FloatArray:
        """Where the trajectory is after the time since it was sent, shape (n,)."""
        t, pos = self._trajectory.t_s, self._trajectory.pos_rad
        return np.array([np.interp(now_s - self._began_s, t, column) for column in pos.T])


def closed(carry: Carry, result: GripResult) -> Rejected | None:
    """``no_motion`` when fingers claim to hold something and have not closed."""
    if not result.holding or result.width_m <= carry.open_width_m - _FINGER_M:
        return None
    reason = f"the fingers claim to hold and stand at {result.width_m * 1e3:.0f} mm, as opened"
    return _no_motion(reason, f"{carry.side} fingers", result.width_m, carry.open_width_m)


def opened(carry: Carry, held_m: float | None, result: GripResult) -> Rejected | None:
    """``no_motion`` when fingers that held something at a width claim to have let it go."""
    if held_m is None or result.width_m >= min(held_m + _FINGER_M, carry.open_width_m):
        return None
    reason = f"the fingers claim to have opened and stand at {result.width_m * 1e3:.0f} mm"
    return _no_motion(reason, f"{carry.side} fingers", result.width_m, held_m)


def _no_motion(reason: str, what: str, value: float, bound: float) -> Rejected:
    details = {"moving": what, "value": round(value, 4), "bound": round(bound, 4)}
    return Rejected("no_motion", reason, details)
