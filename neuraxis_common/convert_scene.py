# SPDX-License-Identifier: Apache-2.0
"""The tracked scene, the occupancy grid, the surface ahead and odometry as messages and back."""

from __future__ import annotations

from array import array

import numpy as np
from geometry_msgs.msg import Point
from nav_msgs.msg import OccupancyGrid as GridMessage
from nav_msgs.msg import Odometry
from std_msgs.msg import ColorRGBA
from visualization_msgs.msg import Marker, MarkerArray

from neuraxis.msg import SceneObject as SceneObjectMessage
from neuraxis.msg import SceneObjects
from neuraxis_common.convert import from_quaternion, from_time, to_quaternion, to_time
from neuraxis_common.geometry import quat_wxyz_to_matrix
from neuraxis_common.grid import OccupancyGrid
from neuraxis_common.surface import SPOT_M, Surface
from neuraxis_common.types import FloatArray, SceneObject, SceneSnapshot

# How a person sees the colour names of the scenes; what is not here is grey.
_SHOWN = {
    "red": (0.8, 0.1, 0.1),
    "green": (0.1, 0.6, 0.2),
    "blue": (0.1, 0.3, 0.8),
    "yellow": (0.9, 0.8, 0.1),
    "orange": (0.9, 0.5, 0.1),
    "purple": (0.5, 0.2, 0.7),
    "white": (0.9, 0.9, 0.9),
    "black": (0.1, 0.1, 0.1),
}
_GREY = (0.5, 0.5, 0.5)


def to_scene(frame: str, scene: SceneSnapshot) -> SceneObjects:
    """All tracked objects at one image stamp."""
    message = SceneObjects()
    message.header.stamp = to_time(scene.stamp_s)
    message.header.frame_id = frame
    message.objects = [_to_object(item) for item in scene.objects]
    return message


def to_markers(message: SceneObjects) -> MarkerArray:
    """The same objects as boxes for RViz; containers are see-through."""
    shown = [Marker(header=message.header, action=Marker.DELETEALL)]
    for number, item in enumerate(message.objects):
        box = Marker(header=message.header, ns=item.kind, id=number, type=Marker.CUBE)
        box.pose, box.scale = item.pose.pose, item.size
        red, green, blue = _SHOWN.get(item.color, _GREY)
        box.color = ColorRGBA(r=red, g=green, b=blue, a=0.35 if item.kind == "container" else 0.9)
        shown.append(box)
    return MarkerArray(markers=shown)


def from_scene(message: SceneObjects) -> SceneSnapshot:
    """All tracked objects at one image stamp."""
    objects = tuple(_from_object(item) for item in message.objects)
    return SceneSnapshot(from_time(message.header.stamp), objects)


def to_grid(frame: str, grid: OccupancyGrid) -> GridMessage:
    """Occupancy of the floor in `frame`."""
    message = GridMessage()
    message.header.stamp = to_time(grid.stamp_s)
    message.header.frame_id = frame
    rows, columns = grid.cells.shape
    message.info.resolution, message.info.width, message.info.height = grid.cell_m, columns, rows
    corner = message.info.origin.position
    corner.x, corner.y = (float(value) for value in grid.origin_O_m)
    message.info.origin.orientation.w = 1.0
    message.data = array("b", np.ascontiguousarray(grid.cells).tobytes())
    return message


def from_grid(message: GridMessage) -> OccupancyGrid:
    """Occupancy of the floor; its axes are those of the frame."""
    info, corner = message.info, message.info.origin.position
    cells = np.frombuffer(message.data, np.int8).reshape(info.height, info.width)
    origin = np.array([corner.x, corner.y])
    # The message has single precision.
    cell_m = round(float(info.resolution), 6)
    return OccupancyGrid(from_time(message.header.stamp), origin, cell_m, cells)


def to_surface(frame: str, surface: Surface | None) -> MarkerArray:
    """The surface as lines and points for RViz, in `frame`; None is an empty message."""
    if surface is None:
        return MarkerArray()
    rows = (
        ("edge", Marker.LINE_STRIP, surface.edge_O_m, (0.9, 0.6, 0.1)),
        ("free", Marker.POINTS, surface.free_O_m, (0.1, 0.7, 0.2)),
        ("taken", Marker.POINTS, surface.taken_O_m, (0.8, 0.1, 0.1)),
    )
    shown = []
    for number, (name, kind, points, (red, green, blue)) in enumerate(rows):
        item = Marker(ns=name, id=number, type=kind, action=Marker.ADD)
        item.header.stamp, item.header.frame_id = to_time(surface.stamp_s), frame
        item.pose.orientation.w = 1.0
        item.scale.x = item.scale.y = SPOT_M / 3
        item.color = ColorRGBA(r=red, g=green, b=blue, a=0.9)
        z = float(surface.height_m)
        item.points = [Point(x=float(x), y=float(y), z=z) for x, y in points]
        shown.append(item)
    return MarkerArray(markers=shown)


def from_surface(message: MarkerArray) -> Surface | None:
    """The surface, or None where the message has no edge."""
    items = {item.ns: item for item in message.markers}
    edge = items.get("edge")
    if edge is None or len(edge.points) != 2:
        return None
    free, taken = (_xy(items.get(name)) for name in ("free", "taken"))
    stamp_s, height_m = from_time(edge.header.stamp), edge.points[0].z
    return Surface(stamp_s, height_m, _xy(edge), free, taken)


def _xy(item: Marker | None) -> FloatArray:
    points = [] if item is None else item.points
    return np.array([(point.x, point.y) for point in points]).reshape(-1, 2)


def from_odometry(message: Odometry) -> tuple[float, FloatArray]:
    """Stamp and pose of the child in the frame, shape (4, 4)."""
    place, pose = message.pose.pose.position, np.eye(4)
    pose[:3, :3] = quat_wxyz_to_matrix(from_quaternion(message.pose.pose.orientation))
    pose[:3, 3] = place.x, place.y, place.z
    return from_time(message.header.stamp), pose


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
