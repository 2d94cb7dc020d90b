# SPDX-License-Identifier: Apache-2.0
"""The embedded world as a node: what a robot's drivers would publish, and nothing more.

Out: /clock 100 Hz, /joint_states and /imu/data 200 Hz, /foot_force/{left,right} 100 Hz,
/camera/color/image_raw, /camera/depth/image_rect and /camera/color/camera_info at the camera's
rate, /spinal_cord/state 10 Hz and on change, /ledger. In: /spinal_cord/command.
Services: /spinal_cord/request_stop, /spinal_cord/reset_stop, /sim/move_object.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import OrderedDict

import numpy as np
from geometry_msgs.msg import WrenchStamped
from numpy.typing import NDArray
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, Imu, JointState

from neuraxis.msg import JointCommandArray, LedgerHop, SpinalState
from neuraxis.srv import MoveObject, RequestStop, ResetStop
from neuraxis_common import convert
from neuraxis_common.errors import ConfigError, Rejected
from neuraxis_common.ledger import Hop
from neuraxis_common.lifecycle import SENSOR_QOS, NeuraxisLifecycleNode, spin_lifecycle_node
from neuraxis_common.params import load_params
from neuraxis_common.realtime import BODY_CORES
from neuraxis_sim.camera import camera_info
from neuraxis_sim.live import STATE_PRIORITY, Cadence, LiveWorld, SimConfig

CLOCK_RATE_HZ = 100.0
FOOT_RATE_HZ = 100.0
SPINAL_RATE_HZ = 10.0
# States whose commands may still be on their way.
_PENDING_STATES = 100


class SimNode(NeuraxisLifecycleNode):
    """Runs a `LiveWorld` while active."""

    def __init__(self) -> None:
        super().__init__("sim")
        self._world: LiveWorld | None = None
        self._pump: threading.Thread | None = None
        self._stop = threading.Event()
        self._sent_at: OrderedDict[int, float] = OrderedDict()
        self._level = ""
        self._paced = (0.0, 0.0)

    def _setup(self) -> None:
        config = load_params(self, SimConfig)
        started_s = time.monotonic()
        self._world = LiveWorld(config)
        self._names = list(self._world.profile.joint_names)
        camera = self._world.profile.camera
        self._camera_info = camera_info(camera.fovy_deg, camera.width, camera.height)
        self._create_outputs()
        self.create_subscription(
            JointCommandArray, "spinal_cord/command", self._on_command, SENSOR_QOS
        )
        self.create_service(RequestStop, "spinal_cord/request_stop", self._on_request_stop)
        self.create_service(ResetStop, "spinal_cord/reset_stop", self._on_reset_stop)
        self.create_service(MoveObject, "sim/move_object", self._on_move_object)
        self.get_logger().info(
            f"world '{config.scene}' seed {config.seed} with {config.robot} "
            f"made in {time.monotonic() - started_s:.1f} s"
        )

    def _create_outputs(self) -> None:
        self._clock = self.create_output(Clock, "/clock", SENSOR_QOS)
        self._joints = self.create_output(JointState, "joint_states", SENSOR_QOS)
        self._imu = self.create_output(Imu, "imu/data", SENSOR_QOS)
        self._feet = [
            self.create_output(WrenchStamped, f"foot_force/{side}", SENSOR_QOS)
            for side in ("left", "right")
        ]
        self._spinal = self.create_output(SpinalState, "spinal_cord/state")
        self._color = self.create_output(Image, "camera/color/image_raw", SENSOR_QOS)
        self._depth = self.create_output(Image, "camera/depth/image_rect", SENSOR_QOS)
        self._info = self.create_output(CameraInfo, "camera/color/camera_info", SENSOR_QOS)
        self._ledger = self.create_output(LedgerHop, "ledger", 100)

    def _start(self) -> None:
        world = self._world
        self._stop.clear()
        world.start()
        self.get_logger().info(f"physics runs; {world.loop.stats()['realtime_note']}")
        if world.config.camera:
            world.start_camera(self._on_frame)
        cadence = Cadence(world.now_s, world.config.speed, world.mind_commander)
        cadence.every(CLOCK_RATE_HZ, self._publish_clock)
        cadence.every(world.config.state_rate_hz, self._publish_state)
        cadence.every(SPINAL_RATE_HZ, self._publish_spinal)
        if world.config.record_path:
            cadence.every(world.config.record_rate_hz, world.record)
        self._pump = threading.Thread(target=cadence.run, args=(self._stop,), name="pump")
        self._pump.start()

    def _make_safe(self) -> None:
        self._world.loop.request_stop("hold", "simulation ends")
        self._stop.set()
        if self._pump is not None:
            self._pump.join(timeout=2.0)
            self._pump = None

    def _teardown(self) -> None:
        if self._world is not None:
            self._world.close()
            self._world = None

    def _publish_clock(self) -> None:
        self._clock.publish(Clock(clock=convert.to_time(self._world.now_s())))

    def _publish_state(self) -> None:
        state, raw = self._world.state()
        stamp_s = state.joints.stamp_s
        self._imu.publish(convert.to_imu(self._world.profile.imu_frame, state.imu))
        for publisher, foot, force_N in zip(
            self._feet, self._world.profile.feet, state.foot_force_N, strict=True
        ):
            publisher.publish(convert.to_foot_force(stamp_s, foot, force_N))
        self._sent_at[round(stamp_s * 1e6)] = time.monotonic()
        if len(self._sent_at) > _PENDING_STATES:
            self._sent_at.popitem(last=False)
        self._joints.publish(convert.to_joint_state(self._names, state.joints))
        if raw["stop_level"] != self._level:
            self._level = raw["stop_level"]
            self.get_logger().info(f"spinal cord: {self._level} {raw['stop_cause']}".rstrip())
            self._publish_spinal()

    def _publish_spinal(self) -> None:
        raw, stats = self._world.loop.state(), self._world.loop.stats()
        counters, wall_s = raw["counters"], time.monotonic()
        past_s, past_wall_s = self._paced
        self._paced = (raw["time_s"], wall_s)
        message = SpinalState(
            stop_level=raw["stop_level"],
            stop_cause=raw["stop_cause"],
            foot_force=np.asarray(raw["foot_force"], dtype=float),
            cycles=counters["cycles"],
            commands_accepted=counters["commands_accepted"],
            commands_rejected=counters["commands_rejected"],
            last_rejection=raw["last_rejection"],
            cycle_us_p50=float(stats["cord"]["p50_us"]),
            cycle_us_p999=float(stats["cord"]["p999_us"]),
            jitter_us_p999=float(stats["wake"]["p999_us"]),
            real_time_factor=(raw["time_s"] - past_s) / max(wall_s - past_wall_s, 1e-6),
        )
        message.header.stamp = convert.to_time(raw["stamp_s"])
        self._spinal.publish(message)

    def _on_frame(
        self, stamp_s: float, rgb: NDArray[np.uint8], depth_m: NDArray[np.float32]
    ) -> None:
        frame = self._world.profile.camera.frame
        info = convert.to_camera_info(stamp_s, frame, self._camera_info)
        color = convert.to_image(stamp_s, frame, rgb)
        depth = convert.to_image(stamp_s, frame, depth_m)
        self._info.publish(info)
        self._color.publish(color)
        self._depth.publish(depth)
        self._hop("camera", self._world.shot_at_s)

    def _on_command(self, message: JointCommandArray) -> None:
        command = convert.from_command(message, self._names)
        if isinstance(command, Rejected):
            self.get_logger().warning(command.reason, throttle_duration_sec=1.0)
            return
        self._world.command(command)
        sent_s = self._sent_at.get(round(command.stamp_s * 1e6))
        if sent_s is not None:
            self._hop("joint state to command", sent_s)

    def _on_request_stop(
        self, request: RequestStop.Request, response: RequestStop.Response
    ) -> RequestStop.Response:
        try:
            self._world.loop.request_stop(request.level, request.cause)
            response.accepted = True
        except ValueError as error:
            response.message = str(error)
        return response

    def _on_reset_stop(
        self, _request: ResetStop.Request, response: ResetStop.Response
    ) -> ResetStop.Response:
        response.accepted, response.message = self._world.loop.reset_stop()
        return response

    def _on_move_object(
        self, request: MoveObject.Request, response: MoveObject.Response
    ) -> MoveObject.Response:
        place = request.pose.position
        quat = convert.from_quaternion(request.pose.orientation)
        try:
            if request.remove:
                self._world.remove_object(request.name)
            else:
                self._world.move_object(request.name, np.array([place.x, place.y, place.z]), quat)
            response.success = True
        except ConfigError as error:
            response.message = str(error)
        return response

    def _hop(self, name: str, since_s: float) -> None:
        self._ledger.publish(convert.to_hop(Hop(name, since_s, time.monotonic())))


def main() -> int:
    """Entry point."""
    return spin_lifecycle_node(SimNode, priority=STATE_PRIORITY, cores=BODY_CORES)


if __name__ == "__main__":
    sys.exit(main())
