# SPDX-License-Identifier: Apache-2.0
"""From the parameters of a robot to its runner, and bundles that come while it runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.policies import bundle_file
from neuraxis_common.robot import RobotProfile, joint_limits
from small_brain_node.body_model import BodyModel
from small_brain_node.bundle.loader import Bundle, load_bundle, read_file
from small_brain_node.bundle.signing import read_trusted_keys
from small_brain_node.config import PolicyConfig
from small_brain_node.runner import PolicyRunner
from small_brain_node.walking.controller import WalkingController

KEYS_FOLDER = Path("config") / "policy_keys"


class PolicySource:
    """Opens bundles for one robot.

    Args:
        profile: The robot.
        urdf_xml: Its compiled description.
        config: Where bundles and keys lie.
        data_root: Folder with ``config/``.
    """

    def __init__(
        self, profile: RobotProfile, urdf_xml: str, config: PolicyConfig, data_root: Path
    ) -> None:
        self._profile, self._urdf_xml, self._config = profile, urdf_xml, config
        self._root = data_root
        self._limits = joint_limits(urdf_xml)
        self.keys_folder = Path(config.trusted_keys or data_root / KEYS_FOLDER)

    def _file(self, named: str) -> Path | None:
        return bundle_file(named, self._profile.name, self._profile.policy, self._root)

    def open(self, named: str) -> Bundle:
        """The bundle of a path or a word; raises ConfigError that says why it must not run."""
        path = self._file(named)
        if path is None:
            raise ConfigError(f"'{named}' names no policy bundle for {self._profile.name}")
        trusted = read_trusted_keys(self.keys_folder)
        outcome = load_bundle(read_file(path), self._profile, self._limits, trusted)
        if isinstance(outcome, Rejected):
            raise ConfigError(
                f"policy bundle '{path}' is refused ({outcome.code}): {outcome.reason}"
            )
        return outcome

    def runner(self, rate_hz: float) -> PolicyRunner:
        """Runner of the configured bundle above the classical controller.

        Args:
            rate_hz: How often it will be called.

        Raises:
            ConfigError: The bundle must not run.
        """
        classical = WalkingController(self._profile, BodyModel(self._profile, self._urdf_xml))
        body = BodyModel(self._profile, self._urdf_xml)
        named = self._config.bundle_path
        bundle = self.open(named) if self._file(named) is not None else None
        return PolicyRunner(
            self._profile,
            self._limits,
            body,
            classical,
            self._config,
            rate_hz,
            bundle,
            classical.planner,
        )


class BackgroundOpener:
    """Opens one bundle at a time on a thread of its own: it takes longer than a control cycle.

    Args:
        open_bundle: Returns a bundle or raises ConfigError.
    """

    def __init__(self, open_bundle: Callable[[str], Bundle]) -> None:
        self._open = open_bundle
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._outcome: Bundle | ConfigError | None = None

    def begin(self, path: str) -> bool:
        """Start to open a file; False while another is being opened or waits to be taken."""
        with self._lock:
            if self._thread is not None:
                return False
            self._thread = threading.Thread(target=self._work, args=(path,), daemon=True)
            self._thread.start()
            return True

    def take(self) -> Bundle | ConfigError | None:
        """What came of it, once; None before that."""
        if self._outcome is None:
            return None
        with self._lock:
            outcome, self._outcome, self._thread = self._outcome, None, None
        return outcome

    def _work(self, path: str) -> None:
        try:
            self._outcome = self._open(path)
        except ConfigError as error:
            self._outcome = error
        finally:
            if self._outcome is None:
                self._thread = None
