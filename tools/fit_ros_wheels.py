# SPDX-License-Identifier: Apache-2.0
"""Make the CMake files of the ROS wheels name this machine instead of the one that built them.

Their exported targets point at the Python and numpy headers and at libraries of the build machine.
Run with the Python of the virtual environment that holds the wheels; running it again changes
nothing.
"""

from __future__ import annotations

import re
import sys
import sysconfig
from pathlib import Path

import numpy as np

_NUMPY_INCLUDE = re.compile(r"/opt/python/[^;\"]*?/numpy/(?:_core|core)/include")
_PYTHON_INCLUDE = re.compile(r"/opt/python/[^;\"]*?/include/python3\.\d+")
_LIB64 = re.compile(r"/usr/lib64/lib(tinyxml2)\.so")


def fitted(text: str, python_include: str, numpy_include: str) -> str:
    """Return `text` with the build machine's paths replaced by this machine's."""
    text = _NUMPY_INCLUDE.sub(lambda _: numpy_include, text)
    text = _PYTHON_INCLUDE.sub(lambda _: python_include, text)
    return _LIB64.sub(lambda match: match.group(1), text)


def main() -> None:
    """Rewrite the files under the prefix of the running Python and say how many changed."""
    changed = 0
    for path in sorted(Path(sys.prefix, "share").glob("*/cmake/*.cmake")):
        before = path.read_text(encoding="utf-8")
        after = fitted(before, sysconfig.get_path("include"), np.get_include())
        if after != before:
            path.write_text(after, encoding="utf-8")
            changed += 1
    print(f"fitted {changed} CMake files of the ROS wheels")


if __name__ == "__main__":
    main()
