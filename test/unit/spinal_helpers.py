# SPDX-License-Identifier: Apache-2.0
"""What tests of the spinal cord's Python module share: the module, joints, commands, a world."""

import importlib
import sys
import time
from pathlib import Path

import numpy as np
import pytest

BUILD = Path(__file__).resolve().parents[2] / "build" / "core"
JOINTS = ("shoulder", "finger")
MJCF = """
<mujoco>
  <option timestep="0.001" integrator="implicitfast"/>
  <worldbody>
    <geom type="plane" size="5 5 0.1"/>
    <body name="base" pos="0 0 0.1">
      <freejoint/>
      <geom type="box" size="0.3 0.3 0.1" mass="20"/>
      <site name="imu"/>
      <body name="arm" pos="0 0 0.2">
        <joint name="shoulder" axis="0 1 0" damping="0.1" armature="0.01"/>
        <geom type="capsule" fromto="0 0 0 0 0 0.3" size="0.03" mass="1"/>
        <body name="slider" pos="0 0 0.3">
          <joint name="finger" type="slide" axis="0 0 1" damping="1" armature="0.01"/>
          <geom type="box" size="0.02 0.02 0.02" mass="0.2"/>
        </body>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor name="shoulder" joint="shoulder"/>
    <motor name="finger" joint="finger"/>
  </actuator>
  <sensor>
    <framequat name="quat" objtype="site" objname="imu"/>
    <gyro name="gyro" site="imu"/>
    <accelerometer name="accel" site="imu"/>
    <subtreecom name="com" body="base"/>
  </sensor>
</mujoco>
"""


def load_module():
    """The installed module, or the one of this checkout's build."""
    try:
        return importlib.import_module("neuraxis_spinal")
    except ImportError:
        sys.path.append(str(BUILD))
        try:
            return importlib.import_module("neuraxis_spinal")
        except ImportError as error:
            message = f"neuraxis_spinal is not built ({error}): run `make setup`"
            pytest.fail(message, pytrace=False)


def joint(name, **changes):
    return {
        "name": name,
        "lower": -1.0,
        "upper": 1.0,
        "velocity_max": 10.0,
        "effort_max": 20.0,
        "kp_max": 500.0,
        "kd_max": 50.0,
        "kp_hold": 100.0,
        "kd_hold": 5.0,
        "kd_damping": 5.0,
        "lowering_pos": 0.0,
    } | changes


def five_tuple(n, pos):
    return np.full(n, pos), np.zeros(n), np.zeros(n), np.full(n, 80.0), np.full(n, 4.0)


def drive(loop, n, pos, commands):
    for _ in range(commands):
        loop.command(loop.state()["stamp_s"], *five_tuple(n, pos))
        loop.step(10)


def wait_for(condition, deadline_s=10.0):
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.002)
    raise AssertionError("condition was not met in time")
