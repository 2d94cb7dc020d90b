# SPDX-License-Identifier: Apache-2.0
"""The embedded world: MuJoCo from the same URDF, scenes, sensors."""
