# SPDX-License-Identifier: Apache-2.0
"""What two rooms share and nothing else."""
