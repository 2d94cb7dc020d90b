# SPDX-License-Identifier: Apache-2.0
"""The course of the half marathon, its pacer, the load in the hands, and what the steps learn."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pd_world import DATA_ROOT, profile_of, urdf_of

from neuraxis_common.errors import ConfigError
from neuraxis_field.course import HALF_MARATHON_M, Course, SideWind, Surroundings
from neuraxis_field.film import Film
from neuraxis_field.half_marathon import draw_races, pace, run_race, summary
from neuraxis_sim.model import build_model
from small_brain_node.walking.trim import SpeedTrim

ROBOT = "lingxi_x2"
COURSE = Course()
ways = st.floats(0.0, HALF_MARATHON_M)


def test_a_lap_starts_ahead_and_closes() -> None:
    place, heading = COURSE.at(0.0)
    np.testing.assert_allclose(place, np.zeros(2), atol=1e-9)
    assert heading == pytest.approx(0.0, abs=0.01)
    end, _ = COURSE.at(COURSE.lap_m - 1e-6)
    np.testing.assert_allclose(end, place, atol=1e-3)
    assert pytest.approx(HALF_MARATHON_M) == 20 * COURSE.lap_m


@given(ways, st.floats(-0.5, 0.5), st.floats(-1.0, 1.0))
@settings(deadline=None)
def test_a_place_beside_the_course_is_found_again(metres, left, ahead) -> None:
    place, heading = COURSE.at(metres)
    beside = place + left * np.array([-math.sin(heading), math.cos(heading)])
    assert COURSE.metres(beside, metres + ahead) == pytest.approx(metres, abs=0.05)


@given(ways, st.floats(-2.0, 2.0), st.floats(-3.0, 3.0))
@settings(deadline=None, max_examples=25)
def test_the_pacer_brings_a_walker_to_the_line(metres, left, astray) -> None:
    place, heading = COURSE.at(metres)
    x, y = place + left * np.array([-math.sin(heading), math.cos(heading)])
    yaw, dt_s = heading + astray, 0.1
    for _ in range(1000):
        metres = COURSE.metres(np.array([x, y]), metres)
        forward, _, turn = pace(COURSE, metres, np.array([x, y, yaw]), 0.8)
        yaw += turn * dt_s
        x, y = x + forward * dt_s * math.cos(yaw), y + forward * dt_s * math.sin(yaw)
    line, _ = COURSE.at(COURSE.metres(np.array([x, y]), metres))
    assert np.linalg.norm(line - [x, y]) < 0.3


def test_a_race_over_a_bump_ends_at_the_finish_and_tells_how_far_it_is(monkeypatch) -> None:
    monkeypatch.setattr("neuraxis_field.half_marathon._TELL_EVERY_M", 2.5)
    race = draw_races(ROBOT, DATA_ROOT, 1, 3, 6.0, 0.8, bump_every_m=4.0)[0]
    told = []
    row = run_race(race, lambda metres, seconds: told.append((metres, seconds)))
    assert row["finished"] and not row["fell"] and row["in_charge"] == "classical"
    assert 6.0 <= row["metres"] < 6.2 and 0.4 < row["speed_m_s"] < 0.9
    assert [metres for metres, _ in told] == pytest.approx([2.5, 5.0], abs=0.1)
    assert summary([row]) == {
        "episodes": 1, "finished": 1, "rate": 1.0, "metres_mean": row["metres"],
        "metres_least": row["metres"], "finish_s": row["seconds"],
    }  # fmt: skip


def test_a_film_of_the_end_forgets_the_beginning() -> None:
    world = SimpleNamespace(now_s=0.0, qpos=lambda: np.array([world.now_s]))
    film, everything = Film(world, last_s=1.0), Film(world)
    for world.now_s in np.arange(0.0, 5.0, 0.05):
        film.look()
        everything.look()
    assert len(everything._states) == 100
    assert [float(qpos[0]) for qpos, _ in film._states] == pytest.approx(np.arange(4.0, 5.0, 0.05))


@pytest.mark.parametrize(
    "change",
    [{"distance_m": 4.9}, {"pace_m_s": 1.1}, {"bump_every_m": 0.5}],
    ids=["distance", "pace", "bumps"],
)
def test_a_race_that_cannot_be_is_refused_by_name_and_bound(change) -> None:
    race = draw_races(ROBOT, DATA_ROOT, 1, 3, 6.0, 0.8)[0]
    (value,) = change.values()
    with pytest.raises(ConfigError, match=rf"must be .*, got {value}"):
        replace(race, **change)


def test_the_load_is_in_the_hands_and_bumps_rise_as_told() -> None:
    profile, urdf_xml = profile_of(ROBOT), urdf_of(ROBOT)
    plain = build_model(profile, urdf_xml).model
    around = Surroundings(profile, 1.0, COURSE, 0.02, 100.0)
    laden = build_model(profile, urdf_xml, around).model
    gained = laden.body_subtreemass[0] - plain.body_subtreemass[0]
    assert gained == pytest.approx(1.0)
    bump = laden.geom("bump0")
    assert bump.pos[2] + bump.size[0] == pytest.approx(0.02)
    assert sum(laden.geom(i).name.startswith("bump") for i in range(laden.ngeom)) == 10


def test_the_wind_blows_from_the_left() -> None:
    wind = SideWind(np.random.default_rng(0), 0.4)
    forces = np.array([wind.force(0.5, 0.1) for _ in range(2000)])
    left = np.array([-math.sin(0.5), math.cos(0.5), 0.0])
    assert np.all(forces @ left <= 0.0)
    np.testing.assert_allclose(forces - np.outer(forces @ left, left), 0.0, atol=1e-12)


def test_steps_that_fall_short_are_lengthened_until_the_speed_is_right() -> None:
    trim, place, wanted = SpeedTrim(), np.zeros(2), np.array([0.5, 0.0])
    step_s = 0.4
    for _ in range(60):
        trim.move(step_s, wanted)
        got = 0.8 * (wanted + trim.speed_m_s)
        place = place + got * step_s
        trim.step(place, np.eye(2))
    np.testing.assert_allclose(got, wanted, atol=0.02)
