# SPDX-License-Identifier: Apache-2.0
"""Keys, their file, and the budgets that hang on them."""

from __future__ import annotations

import os
import sys

import pytest

from neuraxis_bridge.access import Access, Caller
from neuraxis_bridge.budget import Bucket, Buckets
from neuraxis_bridge.keys import add_key, parse_key, read_keys, revoke_key
from neuraxis_cli.__main__ import main
from neuraxis_common.errors import ConfigError, Rejected


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys.json"


def test_file_holds_neither_key_nor_secret_and_is_private(path):
    entry, key = add_key(path, "x2-01")
    text = path.read_text()
    assert parse_key(key)[0] == entry.key_id
    assert key not in text and parse_key(key)[1] not in text
    assert path.stat().st_mode & 0o077 == 0


def test_right_key_is_known_and_the_second_time_without_hashing(path):
    _, key = add_key(path, "x2-01", max_priority="high")
    access = Access(path)
    assert access.recall(key, 0.0) is None
    caller = access.check(key)
    assert caller.robot == "x2-01" and caller.max_priority == "high"
    assert access.recall(key, 0.0) == caller


def test_wrong_keys_get_one_and_the_same_answer(path):
    entry, key = add_key(path, "x2-01")
    access = Access(path)
    other_secret = key[:-1] + ("A" if key[-1] != "A" else "B")
    other_id = key.replace(entry.key_id, "0" * 12)
    answers = [access.check(text) for text in (other_secret, other_id, "nonsense", "")]
    assert all(isinstance(answer, Rejected) and answer == answers[0] for answer in answers)
    assert access.recall(other_secret, 0.0) == answers[0]
    assert access.recall("nonsense", 0.0) == answers[0]


def test_revoked_key_is_refused_by_a_running_gateway(path):
    entry, key = add_key(path, "x2-01")
    add_key(path, "x2-02")
    access = Access(path)
    assert isinstance(access.check(key), Caller)
    revoke_key(path, entry.key_id)
    assert isinstance(access.recall(key, 0.5), Caller)
    assert access.recall(key, 2.0) is None
    assert access.check(key).code == "invalid_api_key"


def test_broken_file_leaves_the_keys_as_they_were(path):
    _, key = add_key(path, "x2-01")
    access = Access(path)
    access.check(key)
    path.write_text("{")
    assert isinstance(access.recall(key, 10.0), Caller)


def test_no_key_in_force_is_a_config_error(path):
    with pytest.raises(ConfigError, match="not readable"):
        Access(path)
    entry, _ = add_key(path, "x2-01")
    revoke_key(path, entry.key_id)
    with pytest.raises(ConfigError, match="no key in force"):
        Access(path)


@pytest.mark.parametrize(
    "bad", [{"role": "king"}, {"burst": 0}, {"rate_per_min": -1.0}, {"max_priority": "now"}]
)
def test_impossible_settings_are_named(path, bad):
    with pytest.raises(ConfigError, match=next(iter(bad))):
        add_key(path, "x2-01", **bad)
    with pytest.raises(ConfigError, match="robot"):
        add_key(path, "x2 01\n")
    assert not path.exists()


def test_rate_budget_refuses_with_the_time_until_the_next_one(path):
    _, key = add_key(path, "x2-01", rate_per_min=60.0, burst=2)
    access = Access(path)
    caller = access.check(key)
    assert access.spend(caller, 0.0) is None and access.spend(caller, 0.0) is None
    refused = access.spend(caller, 0.25)
    assert refused.code == "rate_budget" and refused.details["retry_after_s"] == pytest.approx(0.75)
    assert access.spend(caller, 1.0) is None


def test_cost_is_owed_and_paid_off(path):
    _, key = add_key(path, "x2-01", rate_per_min=0.0, cost_per_hour=3600.0)
    access = Access(path)
    caller = access.check(key)
    assert access.spend(caller, 0.0) is None
    access.charge(caller, 3700.0, 0.0)
    refused = access.spend(caller, 0.0)
    assert refused.code == "cost_budget" and refused.details["retry_after_s"] == pytest.approx(101)
    assert access.spend(caller, 102.0) is None


def test_unknown_keys_of_one_address_are_slowed_down_but_not_those_of_others(path):
    add_key(path, "x2-01")
    access = Access(path)
    refused = [access.may_check("10.0.0.1", 0.0) for _ in range(300)]
    assert refused[0] is None and refused[-1].code == "too_many_keys"
    assert access.may_check("10.0.0.2", 0.0) is None
    assert access.may_check("10.0.0.1", 1.0) is None


def test_buckets_are_bounded_and_bear_a_clock_that_goes_back():
    buckets = Buckets(lambda: Bucket(1.0, 1.0), most=2)
    first = buckets.of("a")
    assert buckets.of("a") is first
    buckets.of("b"), buckets.of("c")
    assert buckets.of("a") is not first
    first.take(10.0)
    assert first.wait_s(5.0) == pytest.approx(1.0)


def run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["neuraxis", "keys", *arguments])
    try:
        code = main()
    except SystemExit as end:
        code = end.code or 0
    return code, *capsys.readouterr()


def test_command_adds_lists_and_revokes(path, monkeypatch, capsys):
    file = ("--file", os.fspath(path))
    code, key, _ = run(monkeypatch, capsys, "add", "x2-01", *file)
    assert code == 0 and Access(path).check(key.strip()).robot == "x2-01"
    _, listed, _ = run(monkeypatch, capsys, "list", *file)
    assert "x2-01" in listed and "digest" not in listed and key.strip() not in listed
    key_id = parse_key(key.strip())[0]
    assert run(monkeypatch, capsys, "revoke", key_id, *file)[0] == 0
    assert read_keys(path)[key_id].revoked
    code, _, error = run(monkeypatch, capsys, "revoke", "0" * 12, *file)
    assert code == 2 and len(error.strip().splitlines()) == 1
