# SPDX-License-Identifier: Apache-2.0
"""Which processes make up the running system, and how they find each other."""

from __future__ import annotations

import os
import random
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from neuraxis_cli.processes import Family
from neuraxis_common.errors import ConfigError
from neuraxis_common.realtime import BRIDGE_PRIORITY

# Linux gives ephemeral ports to sockets above the ports of ROS domain 101.
_LAST_DOMAIN = 101
_DOMAIN_PORT, _DOMAIN_GAIN, _FIRST_UNICAST = 7400, 250, 10


@dataclass(frozen=True)
class GraphOptions:
    """One running system.

    Attributes:
        speed: Simulated over wall time; 0 as fast as the machine can.
        brain_url: A brain that already serves; empty starts the bridge of this checkout.
        record_path: State log that the simulator writes when it ends.
        policy: Bundle that keeps the robot on its legs; None for the classical controller.
    """

    data_root: Path
    robot: str
    scene: str
    seed: int
    speed: float = 1.0
    brain_url: str = ""
    record_path: Path | None = None
    policy: Path | None = None


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def free_domain() -> int:
    """A ROS domain that nobody on this machine uses."""
    for domain in random.SystemRandom().sample(range(1, _LAST_DOMAIN), _LAST_DOMAIN - 1):
        port = _DOMAIN_PORT + _DOMAIN_GAIN * domain + _FIRST_UNICAST
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return domain
    raise ConfigError(f"all ROS domains from 1 to {_LAST_DOMAIN - 1} are in use")


def start_graph(family: Family, options: GraphOptions) -> None:
    """Start every process of the system; sets this process's ROS domain when none is set."""
    os.environ.setdefault("ROS_DOMAIN_ID", str(free_domain()))
    url = options.brain_url or start_bridge(family, options.data_root)
    robot = {"data_root": options.data_root, "robot": options.robot}
    record = {"record_path": options.record_path} if options.record_path else {}
    world = {"scene": options.scene, "seed": options.seed, "speed": float(options.speed)}
    family.start("sim", node_command("neuraxis_sim.node", robot | world | record))
    site = {"site": options.scene} if _has_site(options) else {}
    state = {"state_dir": options.record_path.parent} if options.record_path else {}
    mind = robot | {"brain_url": url} | site | state
    family.start("big_brain", node_command("big_brain_node.node", mind))
    legs = {"bundle_path": options.policy.resolve()} if options.policy else {}
    family.start("small_brain", node_command("small_brain_node.node", robot | legs))
    family.start("perception", node_command("perception_node.node", robot))


def _has_site(options: GraphOptions) -> bool:
    """Whether the robot was taught places in this scene."""
    return (options.data_root / "config" / "sites" / f"{options.scene}.yaml").is_file()


def start_bridge(family: Family, data_root: Path) -> str:
    """Start the bridge of this checkout on a free loopback port and return its address."""
    port = free_port()
    command = [sys.executable, "-m", "neuraxis_bridge.server", "--port", str(port)]
    command += ["--models", str(data_root / "models"), "--priority", str(BRIDGE_PRIORITY)]
    family.start("bridge", command)
    return f"http://127.0.0.1:{port}"


def node_command(module: str, params: dict[str, object]) -> list[str]:
    """Command line of one node with its parameters."""
    command = [sys.executable, "-m", module, "--ros-args"]
    for name, value in params.items():
        command += ["-p", f"{name}:={value}"]
    return command
