# SPDX-License-Identifier: Apache-2.0
"""Image in, tracked objects out: health, detector, bench plane, geometry, tracks."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from neuraxis_common.types import FloatArray, RgbdFrame, SceneObject, SceneSnapshot
from perception_node.config import PerceptionConfig
from perception_node.detector import Detection, Detector
from perception_node.health import Health, HealthMonitor
from perception_node.locate import locate
from perception_node.plane import Plane, bench_points, fit_bench
from perception_node.tracker import Tracker

# A track seen well at least once knows its size better than the detector does.
_KNOWN_SPREAD_M = 0.004
_CLEAR_PX = 6
_BEHIND_M = 0.012


class Perception:
    """Objects on and over the bench, image by image.

    Args:
        model_path: The detector's ONNX file.
        config: Tuning; its ``model`` is not read here.
    """

    def __init__(self, model_path: Path, config: PerceptionConfig | None = None):
        self._config = config or PerceptionConfig()
        self.detector = Detector(model_path, self._config.num_threads, self._config.min_score)
        self.reset()

    def reset(self) -> None:
        """Forget everything seen."""
        self._monitor = HealthMonitor(self._config)
        self._tracker = Tracker(self._config)
        self._plane: Plane | None = None
        self.detections: tuple[Detection, ...] = ()

    def health(self, now_s: float) -> Health:
        """State of the camera at ``now_s``, in the clock of the image stamps."""
        return self._monitor.at(now_s)

    def update(self, frame: RgbdFrame) -> SceneSnapshot:
        """Take in one image.

        An image that health rejects changes nothing: the snapshot holds the old objects with their
        old stamps.
        """
        if not self._monitor.check(frame).ok:
            return SceneSnapshot(frame.stamp_s, self._tracker.objects)
        self.detections = self.detector.detect(frame.rgb)
        boxes = np.array([item.box_px for item in self.detections]).reshape(-1, 4)
        points = bench_points(frame.depth_m, frame.info, frame.T_BC, boxes)
        self._plane = fit_bench(points, self._plane)
        if self._plane is None:
            self._monitor.note(Health("no_bench", "no level surface in the depth image"))
            return SceneSnapshot(frame.stamp_s, self._tracker.objects)
        objects = locate(frame, self._plane, self.detections, self._size)
        return self._tracker.update(frame.stamp_s, objects, lambda item: _is_gone(frame, item))

    def _size(self, detection: Detection) -> tuple[float, float, float] | None:
        """Size of the one known thing of that label, else the detector's own estimate."""
        known = [
            item
            for item in self._tracker.predict(detection.kind, detection.shape, detection.color)
            if item.cov_B_m2[0, 0] < _KNOWN_SPREAD_M**2
        ]
        if len(known) == 1:
            return tuple(float(value) for value in known[0].size_m)
        return detection.size_m


def _is_gone(frame: RgbdFrame, item: SceneObject) -> bool:
    """Whether the image shows plainly what lies behind the place of an object.

    False where a tested point is outside the image or something stands at or before it.
    """
    points_C = (_landmarks(item) - frame.T_BC[:3, 3]) @ frame.T_BC[:3, :3]
    info = frame.info
    for x, y, z in points_C:
        if z < 0.05:
            return False
        column, row = int(x / z * info.fx + info.cx), int(y / z * info.fy + info.cy)
        if not (
            _CLEAR_PX <= column < info.width - _CLEAR_PX
            and _CLEAR_PX <= row < info.height - _CLEAR_PX
        ):
            return False
        window = frame.depth_m[row - 2 : row + 3, column - 2 : column + 3]
        seen = window[window > 0]
        if not len(seen) or float(seen.min()) < z + _BEHIND_M:
            return False
    return True


def _landmarks(item: SceneObject) -> FloatArray:
    """Points of the upper surface: the middle of a part, the sides of a container's rim."""
    top_B = item.center_B_m + np.array([0.0, 0.0, item.size_m[2] / 2 - 0.003])
    if item.kind == "part":
        return top_B[None]
    cos, sin = np.cos(item.yaw_B_rad), np.sin(item.yaw_B_rad)
    long, short = item.size_m[:2] / 2
    sides = np.array([[cos, sin, 0.0], [-cos, -sin, 0.0]]) * long
    ends = np.array([[-sin, cos, 0.0], [sin, -cos, 0.0]]) * short
    return top_B + np.concatenate([sides, ends])
