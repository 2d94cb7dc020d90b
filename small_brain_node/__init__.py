# SPDX-License-Identifier: Apache-2.0
"""Small brain: keeps the robot standing and moves its arms; joint state in, joint command out."""
