# SPDX-License-Identifier: Apache-2.0
"""Arm motion: kinematics, collision, planning, grasps and the segments of one pick and place."""
