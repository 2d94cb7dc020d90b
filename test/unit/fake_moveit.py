# SPDX-License-Identifier: Apache-2.0
"""A process in place of MoveIt that misbehaves as told: python fake_moveit.py <mood> --fd <n>.

Moods: ``straight`` answers each question with a straight joint motion to its first posture;
``refuses``, ``wrong_end``, ``nan``, ``garbage``, ``dies``, ``silent`` do what they say;
``fails`` and ``never`` do not get ready.
"""

import json
import os
import socket
import sys
import time


def path(mood, start, goal):
    """What it claims to have found."""
    if mood == "wrong_end":
        return [start, [value + 0.3 for value in goal]]
    if mood == "nan":
        return [start, [float("nan")] * len(goal)]
    return [start, goal]


def reply(mood, question, joint_names):
    """The frame for one question, if it comes to that."""
    if mood == "dies":
        os._exit(3)
    if mood == "silent":
        time.sleep(60.0)
    if mood == "garbage":
        return b"segmentation fault"
    start = [question["joints"][name] for name in joint_names]
    goal = question["postures"][0] if question["postures"] else start
    found = {"path_rad": path(mood, start, goal), "code": "", "reason": ""}
    if mood == "refuses":
        found = {"path_rad": None, "code": "unreachable", "reason": "it is too far"}
    frame = {"number": question["number"], "details": {}, "took_s": 0.001} | found
    return json.dumps(frame).encode()


def main() -> None:
    mood, fd = sys.argv[1], int(sys.argv[3])
    hello = json.load(sys.stdin)
    end = socket.socket(fileno=fd)
    if mood == "fails":
        end.sendall(b'{"failed": "no model"}\n')
    if mood in ("fails", "never"):
        time.sleep(60.0)
    end.sendall(b'{"ready": "at once"}\n')
    for line in end.makefile():
        question = json.loads(line)
        joint_names = hello["sides"][question["side"]]["joints"]
        end.sendall(reply(mood, question, joint_names) + b"\n")


if __name__ == "__main__":
    main()
