# SPDX-License-Identifier: Apache-2.0
"""Serves the brain over HTTP.

python -m neuraxis_bridge.server --host 127.0.0.1 --port 8740 --models models
"""

from __future__ import annotations

import argparse
import logging
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

import uvicorn

from neuraxis_bridge.app import create_app
from neuraxis_bridge.brain import load_brain
from neuraxis_bridge.config import BridgeConfig
from neuraxis_common.errors import ConfigError
from neuraxis_common.realtime import enter_realtime

_LOG = logging.getLogger("neuraxis_bridge")


def serve(config: BridgeConfig, models_dir: Path) -> None:
    """Load the models and serve until interrupted.

    Raises:
        ConfigError: The port is taken, or a model is missing or unfit.
    """
    listener = listen(config)
    with listener:
        app = create_app(load_brain(models_dir), config)
        settings = uvicorn.Config(
            app,
            log_level="warning",
            timeout_keep_alive=30,
            timeout_graceful_shutdown=2,
            h11_max_incomplete_event_size=65_536,
        )
        host, port = listener.getsockname()[:2]
        _LOG.info("serving on http://%s:%d", f"[{host}]" if ":" in host else host, port)
        if config.priority:
            _LOG.info("serving with %s", enter_realtime(config.priority))
        with suppress(KeyboardInterrupt):
            uvicorn.Server(settings).run(sockets=[listener])


def listen(config: BridgeConfig) -> socket.socket:
    """The listening socket; port 0 takes a free one. Raises ConfigError when it cannot be had."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    try:
        return socket.create_server((config.host, config.port), family=family, backlog=128)
    except OSError as error:
        raise ConfigError(
            f"cannot listen on host '{config.host}' port {config.port}: {error.strerror or error}"
        ) from error


def read_api_key(key_file: Path | None, environment: dict[str, str]) -> str:
    """The key from a file, else from ``NEURAXIS_API_KEY``; empty when there is neither."""
    if key_file is None:
        return environment.get("NEURAXIS_API_KEY", "").strip()
    try:
        key = key_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"API key file '{key_file}' is not readable: {error}") from error
    if not key:
        raise ConfigError(f"API key file '{key_file}' is empty")
    return key


def main(argv: list[str] | None = None) -> int:
    """Command line. Exit code 2 for a setting that the user can fix."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default=BridgeConfig.host)
    parser.add_argument("--port", type=int, default=BridgeConfig.port)
    parser.add_argument("--models", type=Path, default=Path("models"), metavar="DIR")
    parser.add_argument("--api-key-file", type=Path, metavar="FILE")
    parser.add_argument("--priority", type=int, default=BridgeConfig.priority, metavar="1..99",
                        help="real-time priority of serving, beside a robot's nodes")  # fmt: skip
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    try:
        key = read_api_key(arguments.api_key_file, dict(os.environ))
        config = BridgeConfig(arguments.host, arguments.port, key, priority=arguments.priority)
        serve(config, arguments.models)
    except ConfigError as error:
        sys.stderr.write(f"neuraxis bridge: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
