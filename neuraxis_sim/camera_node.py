# SPDX-License-Identifier: Apache-2.0
"""The robot's camera where ros2_control runs the physics: the images, and nothing more.

Out: /camera/color/image_raw, /camera/depth/image_rect and /camera/color/camera_info at the camera's
rate, stamped with the system time at which the world was in that state; /ledger.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo, Image

from neuraxis.msg import LedgerHop
from neuraxis_common import convert
from neuraxis_common.ledger import Hop
from neuraxis_common.lifecycle import SENSOR_QOS, NeuraxisLifecycleNode, spin_lifecycle_node
from neuraxis_common.params import load_params
from neuraxis_sim.camera import camera_info
from neuraxis_sim.watched import WatchConfig, WatchedWorld


class CameraNode(NeuraxisLifecycleNode):
    """Draws a `WatchedWorld` while active."""

    def __init__(self) -> None:
        super().__init__("camera")
        self._world: WatchedWorld | None = None

    def _setup(self) -> None:
        self._world = WatchedWorld(load_params(self, WatchConfig))
        camera = self._world.profile.camera
        self._frame = camera.frame
        self._camera_info = camera_info(camera.fovy_deg, camera.width, camera.height)
        self._color = self.create_output(Image, "camera/color/image_raw", SENSOR_QOS)
        self._depth = self.create_output(Image, "camera/depth/image_rect", SENSOR_QOS)
        self._info = self.create_output(CameraInfo, "camera/color/camera_info", SENSOR_QOS)
        self._ledger = self.create_output(LedgerHop, "ledger", 100)

    def _start(self) -> None:
        self._world.start(self._on_frame, self._on_health)

    def _teardown(self) -> None:
        if self._world is not None:
            self._world.close()
            self._world = None

    def _make_safe(self) -> None:
        self._world.close()

    def _on_health(self, moving: bool, reason: str) -> None:
        log = self.get_logger()
        if moving:
            log.info("the world moves")
        else:
            log.warning(reason)

    def _on_frame(
        self, stamp_s: float, rgb: NDArray[np.uint8], depth_m: NDArray[np.float32]
    ) -> None:
        started_s = time.monotonic()
        self._info.publish(convert.to_camera_info(stamp_s, self._frame, self._camera_info))
        self._color.publish(convert.to_image(stamp_s, self._frame, rgb))
        self._depth.publish(convert.to_image(stamp_s, self._frame, depth_m))
        hop = Hop("camera publish", started_s, time.monotonic())
        self._ledger.publish(convert.to_hop(hop))


def main() -> int:
    """Entry point."""
    return spin_lifecycle_node(CameraNode)


if __name__ == "__main__":
    sys.exit(main())
