# SPDX-License-Identifier: Apache-2.0
"""MoveItPy in a process of its own: reads what describes the robot, then answers questions.

Started by the big brain with ``motion_planner: moveit``, see `PlannerProcess`. Its node is
`moveit_planner` in the robot's namespace and commands nothing. It ends with the big brain, without
tearing MoveIt down.
"""

from __future__ import annotations

import argparse
import copy
import json
import socket
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import yaml

from big_brain_node.moveit import search
from big_brain_node.moveit.process import end_of_child
from big_brain_node.moveit.protocol import Answer, GoneError, Line, Question, to_frame, to_question
from neuraxis_common.realtime import leave_realtime
from neuraxis_common.types import FloatArray

_FAILED_S = 2.0
_LIBRARY = 1500
# Only matters to robots that drive; unset, MoveIt complains about each question.
_WORKSPACE_M = 2.0
# One descent of inverse kinematics: a restart would begin somewhere of its own choice.
_ONE_DESCENT_S = 1e-9
# MoveIt's codes for a search that ran out of time.
_OUT_OF_TIME = (-6, 99999)


class Side:
    """One arm of the robot in MoveIt: its groups, its limits, its planning component."""

    def __init__(self, moveit: Any, what: Mapping[str, Any], limits: Mapping[str, Any]) -> None:
        from moveit.planning import PlanRequestParameters

        self.reach, self.arm, self.tcp = what["reach"], what["arm"], what["tcp"]
        self.joints, self.waist = list(what["joints"]), int(what["waist"])
        self.lower = np.array([limits[name]["min_position"] for name in self.joints])
        self.upper = np.array([limits[name]["max_position"] for name in self.joints])
        self.model = moveit.get_robot_model()
        self.component = moveit.get_planning_component(self.reach)
        self.component.set_workspace(*(-_WORKSPACE_M,) * 3, *(_WORKSPACE_M,) * 3)
        self.settings = PlanRequestParameters(moveit, "")
        if self.model.get_joint_model_group(self.reach) is None:
            raise RuntimeError(f"MoveIt's model lacks the group '{self.reach}'")
        self.library = self._library()

    def _library(self) -> tuple[FloatArray, FloatArray]:
        """Postures all over the arm's range; what the waist's other joints do changes little."""
        from moveit.core.robot_state import RobotState

        state = RobotState(self.model)
        state.set_to_default_values()
        share = np.random.default_rng(1).uniform(0.05, 0.95, (_LIBRARY, len(self.joints)))
        rows = self.lower + share * (self.upper - self.lower)
        poses = []
        for row in rows:
            self.put(state, row)
            poses.append(np.array(state.get_global_link_transform(self.tcp)))
        return rows, np.array(poses)

    def put(self, state: Any, pos_rad: FloatArray) -> None:
        """Set this side's joints in a state of MoveIt."""
        state.joint_positions = {k: float(v) for k, v in zip(self.joints, pos_rad, strict=True)}
        state.update()


class Kernel:
    """`search.Kernel` over MoveIt for one question."""

    def __init__(self, side: Side, question: Question) -> None:
        from moveit.core import World
        from moveit.core.planning_scene import PlanningScene

        from big_brain_node.moveit.convert import to_attached, to_collision_object

        self._side = side
        self.lower_rad, self.upper_rad, self.library = side.lower, side.upper, side.library
        self.free_joints = side.waist
        # A world of its own: the default one is shared by all scenes and keeps their things.
        self.scene = PlanningScene(side.model, World())
        state = self.scene.current_state
        state.set_to_default_values()
        state.joint_positions = dict(question.joints)
        start = np.array([question.joints[name] for name in side.joints])
        # Encoder noise beyond a limit is no reason to refuse; the real start comes back later.
        self.start_rad = np.clip(start, side.lower + 1e-6, side.upper - 1e-6)
        side.put(state, self.start_rad)
        self.scene.current_state = state
        for thing in question.things:
            message = to_collision_object(thing, self.scene.planning_frame)
            self.scene.apply_collision_object(message)
        if question.held is not None:
            held = to_attached(question.held, side.tcp, question.held_links)
            self.scene.process_attached_collision_object(held)
        allowed = self.scene.allowed_collision_matrix
        for first, second in question.may_touch:
            allowed.set_entry(first, second, True)
        self._state = copy.deepcopy(self.scene.current_state)

    def solve(self, seed_rad: FloatArray, T: FloatArray) -> FloatArray | None:
        """See `search.Kernel.solve`."""
        from big_brain_node.moveit.convert import to_pose

        side = self._side
        side.put(self._state, seed_rad)
        if not self._state.set_from_ik(side.arm, to_pose(T), side.tcp, _ONE_DESCENT_S):
            return None
        at = self._state.joint_positions
        pos = np.array([at[name] for name in side.joints])
        inside = (pos >= self.lower_rad - 1e-6) & (pos <= self.upper_rad + 1e-6)
        return np.clip(pos, self.lower_rad, self.upper_rad) if inside.all() else None

    def tool(self, pos_rad: FloatArray) -> FloatArray:
        """See `search.Kernel.tool`."""
        self._side.put(self._state, pos_rad)
        return np.array(self._state.get_global_link_transform(self._side.tcp))

    def collides(self, pos_rad: FloatArray) -> bool:
        """See `search.Kernel.collides`."""
        self._side.put(self._state, pos_rad)
        return self.scene.is_state_colliding(self._state, self._side.reach)

    def route(self, goals_rad: FloatArray, budget_s: float) -> FloatArray | str:
        """See `search.Kernel.route`."""
        from big_brain_node.moveit.convert import to_goal

        side = self._side
        side.put(self._state, self.start_rad)
        side.component.set_start_state(robot_state=self._state)
        goals = [to_goal(side.joints, pos) for pos in goals_rad]
        side.component.set_goal_state(motion_plan_constraints=goals)
        side.settings.planning_time = float(budget_s)
        result = side.component.plan(
            single_plan_parameters=side.settings, planning_scene=self.scene
        )
        if not result:
            return "timeout" if result.error_code.val in _OUT_OF_TIME else "no_path"
        message = result.trajectory.get_robot_trajectory_msg().joint_trajectory
        order = [message.joint_names.index(name) for name in side.joints]
        return np.array([[point.positions[k] for k in order] for point in message.points])


def start(hello: Mapping[str, Any]) -> dict[str, Side]:
    """MoveIt with this robot, both sides."""
    import rclpy.logging
    from moveit.planning import MoveItPy

    rclpy.logging.set_logger_level("", rclpy.logging.LoggingSeverity.WARN)
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        # MoveItPy's own way names the node without its namespace, and would miss it there.
        yaml.safe_dump({"/**": {"ros__parameters": hello["parameters"]}}, file)
        file.flush()
        moveit = MoveItPy(
            node_name=hello["node"],
            name_space=hello["namespace"],
            launch_params_filepaths=[file.name],
            provide_planning_service=False,
        )
    limits = hello["parameters"]["robot_description_planning"]["joint_limits"]
    return {side: Side(moveit, what, limits) for side, what in hello["sides"].items()}


def serve(line: Line, sides: Mapping[str, Side]) -> None:
    """Answer until the other side is gone."""
    while True:
        question = to_question(line.receive(None))
        began_s, cpu_s = time.monotonic(), time.process_time()
        try:
            kernel = Kernel(sides[question.side], question)
            answer = search.answer(kernel, question, time.monotonic)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            answer = Answer(question.number, code="failed", reason=reason)
        took_s, cpu_s = time.monotonic() - began_s, time.process_time() - cpu_s
        line.send(to_frame(replace(answer, took_s=took_s, cpu_s=cpu_s)))


def main() -> None:
    """Entry point; never returns."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fd", type=int, required=True, help="connected socket of the big brain")
    args = parser.parse_args()
    line = Line(socket.socket(fileno=args.fd), time.monotonic)
    # The thread that starts us may have a deadline; a search must not be in anybody's way.
    leave_realtime()
    try:
        began_s = time.monotonic()
        sides = start(json.load(sys.stdin))
        line.send({"ready": f"after {time.monotonic() - began_s:.1f} s"})
        serve(line, sides)
    except GoneError:
        pass
    except Exception as error:
        line.send({"failed": f"{type(error).__name__}: {error}"}, _FAILED_S)
    end_of_child(line)


if __name__ == "__main__":
    main()
