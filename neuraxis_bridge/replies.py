# SPDX-License-Identifier: Apache-2.0
"""Refusals as HTTP: the status of each code, in the error shape of the chat-completions API."""

from __future__ import annotations

from fastapi.responses import JSONResponse

from neuraxis_bridge import chat
from neuraxis_bridge.fair_queue import retry_headers
from neuraxis_common.errors import Rejected

# A code that is not named here is a mistake in the request: 400.
_STATUS = {
    "invalid_api_key": 401,
    "wrong_role": 403,
    "model_not_found": 404,
    "not_found": 404,
    "method_not_allowed": 405,
    "upload_timeout": 408,
    "body_too_large": 413,
    "idempotency_key_reused": 422,
    "too_many_keys": 429,
    "rate_budget": 429,
    "cost_budget": 429,
    "queue_full": 429,
    "robot_queue_full": 429,
    "too_busy_for_deadline": 429,
    "memory_full": 429,
    "upstream_busy": 429,
    "client_gone": 499,
    "internal_error": 500,
    "upstream_unreachable": 502,
    "upstream_error": 502,
    "upstream_refused_us": 502,
    "upstream_bad_answer": 502,
    "model_bad_answer": 502,
    "model_failed": 502,
    "not_ready": 503,
    "deadline_passed": 504,
    "upstream_timeout": 504,
    "loop": 508,
}
_CODE_OF_STATUS = {404: "not_found", 405: "method_not_allowed"}


def status_of(code: str) -> int:
    """HTTP status of a refusal."""
    return _STATUS.get(code, 400)


def code_of(status: int) -> str:
    """Refusal code of a status that the framework chose."""
    return _CODE_OF_STATUS.get(status, "error")


def final(code: str) -> bool:
    """Whether asking the same again would be refused the same way."""
    return status_of(code) in (400, 404, 413)


def refuse(refused: Rejected, status: int | None = None) -> JSONResponse:
    """The response of a refusal."""
    headers = retry_headers(refused)
    status = status_of(refused.code) if status is None else status
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return JSONResponse(chat.error_body(refused.code, refused.reason), status, headers)
