# SPDX-License-Identifier: Apache-2.0
"""ROS parameters from a frozen dataclass: the dataclass is the only place of names and defaults."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Any, Protocol, TypeVar

from neuraxis_common.errors import ConfigError

Config = TypeVar("Config")


@dataclass(frozen=True)
class RobotParams:
    """Which robot, and where its description lies.

    Attributes:
        data_root: Folder with ``config/`` and ``urdf/``.
    """

    data_root: str
    robot: str = "lingxi_x2"


class HasParameters(Protocol):
    """The part of a node that this module needs."""

    def declare_parameter(self, name: str, value: Any, descriptor: Any = None) -> Any:
        """Declare one parameter and return it."""


def load_params(node: HasParameters, config_type: type[Config], descriptor: Any = None) -> Config:
    """Declare every field of a dataclass as a parameter and build the dataclass from the values.

    Args:
        node: Declares the parameters.
        config_type: Frozen dataclass; a field without a default is a required parameter.
        descriptor: Passed to each declaration, e.g. one that says read-only.

    Raises:
        ConfigError: A required parameter is missing, or the dataclass refuses the values.
    """
    values: dict[str, Any] = {}
    for item in fields(config_type):
        default = item.default
        if default is MISSING:
            default = item.default_factory() if item.default_factory is not MISSING else ""
        value = node.declare_parameter(item.name, default, descriptor).value
        if item.default is MISSING and value == "":
            raise ConfigError(f"parameter '{item.name}' is required")
        values[item.name] = tuple(value) if isinstance(value, list) else value
    try:
        return config_type(**values)
    except TypeError as error:
        raise ConfigError(f"{config_type.__name__}: {error}") from error
