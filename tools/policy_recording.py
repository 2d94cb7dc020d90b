# SPDX-License-Identifier: Apache-2.0
"""Records a policy where it was trained, for `neuraxis bundle import`.

One file, numpy alone: copy it beside the code that plays the policy. Noise on observations must be
off; velocity commands, and what disturbs the robots, should vary, so that every joint and axis
moves. Two hundred steps of sixteen robots are plenty.

    recording = PolicyRecording(joint_names, action_joints)
    for each step:
        recording.saw(first=..., observation=..., pos_rad=..., ...)   # before the environment steps
        recording.did(action=..., target_rad=...)                     # after it has
    recording.save("recording.npz")
"""

import numpy as np


class PolicyRecording:
    """Steps of E robots. Arrays and torch tensors are copied as they come in.

    Args:
        joint_names: Order of the joints in the states.
        action_joints: Order of the joints in actions and targets.
    """

    def __init__(self, joint_names, action_joints):
        self._names = {"joint_names": list(joint_names), "action_joints": list(action_joints)}
        self._rows = {}

    def saw(
        self, *, first, observation, pos_rad, vel_rad_s, quat_wxyz, gyro_B_rad_s,
        linear_velocity_B_m_s, velocity_command, elapsed_s=None,
    ):  # fmt: skip
        """What the policy is shown now, and the state that it was made of.

        Args:
            first: Whether the robot's episode begins with this step, shape (E,).
            observation: The network's input, its normaliser not yet applied, shape (E, size).
            pos_rad: Joint positions as measured, no default pose subtracted, shape (E, n).
            vel_rad_s: Shape (E, n).
            quat_wxyz: Base in the world, w first, shape (E, 4).
            gyro_B_rad_s: Angular velocity of the base in its own axes, shape (E, 3).
            linear_velocity_B_m_s: Velocity of the base in its own axes, shape (E, 3).
            velocity_command: Forward m/s, left m/s, turn rad/s, shape (E, 3).
            elapsed_s: Since the episode began, for a gait phase, shape (E,).
        """
        state = {name: value for name, value in locals().items() if name != "self"}
        self._add({name: value for name, value in state.items() if value is not None})

    def did(self, *, action, target_rad):
        """What came of it.

        Args:
            action: The network's output before any clip, shape (E, m).
            target_rad: Where the joints were sent, shape (E, m).
        """
        self._add({"action": action, "target_rad": target_rad})

    def save(self, path):
        """Write the .npz file."""
        arrays = {name: np.stack(rows) for name, rows in self._rows.items()}
        lengths = {name: len(rows) for name, rows in arrays.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"not every step has everything: {lengths}")
        np.savez_compressed(path, **self._names, **arrays)

    def _add(self, values):
        for name, value in values.items():
            plain = value.detach().cpu().numpy() if hasattr(value, "detach") else value
            kind = bool if name == "first" else np.float32
            self._rows.setdefault(name, []).append(np.array(plain, dtype=kind))
