# SPDX-License-Identifier: Apache-2.0
"""`neuraxis bundle` in the hands of somebody who makes and checks policies."""

import json
import sys

import pytest
from bundle_rig import make_contract, signed_bundle, unsigned_bundle

from neuraxis_cli.__main__ import main
from small_brain_node.bundle.archive import unpack


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command; returns exit code, standard output and standard error."""

    def go(*arguments):
        monkeypatch.setattr(sys, "argv", ["neuraxis", "bundle", *map(str, arguments)])
        try:
            code = main()
        except SystemExit as end:
            code = end.code or 0
        out, error = capsys.readouterr()
        return code, out, error

    return go


@pytest.fixture
def unsigned(tmp_path):
    path = tmp_path / "walk.nxpolicy"
    path.write_bytes(unsigned_bundle())
    return path


def test_from_key_to_a_bundle_that_verifies(run, unsigned, tmp_path):
    code, out, _ = run("keygen", tmp_path / "signer")
    assert code == 0
    keys = tmp_path / "keys"
    keys.mkdir()
    (tmp_path / "signer.pub").rename(keys / "signer.pub")
    code, _, error = run("verify", unsigned, "--keys", keys)
    assert code == 1
    assert "unsigned" in error
    assert run("sign", unsigned, "--key", tmp_path / "signer")[0] == 0
    code, out, _ = run("verify", unsigned, "--keys", keys)
    assert code == 0
    assert json.loads(out)["policy"] == "tiny walker"


def test_a_folder_of_members_becomes_a_signed_bundle(run, unsigned, tmp_path):
    folder = tmp_path / "parts"
    folder.mkdir()
    for name, content in unpack(unsigned.read_bytes()).members.items():
        (folder / name).write_bytes(content)
    run("keygen", tmp_path / "signer")
    code, _, _ = run(
        "sign", folder, "--key", tmp_path / "signer", "--out", tmp_path / "out.nxpolicy"
    )
    assert code == 0
    assert unpack((tmp_path / "out.nxpolicy").read_bytes()).signature is not None
    (folder / "card.json").unlink()
    code, _, error = run("sign", folder, "--key", tmp_path / "signer")
    assert code == 2
    assert "card.json" in error


def test_inspect_shows_the_contract_to_people_and_programs(run, unsigned):
    code, out, _ = run("inspect", unsigned)
    assert code == 0
    assert "joint_vel" in out
    assert "signed    no" in out
    code, out, _ = run("inspect", unsigned, "--json")
    assert json.loads(out)["contract.json"]["dt_s"] == make_contract().dt_s


def test_a_refusal_is_one_line_and_one_object_with_exit_code_1(run, tmp_path):
    path = tmp_path / "other.nxpolicy"
    path.write_bytes(signed_bundle())
    code, out, error = run("verify", path)
    assert code == 1
    assert len(error.strip().splitlines()) == 1
    row = json.loads(out)
    assert (row["ok"], row["code"]) == (False, "unknown_key")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("inspect", "no/such.nxpolicy"), "no/such.nxpolicy"),
        (("verify", "no/such.nxpolicy"), "no/such.nxpolicy"),
        (("verify", "no/such.nxpolicy", "--robot", "r2d2"), "r2d2"),
        (("sign", "no/such.nxpolicy", "--key", "no/such.key"), "no/such.key"),
        (("keygen", "no/such/folder/key"), "no/such/folder"),
    ],
    ids=lambda value: " ".join(value)[:30],
)
def test_bad_input_is_named_in_one_line(run, arguments, named, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    code, out, error = run(*arguments)
    assert code == 2
    assert out == ""
    assert len(error.strip().splitlines()) == 1
    assert named in error
