# SPDX-License-Identifier: Apache-2.0
"""Objects over time: stable names, averaged poses, survival of what is hidden for a while.

A thing rests unless it is carried, so positions are averaged until one is too far off to be noise;
then the track jumps. Size is a property of the thing and is averaged over every good view.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from neuraxis_common.shapes import SHAPES
from neuraxis_common.types import FloatArray, SceneObject, SceneSnapshot
from perception_node.config import PerceptionConfig
from perception_node.footprint import wrap

Empty = Callable[[SceneObject], bool]
"""Whether an object's place is in plain view, so that it would have been seen."""

_GATE_M = 0.06
_MAX_GATE_M = 0.9
# A thing of another label is the same thing only right where it was.
_SAME_PLACE_M = 0.025
_NO_MATCH = 1e3
# Base sway and slow settling: at once, and per second without a look.
_DRIFT_M, _DRIFT_M_S = 0.001, 0.002
_JUMP_M = 0.012
_AGE_SPREAD_M_S = 0.004
_MEMORY = 0.9
_SIZE_MEMORY = 12.0


@dataclass
class _Track:
    """One thing; ``item`` is what it was last believed to be."""

    item: SceneObject
    hits: int = 1
    empty: int = 0
    last_s: float = 0.0
    votes: dict[tuple[str, str, str], float] = field(default_factory=dict)
    size_weight: float = 0.0

    @property
    def label(self) -> tuple[str, str, str]:
        return self.item.kind, self.item.shape, self.item.color


class Tracker:
    """Associates the objects of each image with the things known so far."""

    def __init__(self, config: PerceptionConfig):
        self._config = config
        self._tracks: list[_Track] = []
        self._count = 0

    @property
    def objects(self) -> tuple[SceneObject, ...]:
        """All confirmed things as last believed."""
        return tuple(track.item for track in self._tracks if self._confirmed(track))

    def predict(self, kind: str, shape: str, color: str) -> list[SceneObject]:
        """Things known with that label."""
        return [track.item for track in self._tracks if track.label == (kind, shape, color)]

    def update(
        self, stamp_s: float, objects: tuple[SceneObject, ...], empty: Empty
    ) -> SceneSnapshot:
        """Take in what one image shows.

        Args:
            stamp_s: Image stamp, not before that of the last call.
            objects: As `locate` gives them.
            empty: Asked about things that the image should show and does not.
        """
        pairs = self._associate(stamp_s, objects)
        seen = set()
        for index, measured in enumerate(objects):
            track = pairs.get(index)
            if track is None:
                self._count += 1
                track = _Track(_named(measured, f"obj_{self._count}"), last_s=stamp_s)
                self._tracks.append(track)
                _vote(track, measured)
                track.size_weight = _quality(measured)
            else:
                self._merge(track, measured, stamp_s)
            seen.add(id(track))
        for track in self._tracks:
            if id(track) not in seen:
                track.empty = track.empty + 1 if empty(track.item) else 0
                track.item = _aged(track.item, stamp_s - track.last_s)
        self._tracks = [track for track in self._tracks if self._alive(track, stamp_s)]
        return SceneSnapshot(stamp_s, self.objects)

    def _confirmed(self, track: _Track) -> bool:
        return track.hits >= 2 or track.item.score >= self._config.confirm_score

    def _alive(self, track: _Track, stamp_s: float) -> bool:
        if not self._confirmed(track) and stamp_s > track.last_s:
            return False
        return (
            stamp_s - track.last_s <= self._config.max_age_s
            and track.empty < self._config.gone_frames
        )

    def _associate(self, stamp_s: float, objects: tuple[SceneObject, ...]) -> dict[int, _Track]:
        if not objects or not self._tracks:
            return {}
        cost = np.array(
            [[self._cost(track, item, stamp_s) for track in self._tracks] for item in objects]
        )
        rows, columns = linear_sum_assignment(cost)
        return {
            int(i): self._tracks[j]
            for i, j in zip(rows, columns, strict=True)
            if cost[i, j] < _NO_MATCH
        }

    def _cost(self, track: _Track, item: SceneObject, stamp_s: float) -> float:
        if item.kind != track.item.kind:
            return _NO_MATCH
        distance = float(np.linalg.norm(item.center_B_m - track.item.center_B_m))
        if track.label != (item.kind, item.shape, item.color):
            differing = (item.shape != track.item.shape) + (item.color != track.item.color)
            return _NO_MATCH if distance > _SAME_PLACE_M else 0.2 * differing + distance
        moved = self._config.max_speed_m_s * max(stamp_s - track.last_s, 0.0)
        gate = min(_GATE_M + moved + 3 * math.sqrt(float(item.cov_B_m2[0, 0])), _MAX_GATE_M)
        return distance if distance < gate else _NO_MATCH

    def _merge(self, track: _Track, measured: SceneObject, stamp_s: float) -> None:
        track.hits, track.empty, track.last_s = track.hits + 1, 0, stamp_s
        _vote(track, measured)
        kind, shape, color = max(track.votes, key=lambda label: track.votes[label])
        old = track.item
        drift_m = _DRIFT_M + _DRIFT_M_S * min(stamp_s - old.stamp_s, 2.0)
        center, cov, jumped = _fuse_position(old, measured, drift_m)
        turn = wrap(measured.yaw_B_rad - old.yaw_B_rad, SHAPES[shape].symmetry_rad)
        weight = _quality(measured)
        share = 1.0 if jumped and weight > 0.3 else 0.35 * weight
        size = old.size_m
        if weight > 0.0:
            gain = weight / (track.size_weight + weight)
            size = old.size_m + gain * (measured.size_m - old.size_m)
            track.size_weight = min(track.size_weight + weight, _SIZE_MEMORY)
        track.item = SceneObject(
            track_id=old.track_id, kind=kind, shape=shape, color=color, center_B_m=center,
            yaw_B_rad=wrap(old.yaw_B_rad + share * turn, SHAPES[shape].symmetry_rad), size_m=size,
            cov_B_m2=cov, stamp_s=stamp_s,
            score=0.7 * old.score + 0.3 * measured.score, box_px=measured.box_px,
        )  # fmt: skip


def _vote(track: _Track, measured: SceneObject) -> None:
    label = (measured.kind, measured.shape, measured.color)
    track.votes = {key: value * _MEMORY for key, value in track.votes.items()}
    track.votes[label] = track.votes.get(label, 0.0) + measured.score * max(_quality(measured), 0.1)


def _quality(measured: SceneObject) -> float:
    """1 for a plain view, 0 for one of which most is hidden."""
    spread = math.sqrt(float(measured.cov_B_m2[0, 0]))
    return float(np.clip(1.0 - (spread - 0.0015) / 0.012, 0.0, 1.0))


def _fuse_position(
    old: SceneObject, measured: SceneObject, drift_m: float
) -> tuple[FloatArray, FloatArray, bool]:
    """Position, covariance and whether the thing has moved."""
    cov = old.cov_B_m2 + np.eye(3) * drift_m**2
    step = measured.center_B_m - old.center_B_m
    spread = math.sqrt(float((cov + measured.cov_B_m2)[0, 0]))
    if np.linalg.norm(step) > max(_JUMP_M, 3.0 * spread):
        return measured.center_B_m, measured.cov_B_m2, True
    gain = cov @ np.linalg.inv(cov + measured.cov_B_m2)
    return old.center_B_m + gain @ step, (np.eye(3) - gain) @ cov, False


def _named(item: SceneObject, track_id: str) -> SceneObject:
    return SceneObject(**{**vars(item), "track_id": track_id})


def _aged(item: SceneObject, age_s: float) -> SceneObject:
    """The same belief, less certain."""
    floor = (_AGE_SPREAD_M_S * min(age_s, 10.0)) ** 2
    if item.cov_B_m2[0, 0] >= floor:
        return item
    return SceneObject(**{**vars(item), "cov_B_m2": item.cov_B_m2 + np.eye(3) * floor})
