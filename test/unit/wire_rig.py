# SPDX-License-Identifier: Apache-2.0
"""A gateway on a real socket, around a brain that always sees and understands the same."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager

import numpy as np
import uvicorn
from fake_scene import container, part

from neuraxis_bridge import images
from neuraxis_bridge.app import create_app, create_gateway
from neuraxis_bridge.brain import Brain
from neuraxis_bridge.chat import MODEL
from neuraxis_bridge.config import BridgeConfig
from neuraxis_bridge.patience import patient_for
from neuraxis_bridge.planner import Understood
from neuraxis_bridge.program import parse
from neuraxis_bridge.server import listen
from neuraxis_bridge.tls import Tls
from neuraxis_bridge.upstream import UpstreamBackend

SAY = "put the red cube in the tray"
RGB = np.full((48, 64, 3), 90, dtype=np.uint8)
PATH = "/v1/chat/completions"


class Eyes:
    def detect(self, _rgb):
        return (part("red cube", 20), container("blue tray", 120))


class Reader:
    def read_ahead(self, sentences):
        return len(sentences)

    def being_read(self, _sentence):
        return False

    def understand(self, _sentence):
        return Understood(parse("put one red cube into one tray"), "en", 1.0)


def question():
    content = [{"type": "image_url", "image_url": {"url": images.encode(RGB)}},
               {"type": "text", "text": SAY}]  # fmt: skip
    return {"model": MODEL, "messages": [{"role": "user", "content": content}]}


@contextmanager
def serving(tls=None, tracing=None, upstream="", **config):
    """A gateway with a fake brain, or in front of another server; its port."""
    config = BridgeConfig(port=0, **config)
    if upstream:
        backend = UpstreamBackend(upstream, "", config.max_pixels, time.monotonic)
        app = create_gateway(backend, config, tracing=tracing)
    else:
        app = create_app(Brain(Eyes(), Reader()), config, tracing=tracing)
    tls = (tls or Tls()).settings()
    settings = uvicorn.Config(app, log_config=None, http=patient_for(config.header_s), **tls)
    server = uvicorn.Server(settings)
    with listen(config) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(10.0)
