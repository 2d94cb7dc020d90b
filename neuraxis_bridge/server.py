# SPDX-License-Identifier: Apache-2.0
"""Serves the brain, or stands in front of another server, over HTTP or HTTPS.

python -m neuraxis_bridge.server --host 127.0.0.1 --port 8740 --models models
python -m neuraxis_bridge.server --upstream http://127.0.0.1:8000 --workers 32
python -m neuraxis_bridge.server --genai qwen2_5_vl_onnx --provider cuda --deadline-s 30
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

from neuraxis_bridge import log
from neuraxis_bridge.backends import Source, open_app
from neuraxis_bridge.config import BridgeConfig, is_loopback
from neuraxis_bridge.genai_model import PROVIDERS, GenaiConfig
from neuraxis_bridge.patience import patient_for
from neuraxis_bridge.tls import Tls
from neuraxis_common.errors import ConfigError
from neuraxis_common.realtime import enter_realtime

_LOG = logging.getLogger("neuraxis_bridge")
_MAX_CONNECTIONS = 1024


def serve(config: BridgeConfig, source: Source, tls: Tls | None = None) -> None:
    """Load the models and serve until interrupted.

    Args:
        config: Limits, and where to listen.
        source: What answers.
        tls: Certificates; None for plain HTTP.

    Raises:
        ConfigError: The port is taken, a model is missing or unfit, or the keys file is.
    """
    tls = tls or Tls()
    listener = listen(config)
    with listener:
        settings = uvicorn.Config(
            open_app(config, source),
            log_config=None,
            access_log=False,
            http=patient_for(config.header_s),
            server_header=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=2,
            h11_max_incomplete_event_size=65_536,
            limit_concurrency=_MAX_CONNECTIONS,
            **tls.settings(),
        )
        logging.getLogger("uvicorn").setLevel(logging.WARNING)
        host, port = listener.getsockname()[:2]
        scheme = "https" if tls.cert else "http"
        _LOG.info("serving on %s://%s:%d", scheme, f"[{host}]" if ":" in host else host, port)
        if not tls.cert and not is_loopback(config.host):
            _LOG.warning("keys and images cross the network in clear text: see --tls-cert")
        if config.priority:
            _LOG.info("serving with %s", enter_realtime(config.priority))
        with suppress(KeyboardInterrupt):
            uvicorn.Server(settings).run(sockets=[listener])


def listen(config: BridgeConfig) -> socket.socket:
    """The listening socket; port 0 takes a free one. Raises ConfigError when it cannot be had."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    try:
        listener = socket.create_server((config.host, config.port), family=family, backlog=128)
    except OSError as error:
        raise ConfigError(
            f"cannot listen on host '{config.host}' port {config.port}: {error.strerror or error}"
        ) from error
    # Connections inherit it. asyncio sets it only on sockets that name their protocol; without it
    # a kept connection's answer waits 40 ms for the client's acknowledgement of its headers.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


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
    # fmt: off
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default=BridgeConfig.host)
    parser.add_argument("--port", type=int, default=BridgeConfig.port)
    parser.add_argument("--models", type=Path, default=Path("models"), metavar="DIR")
    parser.add_argument("--api-key-file", type=Path, metavar="FILE")
    parser.add_argument("--priority", type=int, default=BridgeConfig.priority, metavar="1..99",
                        help="real-time priority of serving, beside a robot's nodes")
    parser.add_argument("--keys", type=Path, metavar="FILE", help="made by `neuraxis keys add`")
    parser.add_argument("--workers", type=int, default=BridgeConfig.workers,
                        help="requests at once: one per core, or what the upstream bears")
    parser.add_argument("--batch", type=int, default=BridgeConfig.batch,
                        help="sentences read together, of what waits; 1 for one at a time")
    parser.add_argument("--max-waiting", type=int, default=BridgeConfig.max_waiting)
    parser.add_argument("--deadline-s", type=float, default=BridgeConfig.deadline_s,
                        help="time budget of a request that names none")
    parser.add_argument("--upstream", default="", metavar="URL",
                        help="stand in front of this OpenAI-compatible server")
    parser.add_argument("--genai", type=Path, metavar="DIR",
                        help="answer with the vision-language model in this folder")
    parser.add_argument("--provider", default=GenaiConfig.provider, choices=PROVIDERS,
                        help="where that model must run")
    parser.add_argument("--max-tokens", type=int, default=GenaiConfig.max_tokens)
    parser.add_argument("--tls-cert", type=Path, metavar="PEM")
    parser.add_argument("--tls-key", type=Path, metavar="PEM")
    parser.add_argument("--tls-client-ca", type=Path, metavar="PEM",
                        help="let only clients with a certificate of this authority in")
    parser.add_argument("--otlp-endpoint", default=BridgeConfig.otlp_endpoint, metavar="URL",
                        help="send spans to this OpenTelemetry collector; needs neuraxis[otel]")
    parser.add_argument("--log-json", action="store_true", help="one JSON object per line")
    # fmt: on
    arguments = parser.parse_args(argv)
    log.set_up(arguments.log_json)
    try:
        config = BridgeConfig(
            host=arguments.host,
            port=arguments.port,
            api_key=read_api_key(arguments.api_key_file, dict(os.environ)),
            priority=arguments.priority,
            keys_file=arguments.keys,
            workers=arguments.workers,
            batch=arguments.batch,
            max_waiting=arguments.max_waiting,
            deadline_s=arguments.deadline_s,
            otlp_endpoint=arguments.otlp_endpoint,
        )
        tls = Tls(arguments.tls_cert, arguments.tls_key, arguments.tls_client_ca)
        genai = None
        if arguments.genai is not None:
            genai = GenaiConfig(arguments.genai, arguments.provider, arguments.max_tokens)
        serve(config, Source(arguments.models, arguments.upstream, genai), tls)
    except ConfigError as error:
        sys.stderr.write(f"neuraxis bridge: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
