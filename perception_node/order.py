# SPDX-License-Identifier: Apache-2.0
"""Order statistics of a few thousand numbers: sorting once beats numpy's own by far."""

from __future__ import annotations

import numpy as np

from neuraxis_common.types import FloatArray


def quantile(ordered: FloatArray, share: float) -> FloatArray:
    """Same as `numpy.quantile` along the last axis of values already in ascending order."""
    last = ordered.shape[-1] - 1
    low = int(share * last)
    start, end = ordered[..., low], ordered[..., min(low + 1, last)]
    return start + (share * last - low) * (end - start)


def middle(points: FloatArray) -> FloatArray:
    """Median of each coordinate of points (n, k). Shape (k,)."""
    return quantile(np.sort(points.T, axis=1), 0.5)
