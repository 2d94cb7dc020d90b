# SPDX-License-Identifier: Apache-2.0
"""MoveIt behind the big brain's planner: what it is told of a robot, its process, its watchdog."""
