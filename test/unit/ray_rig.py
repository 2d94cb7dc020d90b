# SPDX-License-Identifier: Apache-2.0
"""A Ray cluster on this machine that bears a machine with no time to spare.

Ray makes its workers 15 steps nicer than the process that starts it: where other work has the cores
they get one hundredth of them, do not start within the seconds that Ray gives them, are killed and
started again, for ever. Here they are as nice as their test and have time; nothing is started that
a test does not need.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import time
from contextlib import contextmanager, suppress

import psutil

PATIENCE_S = 1500.0
_PATIENT = {
    "RAY_worker_niceness": "0",
    # The controller kills a proxy that was not ready three times in a row, after 5 s each.
    "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "600",
    "RAY_SERVE_PROXY_HEALTH_CHECK_TIMEOUT_S": "600",
    "RAY_worker_register_timeout_seconds": "600",
    "RAY_raylet_start_wait_time_s": "600",
    "RAY_agent_register_timeout_ms": "600000",
    "RAY_health_check_failure_threshold": "100",
    # A replica says how busy it is every 10 s.
    "RAY_SERVE_REPLICA_AUTOSCALING_METRIC_PUSH_INTERVAL_S": "0.5",
    "RAY_SERVE_HANDLE_AUTOSCALING_METRIC_PUSH_INTERVAL_S": "0.5",
    # One idle process per core would be started ahead.
    "RAY_enable_worker_prestart": "0",
    "RAY_prestart_worker_first_driver": "0",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
}
REPLICA = "ray::ServeReplica"


def patient_environment(*paths):
    """Environment of processes that start Ray; `paths` are where its workers find our code."""
    found = os.pathsep.join([*map(str, paths), os.environ.get("PYTHONPATH", "")])
    return os.environ | _PATIENT | {"PYTHONPATH": found}


@contextmanager
def cluster(*paths):
    """Ray on this machine, shut down at the end whatever happened; its folder is removed."""
    kept = dict(os.environ)
    os.environ.update(patient_environment(*paths))
    import ray
    from ray import serve

    # Short: the path of a socket in it has to fit 107 bytes.
    folder = tempfile.mkdtemp(prefix="nx", dir="/tmp")
    try:
        ray.init(
            "local", num_cpus=4, num_gpus=0, include_dashboard=False, log_to_driver=False,
            object_store_memory=80 * 2**20, _temp_dir=folder,
        )  # fmt: skip
        yield serve
    finally:
        with suppress(Exception):
            serve.shutdown()
        ray.shutdown()
        shutil.rmtree(folder, ignore_errors=True)
        os.environ.clear()
        os.environ.update(kept)


def start_proxy(serve):
    """A proxy on a free port of loopback; its address.

    `serve.start` itself waits for 60 s, which cannot be changed; its second call finds the
    controller that the first has started.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with suppress(TimeoutError):
        serve.start(http_options={"host": "127.0.0.1", "port": port})
    serve.start()
    wait(lambda: [state.value for state in serve.status().proxies.values()] == ["HEALTHY"])
    return f"http://127.0.0.1:{port}"


def replicas():
    """Processes of replicas on this machine, oldest first."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if process.cmdline()[:1] and process.cmdline()[0].startswith(REPLICA):
                found.append((process.create_time(), process.pid))
    return [pid for _, pid in sorted(found)]


def wait(condition, limit_s=PATIENCE_S):
    """Wait until something holds; what Ray is too busy to say is no answer."""
    end_s = time.monotonic() + limit_s
    while True:
        with suppress(TimeoutError):
            if condition():
                return
        assert time.monotonic() < end_s, "it never held"
        time.sleep(0.2)
