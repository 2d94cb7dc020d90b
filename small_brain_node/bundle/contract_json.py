# SPDX-License-Identifier: Apache-2.0
"""Contracts as JSON. Numbers keep every bit: Python writes the shortest text that reads back."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, fields
from typing import Any

from neuraxis_common.errors import ConfigError
from small_brain_node.bundle.contract import FORMAT, ActionSpec, ObservationTerm, PolicyContract

Reader = Callable[[str, Any], Any]
# A double holds no whole number of more.
MAX_DIGITS = 308


def write_contract(contract: PolicyContract) -> bytes:
    """JSON of a contract, UTF-8, keys in the order of the dataclass."""
    data = {"format": FORMAT, **asdict(contract)}
    return (json.dumps(data, indent=1, allow_nan=False, ensure_ascii=False) + "\n").encode()


def read_contract(text: bytes) -> PolicyContract:
    """Contract from its JSON.

    Raises:
        ConfigError: Not JSON, a field that is missing, unknown or of the wrong type, or a value
            that the contract refuses; the message names the field.
    """
    data = read_object(text, "contract")
    version = data.pop("format", None)
    if version != FORMAT:
        raise ConfigError(f"contract: format must be {FORMAT}, got {version!r}")
    return _build(PolicyContract, data, "contract")


def read_object(text: bytes, where: str) -> dict[str, Any]:
    """One JSON object, keys once, numbers within a double's range; raises ConfigError otherwise."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        if len(set(keys)) != len(keys):
            raise ConfigError(f"{where}: a key stands twice: {keys}")
        return dict(pairs)

    def refuse(name: str) -> float:
        raise ConfigError(f"{where} holds {name}")

    def whole(digits: str) -> int:
        if len(digits) > MAX_DIGITS:
            raise ConfigError(f"{where} holds a number of {len(digits)} digits")
        return int(digits)

    def real(digits: str) -> float:
        value = float(digits)
        return value if math.isfinite(value) else refuse(digits[:40])

    try:
        data = json.loads(
            text, object_pairs_hook=unique, parse_constant=refuse, parse_int=whole, parse_float=real
        )
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{where} is not valid JSON: {error}") from error
    if not isinstance(data, dict):
        raise ConfigError(f"{where} must be an object, got {type(data).__name__}")
    return data


def _build(kind: type, data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise ConfigError(f"{where} must be an object, got {type(data).__name__}")
    known = {item.name: item for item in fields(kind)}
    unknown = sorted(set(data) - set(known))
    if unknown:
        raise ConfigError(f"{where} has unknown fields: {', '.join(unknown)}")
    missing = [n for n, item in known.items() if item.default is MISSING and n not in data]
    if missing:
        raise ConfigError(f"{where} lacks {', '.join(missing)}")
    readers = READERS[kind]
    return kind(**{name: readers[name](f"{where}: {name}", data[name]) for name in data})


def _text(where: str, value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise ConfigError(f"{where} must be a text, got {value!r}")
    return value


def _number(where: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{where} must be a number, got {value!r}")
    return float(value)


def _whole(where: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigError(f"{where} must be a whole number, got {value!r}")
    return value


def _each(read: Reader, count: int | None = None) -> Reader:
    def several(where: str, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or (count is not None and len(value) != count):
            raise ConfigError(f"{where} must be a list{f' of {count}' if count else ''}")
        return tuple(read(f"{where}[{i}]", item) for i, item in enumerate(value))

    return several


def _optional(read: Reader) -> Reader:
    return lambda where, value: None if value is None else read(where, value)


def _mapping(where: str, value: Any) -> Mapping[str, float]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where} must be an object, got {type(value).__name__}")
    return {key: _number(f"{where}: {key}", item) for key, item in value.items()}


_pair = _each(_number, 2)
_names, _numbers = _each(_text), _each(_number)
READERS: Mapping[type, Mapping[str, Reader]] = {
    ObservationTerm: {
        "name": _text,
        "kind": _text,
        "joints": _names,
        "scale": _numbers,
        "clip": _optional(_pair),
        "history": _whole,
    },
    ActionSpec: {
        "joints": _names,
        "scale": _numbers,
        "kp": _numbers,
        "kd": _numbers,
        "clip": _optional(_pair),
    },
    PolicyContract: {
        "name": _text,
        "robot": _text,
        "hardware_version": _text,
        "dt_s": _number,
        "terms": _each(lambda where, value: _build(ObservationTerm, value, where)),
        "action": lambda where, value: _build(ActionSpec, value, where),
        "default_pose_rad": _mapping,
        "command_ranges": _each(_pair, 3),
        "gravity": _text,
        "quaternion": _text,
        "history_order": _text,
        "stacking": _text,
        "observation_clip": _optional(_pair),
        "gait_period_s": _optional(_number),
        "input_name": _text,
        "output_name": _text,
    },
}
