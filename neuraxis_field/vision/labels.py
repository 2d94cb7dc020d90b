# SPDX-License-Identifier: Apache-2.0
"""Class names in the order of the network's outputs, and the split of seeds."""

from __future__ import annotations

from typing import get_args

from neuraxis_common.plan import Color, ContainerShape, PartShape

SHAPES: tuple[str, ...] = get_args(PartShape) + get_args(ContainerShape)
COLORS: tuple[str, ...] = get_args(Color)
# Seeds below belong to evaluation and tests; rendering for training refuses them.
FIRST_TRAINING_SEED = 100_000
