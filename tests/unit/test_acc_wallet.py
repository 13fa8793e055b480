"""`acc wallet` as a user meets it: output, errors and exit codes."""

import json
from pathlib import Path

import pytest

from acc.cli.main import main


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    out, err = capsys.readouterr()
    code = ended.value.code
    return (code if isinstance(code, int) else 0), out, err


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text("a good password\nignored\n")
    return path


def test_a_new_key_is_listed_and_shown(tmp_path: Path, password: Path, capsys):
    wallet = ("--wallet", tmp_path / "keys", "--json")
    code, out, _ = run(capsys, "wallet", "new", "shop", "--password-file", password, *wallet)
    made = json.loads(out)
    assert code == 0
    assert made["address"].startswith("A")
    _, out, _ = run(capsys, "wallet", "list", *wallet)
    assert [key["address"] for key in json.loads(out)["keys"]] == [made["address"]]
    _, out, _ = run(capsys, "wallet", "show", "shop", *wallet)
    assert json.loads(out) == made


def test_a_second_key_of_one_name_is_refused(tmp_path: Path, password: Path, capsys):
    words = ("wallet", "new", "shop", "--password-file", password, "--wallet", tmp_path / "keys")
    assert run(capsys, *words)[0] == 0
    code, out, err = run(capsys, *words)
    assert (code, out) == (3, "")
    assert err.startswith("KEYSTORE_EXISTS: ")
    assert "fix: " in err


def test_an_error_is_one_json_object_when_asked_for(tmp_path: Path, capsys):
    code, out, err = run(capsys, "wallet", "show", "none", "--wallet", tmp_path, "--json")
    error = json.loads(out)
    assert (code, err) == (3, "")
    assert (error["ok"], error["code"]) == (False, "KEYSTORE_NOT_FOUND")
    assert error["fix"]


def test_the_password_may_come_from_a_named_variable(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setenv("SHOP_PASSWORD", "a good password")
    words = ("wallet", "new", "shop", "--wallet", tmp_path, "--password-env")
    assert run(capsys, *words, "SHOP_PASSWORD")[0] == 0
    code, _, err = run(capsys, *words[:2], "other", *words[3:], "NOT_SET")
    assert code == 3
    assert err.startswith("PASSWORD_MISSING")


def test_without_a_terminal_a_password_is_never_asked_for(tmp_path: Path, capsys):
    code, _, err = run(capsys, "wallet", "new", "shop", "--wallet", tmp_path)
    assert code == 3
    assert err.startswith("PASSWORD_MISSING")


def test_a_short_password_is_refused(tmp_path: Path, password: Path, capsys):
    password.write_text("1234567\n")
    code, _, err = run(
        capsys, "wallet", "new", "shop", "--wallet", tmp_path, "--password-file", password
    )
    assert code == 3
    assert err.startswith("PASSWORD_TOO_SHORT")


def test_no_option_takes_a_password(capsys):
    for command in ("new", "list", "show"):
        _, out, _ = run(capsys, "wallet", command, "--help")
        assert "--password " not in out


@pytest.mark.parametrize("words", [["wat"], ["wallet", "wat"], ["wallet", "new"], ["--wat"]])
def test_a_wrong_command_line_ends_with_2(words: list[str], capsys):
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert "Usage" in err


def test_help_shows_examples_line_by_line_and_the_exit_codes(capsys):
    _, out, _ = run(capsys, "wallet", "new", "--help")
    assert "Examples:\n    acc wallet new savings\n" in out
    _, out, _ = run(capsys, "--help")
    assert "Exit codes: 0 done" in out
