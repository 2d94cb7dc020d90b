# SPDX-License-Identifier: Apache-2.0
"""What can be tuned about seeing."""

from __future__ import annotations

from dataclasses import dataclass

from neuraxis_common.bounds import check_bounds

_BOUNDS = {
    "num_threads": (1, 64),
    "min_score": (0.5, 0.99),
    "stale_timeout_s": (0.05, 60.0),
    "frozen_frames": (2, 100),
    "min_depth_share": (0.0, 1.0),
    "dark_level": (0.0, 255.0),
    "max_age_s": (0.1, 3600.0),
    "gone_frames": (1, 100),
    "confirm_score": (0.05, 1.0),
    "max_speed_m_s": (0.01, 5.0),
}


@dataclass(frozen=True)
class PerceptionConfig:
    """Tuning of ``pipeline.Perception``.

    Attributes:
        model: Detector file, relative to the data root.
        num_threads: Threads of the detector.
        min_score: Detections below are dropped; the detector is not asked about any below 0.5.
        stale_timeout_s: An image older than this is stale.
        frozen_frames: This many equal images in a row mean a frozen camera.
        min_depth_share: Fewer pixels with depth than this share mean no depth.
        dark_level: An image whose brightest percent is below this grey level is black.
        max_age_s: A track not seen for this long is forgotten.
        gone_frames: A track whose place was seen empty this many times in a row is forgotten.
        confirm_score: A new thing scoring less is shown only when seen twice.
        max_speed_m_s: How fast a thing may be carried.
    """

    model: str = "models/detector.onnx"
    num_threads: int = 1
    min_score: float = 0.5
    stale_timeout_s: float = 0.5
    frozen_frames: int = 4
    min_depth_share: float = 0.2
    dark_level: float = 12.0
    max_age_s: float = 60.0
    gone_frames: int = 3
    confirm_score: float = 0.8
    max_speed_m_s: float = 0.6

    def __post_init__(self) -> None:
        """Check every bound."""
        check_bounds(self, _BOUNDS)
