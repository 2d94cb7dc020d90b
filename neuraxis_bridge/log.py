# SPDX-License-Identifier: Apache-2.0
"""Log lines as JSON. They carry fields that code names one by one, never headers or bodies."""

from __future__ import annotations

import json
import logging
import re
import sys

FIELDS = (
    "trace_id", "robot", "route", "status", "code", "total_ms", "wait_ms", "model_ms", "error",
)  # fmt: skip
_SECRET = re.compile(r"nxk_[0-9a-f]{12}_[A-Za-z0-9_-]+|(?i:bearer)\s+\S+")


class JsonLines(logging.Formatter):
    """One JSON object per line; anything that looks like a key is blotted out."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; an exception becomes its kind and place, not its traceback."""
        row = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        row |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            row["error"] = record.exc_info[0].__name__
        return _SECRET.sub("[key]", json.dumps(row, ensure_ascii=False, default=str))


class Lines(logging.Formatter):
    """The same for people."""

    def format(self, record: logging.LogRecord) -> str:
        """Logger, message and the fields that are there."""
        fields = [f"{name}={getattr(record, name)}" for name in FIELDS if hasattr(record, name)]
        if record.exc_info and record.exc_info[0] is not None:
            fields.append(f"error={record.exc_info[0].__name__}")
        return _SECRET.sub("[key]", " ".join([f"{record.name}: {record.getMessage()}", *fields]))


def set_up(as_json: bool) -> None:
    """Log to standard error, uvicorn's own lines included."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else Lines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in ("httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
