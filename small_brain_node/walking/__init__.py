# SPDX-License-Identifier: Apache-2.0
"""Model-based walking: footsteps that keep the divergent component of motion in reach."""
