# SPDX-License-Identifier: Apache-2.0
"""Brains on loopback that can be killed, stalled and brought back while somebody asks."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from neuraxis_bridge import chat


class _Quiet(ThreadingHTTPServer):
    daemon_threads, allow_reuse_address = True, True

    def handle_error(self, request, client_address):
        """Clients that hang up are expected."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.brain.open.add(self.connection)

    def finish(self):
        self.server.brain.open.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def do_GET(self):
        if self.server.brain.mood == "stalled":
            self.server.ended.wait(60.0)
        self.say(200, b"{}")

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.server.brain.asked_s.append(time.monotonic())
        self.server.brain.keys.append(self.headers.get("idempotency-key"))
        while self.server.brain.mood in ("stalled", "stuck"):
            if self.server.ended.wait(0.01):
                return
        if self.server.brain.mood == "garbage":
            self.say(200, b"certainly!")
        elif isinstance(self.server.brain.mood, int):
            self.say(self.server.brain.mood, b"{}")
        else:
            self.say(200, json.dumps(chat.answer(self.server.brain.plan, "id", 0)).encode())

    def say(self, status, data):
        with suppress(OSError):
            self.send_response(status)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, *_args):
        """Stay quiet."""


class FakeBrain:
    """A server that answers with `plan`.

    Attributes:
        mood: ``well``; ``stalled``: takes connections and says nothing; ``stuck``: its link is well
            but questions get no answer; ``garbage``; or an HTTP status for questions.
        asked_s: When each question came, monotonic.
        keys: The ``idempotency-key`` of each question.
    """

    def __init__(self, plan):
        self.plan, self.mood, self.asked_s, self.keys = plan, "well", [], []
        self._ended, self._server, self.open = threading.Event(), None, set()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        self._ended = threading.Event()
        self._server = _Quiet(("127.0.0.1", self.port), _Handler)
        self._server.brain, self._server.ended = self, self._ended
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def kill(self):
        """As when the process dies: nobody listens, open connections are reset."""
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def fake_brains(*plans):
    """One server for each plan."""
    brains = [FakeBrain(plan) for plan in plans]
    try:
        yield brains
    finally:
        for brain in brains:
            brain.mood = "well"
            with suppress(OSError):
                brain.kill()


def until(condition, limit_s=30.0):
    """Wait until something holds."""
    end_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end_s, "it never held"
        time.sleep(0.002)
