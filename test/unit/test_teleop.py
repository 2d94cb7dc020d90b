# SPDX-License-Identifier: Apache-2.0
"""Walking by hand: keys, sticks, and what happens when nobody holds on any more."""

from __future__ import annotations

import os
import pty
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuraxis_cli.teleop.devices import Gamepad, Keyboard
from neuraxis_cli.teleop.drive import (
    KEYS,
    QUIT,
    STOP,
    Keys,
    Sender,
    Sticks,
    TeleopConfig,
    velocity,
)
from neuraxis_common.errors import ConfigError

CONFIG = TeleopConfig()
BUTTON, AXIS, INIT = 1, 2, 0x80


@pytest.mark.parametrize("key", KEYS)
def test_a_key_drives_until_it_was_not_heard_of_for_long(key) -> None:
    keys = Keys(CONFIG.hold_s)
    assert keys.press(1.0, key)
    np.testing.assert_array_equal(keys.wish(0.99 + CONFIG.hold_s), KEYS[key])
    assert not keys.wish(1.0 + CONFIG.hold_s + 0.01).any()
    assert keys.press(2.0, key.upper())
    assert keys.wish(2.0).any()


@pytest.mark.parametrize("key", [STOP, "x", "\x00", "ü"])
def test_space_and_every_unknown_key_stop_at_once(key) -> None:
    keys = Keys(CONFIG.hold_s)
    keys.press(1.0, "w")
    assert keys.press(1.1, key)
    assert not keys.wish(1.1).any()


def test_speed_changes_within_bounds_and_the_end_stops() -> None:
    keys = Keys(CONFIG.hold_s)
    for _ in range(50):
        keys.press(0.0, "-")
    keys.press(1.0, "w")
    assert 0.0 < keys.wish(1.0)[0] <= 0.1
    for _ in range(50):
        keys.press(1.0, "+")
    assert keys.wish(1.0)[0] == 1.0
    assert not keys.press(1.0, QUIT)
    assert not keys.wish(1.0).any()


def test_sticks_drive_only_while_the_button_is_held() -> None:
    sticks = Sticks(0.1)
    sticks.move(0, 1.0)
    assert not sticks.wish(0.0).any()
    sticks.hold(True)
    assert sticks.wish(0.0)[0] == 1.0
    sticks.move(2, 0.05)
    assert sticks.wish(0.0)[2] == 0.0
    sticks.hold(False)
    assert not sticks.wish(0.0).any()
    sticks.hold(True)
    sticks.gone()
    assert not sticks.wish(0.0).any()


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=3, max_size=3))
@settings(deadline=None)
def test_no_stick_asks_for_more_than_the_speeds(values) -> None:
    sticks = Sticks(CONFIG.dead_zone)
    sticks.hold(True)
    for axis, value in enumerate(values):
        sticks.move(axis, value)
    wish = velocity(sticks.wish(0.0), CONFIG)
    top = (CONFIG.forward_m_s, CONFIG.left_m_s, CONFIG.turn_rad_s)
    assert np.all(np.abs(wish) <= np.array(top) + 1e-12)
    assert wish[0] >= -CONFIG.back_m_s


def test_after_the_last_wish_come_zeros_and_then_silence() -> None:
    sender = Sender(CONFIG, zeros_s=0.5)
    assert sender.message(0.0, np.zeros(3)) is None
    assert sender.message(1.0, np.array([1.0, 0.0, 0.0]))[0] == CONFIG.forward_m_s
    assert not sender.message(1.05, np.zeros(3)).any()
    assert not sender.message(1.1, np.array([np.nan, 0.0, 0.0])).any()
    assert sender.message(1.6, np.zeros(3)) is None


def test_a_terminal_is_read_and_given_back() -> None:
    person, terminal = pty.openpty()
    with Keyboard(CONFIG.hold_s, terminal) as keyboard:
        os.write(person, b"w")
        assert keyboard.poll(1.0)
        assert keyboard.wish(1.0)[0] == 1.0
        os.write(person, b"d\x1bw")
        assert not keyboard.poll(1.1)
        assert not keyboard.wish(1.1).any()
    os.close(person)
    os.close(terminal)
    read, write = os.pipe()
    with pytest.raises(ConfigError, match="terminal"):
        Keyboard(CONFIG.hold_s, read)
    os.close(read)
    os.close(write)


def test_a_terminal_that_is_gone_ends_the_drive_and_takes_nothing_back() -> None:
    person, terminal = pty.openpty()
    with Keyboard(CONFIG.hold_s, terminal) as keyboard:
        os.write(person, b"w")
        assert keyboard.poll(1.0)
        os.close(person)
        assert not keyboard.poll(1.1)
    os.close(terminal)


def event(kind, number, value) -> bytes:
    return struct.pack("<IhBB", 7, value, kind, number)


def test_a_pad_is_read_from_its_events_and_lets_go_when_it_goes(tmp_path) -> None:
    path = tmp_path / "js0"
    os.mkfifo(path)
    with pytest.raises(ConfigError, match="js9"):
        Gamepad(tmp_path / "js9", 0.1)
    reader = Gamepad(path, 0.1)
    with reader, open(path, "wb", buffering=0) as pad:
        pad.write(event(AXIS | INIT, 1, 0) + event(AXIS, 1, -32767))
        assert reader.poll(0.0)
        assert not reader.wish(0.0).any()
        pad.write(event(BUTTON, 4, 1) + event(AXIS, 3, 16000) + event(AXIS, 9, 99)[:4])
        assert reader.poll(0.0)
        wish = reader.wish(0.0)
        assert wish[0] == 1.0
        assert wish[2] < 0.0
        pad.close()
        assert not reader.poll(0.0)
        assert not reader.wish(0.0).any()


def test_bounds_are_checked() -> None:
    with pytest.raises(ConfigError, match="forward_m_s"):
        TeleopConfig(forward_m_s=3.0)
