# SPDX-License-Identifier: Apache-2.0
"""An arm planner with its MoveIt process, or with the reason why it has none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from big_brain_node.motion.planner import MotionConfig
from big_brain_node.moveit.description import hello, load_tuning
from big_brain_node.moveit.planner import MoveItArmPlanner
from big_brain_node.moveit.process import PlannerProcess, missing, moveit_command
from neuraxis_common.profile import RobotProfile


def with_moveit(
    profile: RobotProfile,
    urdf_xml: str,
    data_root: Path,
    clock: Callable[[], float],
    note: Callable[[str], None],
    namespace: str = "",
    config: MotionConfig | None = None,
) -> tuple[MoveItArmPlanner, PlannerProcess | None]:
    """The planner and its process, which is still starting; close it at the end.

    Args:
        profile: Robot.
        urdf_xml: Its description.
        data_root: Folder that holds ``config/``.
        clock: Monotonic seconds.
        note: Takes lines for the log.
        namespace: Of the process's node.
        config: Tuning of both planners.

    Raises:
        ConfigError: MoveIt's tuning is missing or broken.
    """
    tuning = load_tuning(data_root)
    planner = MoveItArmPlanner(profile, urdf_xml, clock, config, note)
    why = missing()
    if why is not None:
        note(f"no MoveIt: {why}; the embedded planner does everything")
        return planner, None
    told = hello(planner, urdf_xml, tuning, namespace)
    process = PlannerProcess(moveit_command(), told, clock, note)
    process.start()
    planner.asked = process
    return planner, process
