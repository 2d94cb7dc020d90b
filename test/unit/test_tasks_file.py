# SPDX-License-Identifier: Apache-2.0
"""A tasks file is refused with its line and key, before an episode runs."""

import json

import pytest

from neuraxis_common.errors import ConfigError
from neuraxis_field.tasks_file import load_tasks

GOOD = {
    "scene": "sorting_bench",
    "seed": 7,
    "instruction": "put the red cube in the blue tray",
    "goal": [{"object": "red_cube", "in": "blue_tray"}],
}


def written(tmp_path, *lines):
    path = tmp_path / "tasks.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_an_episode_reads_back(tmp_path):
    (episode,) = load_tasks(written(tmp_path, json.dumps(GOOD), ""))
    assert (episode.seed, episode.goal[0].object, episode.goal[0].container) == (
        7,
        "red_cube",
        "blue_tray",
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": -1}, "seed"),
        ({"seed": "x"}, "seed"),
        ({"goal": [{"object": "red_cube"}]}, "goal.0.in"),
        ({"goal": []}, "either a goal or a refusal"),
        ({"refusal": "unsafe"}, "either a goal or a refusal"),
        ({"colour": 1}, "colour"),
    ],
)
def test_a_bad_line_is_named(tmp_path, change, message):
    path = written(tmp_path, json.dumps(GOOD), json.dumps(GOOD | change))
    with pytest.raises(ConfigError, match=f":2: .*{message}"):
        load_tasks(path)


def test_garbage_missing_and_empty_files_are_named(tmp_path):
    with pytest.raises(ConfigError, match=":1: not JSON"):
        load_tasks(written(tmp_path, "{"))
    with pytest.raises(ConfigError, match="does not exist"):
        load_tasks(tmp_path / "none.jsonl")
    with pytest.raises(ConfigError, match="no episode"):
        load_tasks(written(tmp_path, ""))
