# SPDX-License-Identifier: Apache-2.0
"""Where one frame was in another at a stamp, heard on /tf and /tf_static.

tf2 answers where it is installed, through any chain of frames and in between two stamps. Elsewhere
only transforms that go from one frame to the other directly count.
"""

from __future__ import annotations

from collections.abc import Callable

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from rclpy.time import Time
from tf2_msgs.msg import TFMessage

from neuraxis_common import convert
from neuraxis_common.errors import Rejected
from neuraxis_common.frames import PoseHistory
from neuraxis_common.types import FloatArray

try:
    import tf2_py as tf2
except ImportError:
    tf2 = None

# How far, in time, a pose may be from the stamp it is used for.
GAP_S = 0.03
_QOS = QoSProfile(depth=100)
_STATIC_QOS = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class FrameWatch:
    """Poses of `child` in `parent`.

    Args:
        node: Subscribes.
        on_news: Called after every message.
    """

    def __init__(self, node: Node, parent: str, child: str, on_news: Callable[[], None]) -> None:
        self._on_news = on_news
        self._poses = DirectPoses(parent, child) if tf2 is None else ChainedPoses(parent, child)
        for topic, qos, static in (("tf", _QOS, False), ("tf_static", _STATIC_QOS, True)):

            def hear(message: TFMessage, static: bool = static) -> None:
                self._poses.add(message, static)
                self._on_news()

            # Not the guarded one of our base: what is latched comes once, active or not.
            Node.create_subscription(node, TFMessage, topic, hear, qos)

    def at(self, stamp_s: float) -> FloatArray | Rejected:
        """Pose at a stamp, shape (4, 4)."""
        return self._poses.at(stamp_s)


class DirectPoses:
    """Without tf2: transforms whose parent and child are the two frames."""

    def __init__(self, parent: str, child: str) -> None:
        self._frames = parent, child
        self._history = PoseHistory(gap_s=GAP_S)

    def add(self, message: TFMessage, _static: bool) -> None:
        """Remember what is of use in a message."""
        for item in message.transforms:
            if (item.header.frame_id, item.child_frame_id) == self._frames:
                stamp_s = convert.from_time(item.header.stamp)
                self._history.add(stamp_s, convert.from_transform(item.transform))

    def at(self, stamp_s: float) -> FloatArray | Rejected:
        """The pose nearest in time."""
        return self._history.at(stamp_s)


class ChainedPoses:
    """With tf2: the chain of transforms between the two frames."""

    def __init__(self, parent: str, child: str) -> None:
        self._frames = parent, child
        self._buffer = tf2.BufferCore()

    def add(self, message: TFMessage, static: bool) -> None:
        """Remember every transform of a message."""
        add = self._buffer.set_transform_static if static else self._buffer.set_transform
        for item in message.transforms:
            add(item, "tf")

    def at(self, stamp_s: float) -> FloatArray | Rejected:
        """The pose at the stamp, or the newest one if that is near enough."""
        try:
            return self._look_up(Time(nanoseconds=round(stamp_s * 1e9)))[1]
        except tf2.ExtrapolationException as error:
            reason = str(error)
        except tf2.TransformException as error:
            return Rejected("no_pose", str(error))
        newest_s, pose = self._look_up(Time())
        if abs(newest_s - stamp_s) > GAP_S:
            return Rejected("no_pose", reason, {"gap_s": abs(newest_s - stamp_s)})
        return pose

    def _look_up(self, time: Time) -> tuple[float, FloatArray]:
        found = self._buffer.lookup_transform_core(*self._frames, time)
        return convert.from_time(found.header.stamp), convert.from_transform(found.transform)
