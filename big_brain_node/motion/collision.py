# SPDX-License-Identifier: Apache-2.0
"""Collision checks of one arm motion on the URDF's collision shapes (coal behind Pinocchio).

`CollisionModel` knows the robot and which pairs of its shapes can meet at all. `CollisionScene`
adds the obstacles and the held part of one request and answers yes or no for a configuration.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import coal
import numpy as np
import pinocchio as pin

from big_brain_node.motion.kinematics import ArmChain, RobotKinematics
from big_brain_node.motion.planner import Attached, MotionConfig, Obstacle
from neuraxis_common.types import FloatArray

HELD = "held_part"
# Random postures from which shapes that never come near each other are found.
_PRUNE_SAMPLES = 400
_PRUNE_CLEARANCE_M = 0.04


@dataclass(frozen=True)
class Contact:
    """Two named things closer than allowed; `distance_m` is negative when they overlap."""

    first: str
    second: str
    distance_m: float


class CollisionModel:
    """Collision shapes of the robot and the pairs that matter for one moving chain.

    Args:
        kinematics: The robot.
        urdf_xml: The same URDF, for its collision shapes.
        chain: The moving joints.
        rest_q: A posture without self-collision, Pinocchio configuration; overlaps of neighbouring
            shapes in it are by design and never checked.
        seed: Fixes the sampling that prunes pairs.
    """

    def __init__(
        self,
        kinematics: RobotKinematics,
        urdf_xml: str,
        chain: ArmChain,
        rest_q: FloatArray,
        seed: int = 1,
    ) -> None:
        self.model = kinematics.model
        self.chain = chain
        kind = pin.GeometryType.COLLISION
        self.shapes = pin.buildGeomFromUrdfString(self.model, urdf_xml, kind)
        ids = [self.model.getJointId(name) for name in chain.joint_names]
        self.last_joint = ids[-1]
        self._carried = {
            name: set(self.model.subtrees[i])
            for name, i in zip(chain.joint_names, ids, strict=True)
        }
        self.moving = self._below(ids[0])
        self.hand = self._below(ids[-1])
        objects = self.shapes.geometryObjects
        self.fingers = frozenset(k for k in self.hand if objects[k].parentJoint != ids[-1])
        self.pairs = self._self_pairs(rest_q, np.random.default_rng(seed))

    def _below(self, joint_id: int) -> frozenset[int]:
        joints = set(self.model.subtrees[joint_id])
        shapes = self.shapes.geometryObjects
        return frozenset(k for k, shape in enumerate(shapes) if shape.parentJoint in joints)

    def _self_pairs(
        self, rest_q: FloatArray, rng: np.random.Generator
    ) -> tuple[tuple[int, int], ...]:
        candidates = [
            (a, b)
            for a in sorted(self.moving)
            for b in range(len(self.shapes.geometryObjects))
            if (b not in self.moving or a < b)
            and self._drive(a) != self._drive(b)
            and not self._neighbours(a, b)
        ]
        near = self._ever_near(candidates, rest_q, rng)
        candidates = [pair for pair, keep in zip(candidates, near, strict=True) if keep]
        self.shapes.removeAllCollisionPairs()
        for a, b in candidates:
            self.shapes.addCollisionPair(pin.CollisionPair(a, b))
        data = self.shapes.createData()
        pin.computeCollisions(self.model, self.model.createData(), self.shapes, data, rest_q, False)
        touching = [result.isCollision() for result in data.collisionResults]
        return tuple(pair for pair, hit in zip(candidates, touching, strict=True) if not hit)

    def _drive(self, shape: int) -> int:
        """How many of the chain's joints carry a shape; equal counts never move apart."""
        joint = self.shapes.geometryObjects[shape].parentJoint
        return sum(joint in self._carried[name] for name in self.chain.joint_names)

    def _neighbours(self, a: int, b: int) -> bool:
        """Shapes on one joint, or on joints with at most one joint between them."""
        ja, jb = (self.shapes.geometryObjects[k].parentJoint for k in (a, b))
        up_a, up_b = self._ancestors(ja, 3), self._ancestors(jb, 3)
        return bool({ja} & set(up_b) or {jb} & set(up_a) or up_a[1:2] == up_b[1:2])

    def _ancestors(self, joint: int, count: int) -> list[int]:
        line = [joint]
        while len(line) < count and line[-1] != 0:
            line.append(self.model.parents[line[-1]])
        return line

    def _ever_near(
        self, pairs: list[tuple[int, int]], rest_q: FloatArray, rng: np.random.Generator
    ) -> FloatArray:
        """Which pairs' bounding spheres come close in random postures of the chain."""
        objects = self.shapes.geometryObjects
        for item in objects:
            item.geometry.computeLocalAABB()
        centers = [np.array(item.geometry.aabb_center) for item in objects]
        radii = np.array([item.geometry.aabb_radius for item in objects])
        data, shape_data = self.model.createData(), self.shapes.createData()
        a, b = np.array(pairs).T
        near = np.zeros(len(pairs), dtype=bool)
        lower, upper = self.chain.lower_rad, self.chain.upper_rad
        for _ in range(_PRUNE_SAMPLES):
            q = rest_q.copy()
            q[self.chain.q_index] = rng.uniform(lower, upper)
            pin.updateGeometryPlacements(self.model, data, self.shapes, shape_data, q)
            at = np.array([M.act(c) for M, c in zip(shape_data.oMg, centers, strict=True)])
            gap = np.linalg.norm(at[a] - at[b], axis=1) - radii[a] - radii[b]
            near |= gap < _PRUNE_CLEARANCE_M
        return near

    def link(self, shape: int) -> str:
        """Name of the URDF link that carries a shape."""
        return self.model.frames[self.shapes.geometryObjects[shape].parentFrame].name

    def overlapping(self, q: FloatArray) -> set[frozenset[str]]:
        """Pairs of links whose shapes overlap at a configuration, by design or not."""
        shapes = self.shapes.copy()
        shapes.removeAllCollisionPairs()
        shapes.addAllCollisionPairs()
        data = shapes.createData()
        pin.computeCollisions(self.model, self.model.createData(), shapes, data, q, False)
        return {
            frozenset((self.link(pair.first), self.link(pair.second)))
            for pair, result in zip(shapes.collisionPairs, data.collisionResults, strict=True)
            if result.isCollision()
        }

    def finger_corners(self, q: FloatArray) -> FloatArray:
        """Corners of the boxes around the finger shapes in base_link, shape (k, 3)."""
        data, shape_data = self.model.createData(), self.shapes.createData()
        pin.updateGeometryPlacements(self.model, data, self.shapes, shape_data, q)
        corners = []
        for k in sorted(self.fingers):
            box = self.shapes.geometryObjects[k].geometry.aabb_local
            for corner in product(*zip(box.min_, box.max_, strict=True)):
                corners.append(shape_data.oMg[k].act(np.array(corner)))
        return np.array(corners)

    def scene(
        self,
        q: FloatArray,
        obstacles: tuple[Obstacle, ...],
        allowed: tuple[str, ...],
        attached: Attached | None,
        config: MotionConfig,
    ) -> CollisionScene:
        """The robot among the obstacles of one request."""
        return CollisionScene(self, q, obstacles, allowed, attached, config)


class CollisionScene:
    """Yes or no for one request; `q` gives the joints that do not move."""

    def __init__(
        self,
        robot: CollisionModel,
        q: FloatArray,
        obstacles: tuple[Obstacle, ...],
        allowed: tuple[str, ...],
        attached: Attached | None,
        config: MotionConfig,
    ) -> None:
        self._robot, self._q, self._config = robot, q.copy(), config
        self._shapes = robot.shapes.copy()
        self._shapes.removeAllCollisionPairs()
        self._soft: set[int] = set()
        margins: list[float] = []
        hand, moving = set(robot.hand), set(robot.moving)
        for a, b in robot.pairs:
            self._add(a, b, config.margin_m, margins)
        held = -1
        if attached is not None:
            held = self._add_held(attached)
            for b in range(held):
                if b not in hand and not robot._neighbours(min(robot.hand), b):
                    self._add(held, b, config.held_margin_m, margins)
            moving.add(held)
        for item in obstacles:
            index = self._add_obstacle(item)
            for a in sorted(moving):
                if a in robot.fingers and item.name in allowed:
                    continue
                margin = config.near_margin_m if a in hand else config.margin_m
                self._add(a, index, config.held_margin_m if a == held else margin, margins)
                if item.soft or a == held:
                    self._soft.add(len(margins) - 1)
        self._data = robot.model.createData()
        self._shape_data = self._shapes.createData()
        for request, margin in zip(self._shape_data.collisionRequests, margins, strict=True):
            request.security_margin = margin
        self.checks = 0

    def _add(self, a: int, b: int, margin: float, margins: list[float]) -> None:
        self._shapes.addCollisionPair(pin.CollisionPair(a, b))
        margins.append(margin)

    def _add_held(self, attached: Attached) -> int:
        tool = pin.SE3(self._robot.chain.tool) * pin.SE3(attached.T_tcp)
        shape = _shape(attached.shape, attached.size_m)
        item = pin.GeometryObject(HELD, self._robot.last_joint, tool, shape)
        return self._shapes.addGeometryObject(item)

    def _add_obstacle(self, item: Obstacle) -> int:
        shape = _shape(item.shape, item.size_m)
        return self._shapes.addGeometryObject(
            pin.GeometryObject(item.name, 0, pin.SE3(item.T_B), shape)
        )

    def margins(self) -> dict[tuple[str, str], float]:
        """Least margin in m per pair that is watched: robot links, obstacles, the held part.

        The second is what the first, a robot link or the held part, may not touch. Negative where
        the start overlaps and was forgiven.
        """
        found: dict[tuple[str, str], float] = {}
        requests = self._shape_data.collisionRequests
        for pair, request in zip(self._shapes.collisionPairs, requests, strict=True):
            names = self._name(pair.first), self._name(pair.second)
            found[names] = min(found.get(names, np.inf), request.security_margin)
        return found

    def _name(self, shape: int) -> str:
        if shape < len(self._robot.shapes.geometryObjects):
            return self._robot.link(shape)
        return self._shapes.geometryObjects[shape].name

    def collides(self, pos_rad: FloatArray) -> bool:
        """Whether any pair is closer than its margin with the chain at `pos_rad`, shape (n,)."""
        self._q[self._robot.chain.q_index] = pos_rad
        self.checks += 1
        robot = self._robot
        return pin.computeCollisions(
            robot.model, self._data, self._shapes, self._shape_data, self._q, True
        )

    def first_hit(self, path_rad: FloatArray) -> int | None:
        """Index of the first row of a path (m, n) that collides, None when all are free."""
        for k, pos in enumerate(path_rad):
            if self.collides(pos):
                return k
        return None

    def free_rows(self, path_rad: FloatArray) -> FloatArray:
        """Which rows of (m, n) are free, shape (m,)."""
        return np.array([not self.collides(pos) for pos in path_rad])

    def contacts(self, pos_rad: FloatArray) -> list[Contact]:
        """Every pair that is too close at `pos_rad`, with its distance."""
        self._q[self._robot.chain.q_index] = pos_rad
        robot = self._robot
        pin.computeCollisions(
            robot.model, self._data, self._shapes, self._shape_data, self._q, False
        )
        hits = [k for k, r in enumerate(self._shape_data.collisionResults) if r.isCollision()]
        found = []
        for k in hits:
            pair = self._shapes.collisionPairs[k]
            names = [self._shapes.geometryObjects[i].name for i in (pair.first, pair.second)]
            found.append(Contact(names[0], names[1], self._distance(k)))
        return found

    def _distance(self, k: int) -> float:
        return float(pin.computeDistance(self._shapes, self._shape_data, k).min_distance)

    def forgive_start(self, pos_rad: FloatArray) -> list[Contact]:
        """Loosen the margins that the start already violates; what stays is a real collision.

        A pair within its margin but apart may stay as close as it is. A soft obstacle, and a held
        part with what it stands on, may in addition overlap by `start_overlap_m`. The motion may
        not come closer than the start.

        Returns:
            Contacts that were not forgiven.
        """
        self._q[self._robot.chain.q_index] = pos_rad
        robot = self._robot
        pin.computeCollisions(
            robot.model, self._data, self._shapes, self._shape_data, self._q, False
        )
        kept = []
        for k, result in enumerate(self._shape_data.collisionResults):
            if not result.isCollision():
                continue
            distance = self._distance(k)
            floor = -self._config.start_overlap_m if k in self._soft else -1e-3
            if distance < floor:
                pair = self._shapes.collisionPairs[k]
                names = [self._shapes.geometryObjects[i].name for i in (pair.first, pair.second)]
                kept.append(Contact(names[0], names[1], distance))
            else:
                self._shape_data.collisionRequests[k].security_margin = distance - 1e-3
        return kept


def _shape(kind: str, size_m: FloatArray) -> coal.CollisionGeometry:
    if kind == "cylinder":
        return coal.Cylinder(float(size_m[0]) / 2, float(size_m[2]))
    return coal.Box(*(float(v) for v in size_m))
