# SPDX-License-Identifier: Apache-2.0
"""Walking by hand: keyboard or gamepad to /cmd_vel, and zero as soon as nobody holds on."""
