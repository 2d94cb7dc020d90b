# SPDX-License-Identifier: Apache-2.0
"""Perception as a node: decides what lies where around the robot.

In: /camera/color/image_raw, /camera/depth/image_rect, /camera/color/camera_info, /tf.
Out: /perception/objects once per image, in base_link at the image stamp; /perception/markers for
RViz, /perception/grid, the occupancy of the floor in odom, and /perception/surface, the level
surface ahead in odom, while somebody looks; /ledger.

An image waits for the depth and the camera pose of its stamp; when a newer one comes first, it is
left out. The hop in the ledger begins when the transport has got both colour and depth, so it
includes the time that they lie unread.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from nav_msgs.msg import OccupancyGrid
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo, Image
from visualization_msgs.msg import MarkerArray

from neuraxis.msg import LedgerHop, SceneObjects
from neuraxis_common import convert
from neuraxis_common.convert_scene import to_grid, to_markers, to_scene, to_surface
from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.frames_node import FrameWatch
from neuraxis_common.ledger import Hop
from neuraxis_common.lifecycle import (
    SENSOR_QOS,
    STATE_QOS,
    NeuraxisLifecycleNode,
    spin_lifecycle_node,
)
from neuraxis_common.params import RobotParams, load_params
from neuraxis_common.realtime import EYES_CORES
from neuraxis_common.robot import load_profile
from neuraxis_common.types import CameraInfo as Intrinsics
from neuraxis_common.types import RgbdFrame
from perception_node.config import PerceptionConfig
from perception_node.obstacles import ObstacleConfig, ObstacleMap
from perception_node.pipeline import Perception
from perception_node.surface import SurfaceAhead, SurfaceConfig

_HEALTH_PERIOD_S = 0.5
_ODOM = "odom"
# Below everything that keeps the robot standing, above what nobody waits for.
_PRIORITY = 20


class PerceptionNode(NeuraxisLifecycleNode):
    """Feeds a `Perception` with registered images and publishes what it believes."""

    def __init__(self) -> None:
        super().__init__("perception")
        self._perception: Perception | None = None

    def _setup(self) -> None:
        config = load_params(self, RobotParams)
        tuning = load_params(self, PerceptionConfig)
        root = Path(config.data_root)
        profile = load_profile(config.robot, root)
        model_path = root / tuning.model
        if not model_path.is_file():
            raise ConfigError(
                f"detector '{tuning.model}' does not exist; make one with: make train"
            )
        cv2.setNumThreads(tuning.num_threads)
        started_s = time.monotonic()
        self._perception = Perception(model_path, tuning)
        camera = profile.camera
        self._perception.detector.detect(np.zeros((camera.height, camera.width, 3), np.uint8))
        self.get_logger().info(f"detector loaded in {time.monotonic() - started_s:.2f} s")
        self._floor = ObstacleMap(load_params(self, ObstacleConfig))
        self._ahead = SurfaceAhead(load_params(self, SurfaceConfig))
        self._base, self._camera_frame = profile.base_link, camera.frame
        self._info: Intrinsics | None = None
        self._color: tuple[float, NDArray[np.uint8], float] | None = None
        self._depth: tuple[float, NDArray[np.float32], float] | None = None
        self._now_s, self._arrived_s = 0.0, time.monotonic()
        self._health = ""
        self._create_io()

    def _create_io(self) -> None:
        self._objects = self.create_output(SceneObjects, "perception/objects")
        self._markers = self.create_output(MarkerArray, "perception/markers")
        self._grid = self.create_output(OccupancyGrid, "perception/grid", 1)
        self._surface = self.create_output(MarkerArray, "perception/surface", 1)
        self._ledger = self.create_output(LedgerHop, "ledger", 100)
        self._poses = FrameWatch(self, self._base, self._camera_frame, self._see)
        self._bases = FrameWatch(self, _ODOM, self._base, lambda: None)
        self.create_subscription(CameraInfo, "camera/color/camera_info", self._on_info, SENSOR_QOS)
        self.create_subscription(Image, "camera/color/image_raw", self._on_color, STATE_QOS)
        self.create_subscription(Image, "camera/depth/image_rect", self._on_depth, STATE_QOS)
        self.create_timer(_HEALTH_PERIOD_S, self._watch)

    def _teardown(self) -> None:
        self._perception = None

    def _on_info(self, message: CameraInfo) -> None:
        self._info = convert.from_camera_info(message)

    def _on_color(self, message: Image, info: dict[str, Any]) -> None:
        rgb = convert.from_image(message)
        if isinstance(rgb, Rejected) or rgb.ndim != 3:
            self.get_logger().error("colour image is not rgb8", throttle_duration_sec=5.0)
            return
        self._color = (convert.from_time(message.header.stamp), rgb, convert.received_s(info))
        self._see()

    def _on_depth(self, message: Image, info: dict[str, Any]) -> None:
        depth_m = convert.from_image(message)
        if isinstance(depth_m, Rejected) or depth_m.ndim != 2:
            self.get_logger().error("depth is not 16UC1 or 32FC1", throttle_duration_sec=5.0)
            return
        self._depth = (convert.from_time(message.header.stamp), depth_m, convert.received_s(info))
        self._see()

    def _see(self) -> None:
        """Perceive as soon as image, depth, intrinsics and pose of one stamp are there."""
        if self._color is None or self._depth is None or self._info is None:
            return
        stamp_s, rgb, color_arrived_s = self._color
        depth_stamp_s, depth_m, depth_arrived_s = self._depth
        pose = self._poses.at(stamp_s)
        if depth_stamp_s != stamp_s or isinstance(pose, Rejected):
            return
        self._color = self._depth = None
        frame = RgbdFrame(stamp_s, rgb, depth_m, self._info, pose)
        scene = self._perception.update(frame)
        message = to_scene(self._base, scene)
        self._objects.publish(message)
        done_s = time.monotonic()
        self._now_s, self._arrived_s = stamp_s, done_s
        arrived_s = max(color_arrived_s, depth_arrived_s)
        self._ledger.publish(convert.to_hop(Hop("perception", arrived_s, done_s)))
        if self._markers.get_subscription_count():
            self._markers.publish(to_markers(message))
        self._map(frame)

    def _map(self, frame: RgbdFrame) -> None:
        """Floor and surface in the image, after all that somebody waits for."""
        base = self._bases.at(frame.stamp_s)
        if isinstance(base, Rejected):
            return
        if self._grid.get_subscription_count():
            self._grid.publish(to_grid(_ODOM, self._floor.update(frame, base)))
        if self._surface.get_subscription_count():
            self._surface.publish(to_surface(_ODOM, self._ahead.update(frame, base)))

    def _watch(self) -> None:
        health = self._perception.health(self._now_s + time.monotonic() - self._arrived_s)
        if health.state != self._health:
            self._health = health.state
            log = self.get_logger()
            if health.ok:
                log.info("camera ok")
            else:
                log.warning(f"camera {health.state}: {health.reason}")


def main() -> int:
    """Entry point."""
    return spin_lifecycle_node(PerceptionNode, priority=_PRIORITY, cores=EYES_CORES)


if __name__ == "__main__":
    sys.exit(main())
