# SPDX-License-Identifier: Apache-2.0
"""The one check of numbers against their bounds that every config shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from neuraxis_common.errors import ConfigError


def check_bounds(config: Any, bounds: Mapping[str, tuple[float, float]]) -> None:
    """Raise ConfigError naming the first field outside its closed interval; NaN is outside all."""
    for name, (low, high) in bounds.items():
        value = getattr(config, name)
        if not low <= value <= high:
            raise ConfigError(f"{name} must be in [{low}, {high}], got {value}")
