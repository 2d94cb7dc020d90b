# SPDX-License-Identifier: Apache-2.0
"""The base of every node: one lifecycle, logged failures, a safe end whatever ends it.

Subclasses fill ``_setup``, ``_start``, ``_make_safe`` and ``_teardown``. Callbacks of timers and
subscriptions created through the base run only while the node is active.
"""

from __future__ import annotations

import functools
import signal
import threading
import traceback
from collections.abc import Callable, Collection
from typing import Any

import rclpy
from rclpy.executors import Executor, ExternalShutdownException, SingleThreadedExecutor
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile, ReliabilityPolicy, qos_profile_sensor_data
from rclpy.signals import SignalHandlerOptions

from neuraxis_common.errors import ConfigError
from neuraxis_common.realtime import CORES, enter_realtime, keep_to, leave_realtime

SUCCESS = TransitionCallbackReturn.SUCCESS
ERROR = TransitionCallbackReturn.ERROR

SENSOR_QOS = qos_profile_sensor_data
# For fast state: a reader that is late wants the newest, not a queue of the past.
STATE_QOS = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
EXIT_CONFIG = 2
# Rounds of the executor in which results of cut-short goals still go out.
_LAST_WORDS = 5


class NeuraxisLifecycleNode(LifecycleNode):
    """Lifecycle node whose transitions log what went wrong and whose end is safe.

    Attributes:
        acting: Whether the node is active; callbacks are dropped while it is not.
        failure: What made the last transition fail, None when it did not.
    """

    def __init__(self, name: str, **kwargs: Any) -> None:
        self.acting = False
        self.failure: Exception | None = None
        super().__init__(name, **kwargs)

    def _setup(self) -> None:
        """Create and validate everything; raise on any problem."""

    def _start(self) -> None:
        """Begin to act."""

    def _make_safe(self) -> None:
        """Leave whatever the node commands in its safe state. Called after it stopped acting."""

    def _teardown(self) -> None:
        """Free what `_setup` created, in reverse, also when it got only half-way."""

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Create and validate."""
        return self._attempt("configure", self._setup)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Start acting."""
        super().on_activate(state)
        self.acting = True
        return self._attempt("activate", self._start)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop acting, then make safe."""
        result = self._attempt("make safe", self._stop_acting)
        super().on_deactivate(state)
        return result

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free everything."""
        return self._attempt("clean up", self._teardown)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Make safe if acting, then free everything."""
        return self._end("shut down")

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Make safe and free; the node can be configured again."""
        return self._end("recover")

    def create_subscription(
        self, msg_type: type, topic: str, callback: Callable, qos: QoSProfile | int, **kwargs: Any
    ) -> Any:
        """Subscribe; the callback runs only while the node is active."""
        return super().create_subscription(msg_type, topic, self._guarded(callback), qos, **kwargs)

    def create_timer(self, period_s: float, callback: Callable, *args: Any, **kwargs: Any) -> Any:
        """Create a timer whose callback runs only while the node is active."""
        return super().create_timer(period_s, self._guarded(callback), *args, **kwargs)

    def create_output(self, msg_type: type, topic: str, qos: QoSProfile | int = 10) -> Publisher:
        """Publisher that is silent while the node is inactive."""
        return self.create_lifecycle_publisher(msg_type, topic, qos)

    def _guarded(self, callback: Callable) -> Callable:
        @functools.wraps(callback)
        def run(*args: Any) -> Any:
            return callback(*args) if self.acting else None

        return run

    def _stop_acting(self) -> None:
        was_acting, self.acting = self.acting, False
        if was_acting:
            self._make_safe()

    def _end(self, what: str) -> TransitionCallbackReturn:
        safe = self._attempt("make safe", self._stop_acting)
        freed = self._attempt(what, self._teardown)
        return SUCCESS if safe is freed is SUCCESS else ERROR

    def _attempt(self, what: str, action: Callable[[], None]) -> TransitionCallbackReturn:
        try:
            action()
        except ConfigError as error:
            self.failure = error
            self.get_logger().error(f"{what}: {error}")
            return ERROR
        except Exception as error:
            # rclpy turns an exception in a transition into ERROR without a line in the log.
            self.failure = error
            self.get_logger().error(f"{what} failed\n{traceback.format_exc()}")
            return ERROR
        return SUCCESS


def spin_lifecycle_node(
    factory: Callable[[], NeuraxisLifecycleNode],
    args: list[str] | None = None,
    make_executor: Callable[[], Executor] = SingleThreadedExecutor,
    priority: int = 0,
    cores: Collection[int] = CORES,
) -> int:
    """Run one node until SIGINT or SIGTERM: configure, activate, spin, make safe, shut down.

    The parameter ``auto_start`` (true) leaves the transitions to a manager when false.

    Args:
        factory: Makes the node.
        args: Command line; None for that of the process.
        make_executor: What runs the callbacks.
        priority: Real-time priority, where allowed, of the thread that runs the callbacks and of
            those that receive for it; 0 for none. Configuring has none: it takes long.
        cores: Where they run then, and threads that the node makes while it is active.

    Returns:
        Exit code: 0 after a signal, 2 when the configuration is at fault, 1 for a bug.
    """
    # rclpy's own handlers tear the context down first, and no safe command would leave the node.
    note = enter_realtime(priority) if priority else ""
    keep_to(cores)
    rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
    stop = threading.Event()
    executor = make_executor()

    def request_stop(_signal: int, _frame: Any) -> None:
        stop.set()
        executor.wake()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, request_stop)
    node: NeuraxisLifecycleNode | None = None
    try:
        node = factory()
        executor.add_node(node)
        keep_to(CORES)
        leave_realtime()
        return _run(node, executor, stop, priority, cores, note)
    except ConfigError as error:
        rclpy.logging.get_logger("neuraxis").error(str(error))
        return EXIT_CONFIG
    except Exception:
        rclpy.logging.get_logger("neuraxis").error(traceback.format_exc())
        return 1
    finally:
        _close(node, executor)


def _run(
    node: NeuraxisLifecycleNode,
    executor: Executor,
    stop: threading.Event,
    priority: int,
    cores: Collection[int],
    note: str,
) -> int:
    auto_start = node.declare_parameter("auto_start", True).value
    if auto_start and node.trigger_configure() is not SUCCESS:
        return EXIT_CONFIG if isinstance(node.failure, ConfigError) else 1
    if priority:
        # What a callback starts, as a plan of seconds on all of a core, is not as urgent as that.
        enter_realtime(priority, inherit=False)
        keep_to(cores)
        node.get_logger().info(note)
    if auto_start and node.trigger_activate() is not SUCCESS:
        return 1
    while not stop.is_set():
        try:
            executor.spin_once(timeout_sec=0.5)
        except ExternalShutdownException:
            break
    return 0


def _close(node: NeuraxisLifecycleNode | None, executor: Executor) -> None:
    if node is not None:
        if node.acting:
            node.trigger_deactivate()
            for _ in range(_LAST_WORDS):
                executor.spin_once(timeout_sec=0.01)
        node.trigger_shutdown()
        executor.remove_node(node)
        node.destroy_node()
    executor.shutdown(timeout_sec=1.0)
    rclpy.try_shutdown()
