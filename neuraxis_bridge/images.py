# SPDX-License-Identifier: Apache-2.0
"""Images as data URIs, both ways."""

from __future__ import annotations

import base64
import binascii
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from neuraxis_common.errors import Rejected

_PREFIXES = ("data:image/png;base64,", "data:image/jpeg;base64,", "data:image/jpg;base64,")
_MIN_SIDE_PX = 32
_JPEG_QUALITY = 95


def encode(rgb: NDArray[np.uint8]) -> str:
    """JPEG data URI of an image, shape (h, w, 3).

    Camera noise hardly compresses without loss: a PNG is ten times as large and takes 30 times as
    long. Colour is not subsampled, so small parts keep their edges.
    """
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return _PREFIXES[1] + base64.b64encode(buffer.getvalue()).decode()


def decode(uri: str, max_pixels: int) -> NDArray[np.uint8] | Rejected:
    """The image of a PNG or JPEG data URI, shape (h, w, 3), or why there is none."""
    prefix = next((p for p in _PREFIXES if uri[:40].lower().startswith(p)), None)
    if prefix is None:
        reason = "image_url must be a data URI of type image/png or image/jpeg in base64"
        return Rejected("image_not_a_data_uri", reason)
    try:
        data = base64.b64decode(uri[len(prefix) :], validate=True)
    except (binascii.Error, ValueError):
        return Rejected("image_not_base64", "the image is not valid base64")
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
            problem = _size_problem(image.size, max_pixels)
            return problem or np.asarray(image.convert("RGB"))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return Rejected("image_unreadable", "the image is neither a whole PNG nor a whole JPEG")


def _size_problem(size: tuple[int, int], max_pixels: int) -> Rejected | None:
    width, height = size
    if width * height > max_pixels:
        reason = f"the image has {width} x {height} pixels, at most {max_pixels} are accepted"
        return Rejected("image_too_large", reason)
    if min(size) < _MIN_SIDE_PX:
        reason = f"the image has {width} x {height} pixels, each side needs {_MIN_SIDE_PX} at least"
        return Rejected("image_too_small", reason)
    return None
