# SPDX-License-Identifier: Apache-2.0
"""Walking to places: free way over the occupancy grid, velocities to follow it, arrival."""
