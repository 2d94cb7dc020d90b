# SPDX-License-Identifier: Apache-2.0
"""The two kinds of expected failure: a user's mistake and a domain refusal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class ConfigError(ValueError):
    """A mistake the user can fix. The message names the thing, the value and the bound."""


@dataclass(frozen=True)
class Rejected:
    """A refusal as a value: pure code returns it, nodes log it, the plan carries it.

    Attributes:
        code: Stable machine-readable reason, snake_case, e.g. ``unreachable``.
        reason: One sentence for a person.
        details: Values behind the reason (object, step, bound), JSON-serialisable.
    """

    code: str
    reason: str
    details: dict[str, Any] = field(default_factory=dict)
