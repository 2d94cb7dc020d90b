# SPDX-License-Identifier: Apache-2.0
"""The tracked scene as a message and back."""

from __future__ import annotations

import numpy as np

from neuraxis.msg import SceneObject as SceneObjectMessage
from neuraxis.msg import SceneObjects
from neuraxis_common.convert import from_time, to_quaternion, to_time
from neuraxis_common.types import SceneObject, SceneSnapshot


def to_scene(frame: str, scene: SceneSnapshot) -> SceneObjects:
    """All tracked objects at one image stamp."""
    message = SceneObjects()
    message.header.stamp = to_time(scene.stamp_s)
    message.header.frame_id = frame
    message.objects = [_to_object(item) for item in scene.objects]
    return message


def from_scene(message: SceneObjects) -> SceneSnapshot:
    """All tracked objects at one image stamp."""
    objects = tuple(_from_object(item) for item in message.objects)
    return SceneSnapshot(from_time(message.header.stamp), objects)


def _to_object(item: SceneObject) -> SceneObjectMessage:
    message = SceneObjectMessage(
        track_id=item.track_id,
        kind=item.kind,
        shape=item.shape,
        color=item.color,
        score=float(item.score),
        last_seen=to_time(item.stamp_s),
        box=np.array(item.box_px, dtype=float),
    )
    place, size = message.pose.pose.position, message.size
    place.x, place.y, place.z = (float(value) for value in item.center_B_m)
    size.x, size.y, size.z = (float(value) for value in item.size_m)
    half = item.yaw_B_rad / 2
    message.pose.pose.orientation = to_quaternion(np.array([np.cos(half), 0, 0, np.sin(half)]))
    covariance = np.zeros((6, 6))
    covariance[:3, :3] = item.cov_B_m2
    message.pose.covariance = covariance.ravel()
    return message


def _from_object(message: SceneObjectMessage) -> SceneObject:
    place, turn, size = message.pose.pose.position, message.pose.pose.orientation, message.size
    return SceneObject(
        track_id=message.track_id,
        kind=message.kind,
        shape=message.shape,
        color=message.color,
        center_B_m=np.array([place.x, place.y, place.z]),
        yaw_B_rad=float(2 * np.arctan2(turn.z, turn.w)),
        size_m=np.array([size.x, size.y, size.z]),
        cov_B_m2=np.array(message.pose.covariance).reshape(6, 6)[:3, :3],
        stamp_s=from_time(message.last_seen),
        score=message.score,
        box_px=tuple(float(value) for value in message.box),
    )
