# SPDX-License-Identifier: Apache-2.0
"""`neuraxis doctor`: what is missing, and the command that mends it."""

from __future__ import annotations

import importlib
import os
import resource
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

GOOD, NOTE, BAD = "ok", "note", "MISSING"
_FREE_DISK_GB = 2.0
_SHARED_MEMORY_MB = 64


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report.

    Attributes:
        level: ``ok``, ``note`` (works, but not at its best) or ``MISSING``.
        fix: Command or step that mends it, empty when there is nothing to mend.
    """

    level: str
    what: str
    fix: str = ""


def run_doctor(root: Path) -> int:
    """Print all findings; exit code 1 when something is missing."""
    findings = examine(root)
    for item in findings:
        fix = f"   fix: {item.fix}" if item.fix else ""
        print(f"{item.level:8s} {item.what}{fix}")
    return 1 if any(item.level == BAD for item in findings) else 0


def examine(root: Path) -> list[Finding]:
    """Look at everything that a run needs."""
    checks: list[Callable[[Path], list[Finding]]] = [
        _python,
        _modules,
        _programs,
        _models,
        _rendering,
        _realtime,
        _space,
    ]
    return [finding for check in checks for finding in check(root)]


def _python(_root: Path) -> list[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    good = (3, 10) <= sys.version_info[:2] <= (3, 13)
    return [Finding(GOOD if good else BAD, f"Python {version}", "" if good else "use 3.11 or 3.12")]


def _modules(_root: Path) -> list[Finding]:
    groups = {
        "Python packages": ("numpy", "scipy", "cv2", "onnxruntime", "mujoco", "pinocchio", "coal"),
        "motion planning": ("ompl", "ruckig", "toppra", "py_trees"),
        "bridge": ("fastapi", "uvicorn", "httpx", "pydantic"),
        "ROS 2": ("rclpy", "sensor_msgs", "nav_msgs", "tf2_msgs"),
        "generated interfaces": ("neuraxis.msg", "neuraxis.action"),
        "spinal cord": ("neuraxis_spinal",),
    }
    return [_imports(what, names) for what, names in groups.items()]


def _imports(what: str, names: tuple[str, ...]) -> Finding:
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:
            return Finding(BAD, f"{what}: {name} ({error})", "make setup")
    return Finding(GOOD, what)


def _programs(_root: Path) -> list[Finding]:
    missing = [name for name in ("cmake", "g++", "make") if shutil.which(name) is None]
    if missing:
        return [Finding(BAD, f"build tools: {', '.join(missing)}", "make setup")]
    return [Finding(GOOD, "build tools")]


def _models(root: Path) -> list[Finding]:
    names = ("detector.onnx", "planner.onnx")
    missing = [name for name in names if not (root / "models" / name).is_file()]
    if missing:
        return [Finding(BAD, f"models: {', '.join(missing)}", "make train")]
    return [Finding(GOOD, "models")]


def _rendering(_root: Path) -> list[Finding]:
    try:
        import mujoco

        context = mujoco.GLContext(64, 64)
        context.make_current()
        context.free()
    except Exception as error:
        return [Finding(BAD, f"offscreen rendering ({error})", "apt-get install libegl1 libgl1")]
    return [Finding(GOOD, "offscreen rendering")]


def _realtime(_root: Path) -> list[Finding]:
    allowed = os.geteuid() == 0 or resource.getrlimit(resource.RLIMIT_RTPRIO)[0] >= 80
    if allowed:
        return [Finding(GOOD, "real-time priority")]
    fix = "add '@realtime - rtprio 80' to /etc/security/limits.d and join that group"
    return [Finding(NOTE, "no real-time priority: the spinal cord's wake-ups jitter", fix)]


def _space(root: Path) -> list[Finding]:
    free_gb = shutil.disk_usage(root).free / 1e9
    disk = Finding(GOOD, f"disk: {free_gb:.0f} GB free")
    if free_gb < _FREE_DISK_GB:
        disk = Finding(BAD, f"disk: {free_gb:.1f} GB free, need {_FREE_DISK_GB}", "free some space")
    shared = Path("/dev/shm")
    size_mb = shutil.disk_usage(shared).total / 1e6 if shared.is_dir() else 0.0
    if size_mb >= _SHARED_MEMORY_MB:
        return [disk, Finding(GOOD, "shared memory")]
    fix = "mount -o remount,size=256M /dev/shm"
    return [disk, Finding(NOTE, f"shared memory {size_mb:.0f} MB: images go over UDP", fix)]
