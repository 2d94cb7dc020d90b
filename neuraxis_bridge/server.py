# SPDX-License-Identifier: Apache-2.0
"""Serves the brain over HTTP.

python -m neuraxis_bridge.server --host 127.0.0.1 --port 8740 --models models
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import uvicorn

from neuraxis_bridge.app import create_app
from neuraxis_bridge.brain import load_brain
from neuraxis_bridge.config import BridgeConfig
from neuraxis_common.errors import ConfigError


def serve(config: BridgeConfig, models_dir: Path) -> None:
    """Load the models and serve until interrupted.

    Raises:
        ConfigError: A model is missing or unfit.
    """
    app = create_app(load_brain(models_dir), config)
    uvicorn.run(
        app,
        host=config.host,
        port=config.port,
        log_level="warning",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=2,
        h11_max_incomplete_event_size=65_536,
    )


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
    arguments = parser.parse_args(argv)
    try:
        key = read_api_key(arguments.api_key_file, dict(os.environ))
        serve(BridgeConfig(arguments.host, arguments.port, key), arguments.models)
    except ConfigError as error:
        sys.stderr.write(f"neuraxis bridge: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
