# SPDX-License-Identifier: Apache-2.0
"""The page: files without any data in them, and the data behind the same door as the metrics."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from neuraxis_bridge import replies
from neuraxis_bridge.door import Door
from neuraxis_bridge.guard import note_of
from neuraxis_common.errors import Rejected

_FOLDER = Path(__file__).parent / "page"
_FILES = {
    "/ui": ("page.html", "text/html"),
    "/ui/page.js": ("page.js", "text/javascript"),
    "/ui/page.css": ("page.css", "text/css"),
}
# Nothing from elsewhere, nothing inline, nobody may frame it, and no address is told to anybody.
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


def add_page(app: FastAPI, door: Door, state: Callable[[], dict[str, Any]]) -> None:
    """Add the routes of the page.

    Args:
        app: Gets them.
        door: Asks for a key of role ``monitor`` before any data is told.
        state: What the page shows, as JSON.
    """

    @app.get("/", include_in_schema=False)
    async def root() -> Response:
        return RedirectResponse("/ui")

    for path, (name, kind) in _FILES.items():
        app.add_api_route(path, _sender((_FOLDER / name).read_bytes(), kind), methods=["GET"],
                          include_in_schema=False)  # fmt: skip

    @app.get("/ui/state")
    async def show(request: Request) -> Response:
        caller = await door.enter(request, "monitor")
        if isinstance(caller, Rejected):
            note_of(request.scope).code = caller.code
            return replies.refuse(caller)
        return JSONResponse(state(), headers=_HEADERS)


def _sender(content: bytes, kind: str) -> Callable[[], Any]:
    async def send() -> Response:
        return Response(content, media_type=kind, headers=_HEADERS)

    return send
