# SPDX-License-Identifier: Apache-2.0
"""Which file a policy's name stands for."""

from __future__ import annotations

from pathlib import Path

AUTO, SHIPPED, CLASSICAL = "auto", "shipped", "classical"


def bundle_file(named: str, robot: str, own: str, data_root: Path) -> Path | None:
    """The bundle that a word or a path names; None for the classical controller.

    Args:
        named: ``auto`` for what the robot's profile says; ``shipped`` for the robot's own below
            `data_root`, where there is one; ``classical`` or nothing for no policy; else a path.
        robot: Name of its profile.
        own: `RobotProfile.policy`.
        data_root: Folder with ``models/``.
    """
    named = own if named == AUTO else named
    if named in ("", CLASSICAL):
        return None
    if named != SHIPPED:
        return Path(named)
    path = data_root / "models" / "policies" / f"{robot}_walk.nxpolicy"
    return path if path.is_file() else None
