"""Settings of a node: file, environment, arguments, and every error at once."""

from pathlib import Path

import pytest

from acc.settings import (
    InvalidSettings,
    NodeSettings,
    PeerSettings,
    load_settings,
    save_settings,
)
from chain_engine.crypto.keys import SecretKey

KEY = SecretKey(bytes([7]) * 32).public.hex()


def write(home: Path, text: str) -> Path:
    (home / "node.toml").write_text(text)
    return home


def problems_of(home: Path, environment: dict[str, str] | None = None) -> dict[str, str]:
    with pytest.raises(InvalidSettings) as caught:
        load_settings(home, environment=environment or {})
    problems = caught.value.values["problems"]
    assert isinstance(problems, list)
    return {problem["path"]: problem["problem"] for problem in problems}


def test_what_is_saved_is_loaded_again(tmp_path: Path):
    peer = PeerSettings(url="http://127.0.0.1:8081/", public_key=KEY.upper())
    settings = NodeSettings(
        home=tmp_path, name="node-1", listen_port=9001, peers=(peer,), dapps=("ecc",), relay=False
    )
    save_settings(settings)
    assert load_settings(tmp_path, environment={}) == settings
    assert settings.peers[0] == PeerSettings(url="http://127.0.0.1:8081", public_key=KEY)


def test_relative_paths_lie_in_the_home(tmp_path: Path):
    settings = load_settings(write(tmp_path, 'genesis = "../genesis.json"'), environment={})
    assert settings.genesis == tmp_path / "../genesis.json"
    assert settings.admin_socket == tmp_path / "admin.sock"
    assert settings.key_password_file is None


def test_the_environment_wins_over_the_file_and_arguments_over_both(tmp_path: Path):
    write(tmp_path, 'listen_port = 1\nlog_level = "error"\n[limits]\npage_max = 5\nstreams_max = 6')
    environment = {
        "ACC_LISTEN_PORT": "2",
        "ACC_LOG_LEVEL": "debug",
        "ACC_LIMITS__PAGE_MAX": "50",
        "ACC_DAPPS": '["ecc"]',
        "ACC_RELAY": "false",
        "OTHER": "x",
    }
    settings = load_settings(tmp_path, environment=environment, overrides={"listen_port": 3})
    assert (settings.listen_port, settings.log_level, settings.relay) == (3, "debug", False)
    assert (settings.limits.page_max, settings.limits.streams_max) == (50, 6)
    assert settings.dapps == ("ecc",)


def test_every_error_is_told_at_once_with_its_path(tmp_path: Path):
    write(
        tmp_path,
        """
        listen_port = 99999
        speed = 3
        home = "/elsewhere"
        [[peers]]
        url = "ftp://x"
        public_key = "02"
        [[peers]]
        url = "http://127.0.0.1:1"
        [limits]
        page_max = 0
        page_min = 1
        """,
    )
    environment = {"ACC_PEER": "1", "ACC_CORS_ORIGINS": "[", "ACC_HOME": "/x"}
    assert problems_of(tmp_path, environment).keys() == {
        "home",
        "listen_port",
        "speed",
        "peers[0].url",
        "peers[0].public_key",
        "peers[1].public_key",
        "limits.page_max",
        "limits.page_min",
        "ACC_PEER",
        "ACC_CORS_ORIGINS",
        "ACC_HOME",
    }


@pytest.mark.parametrize(
    ("text", "word"), [("listen_port = = 1", "line 1"), ("\ufffd = 1", "line 1")]
)
def test_a_file_that_is_not_toml_is_one_problem_with_its_place(
    tmp_path: Path, text: str, word: str
):
    problems = problems_of(write(tmp_path, text))
    assert word in problems[str(tmp_path / "node.toml")]


def test_a_missing_file_is_named(tmp_path: Path):
    assert problems_of(tmp_path) == {str(tmp_path / "node.toml"): "there is no such file"}


def test_a_socket_path_too_long_for_the_system_is_refused(tmp_path: Path):
    assert "admin_socket" in problems_of(write(tmp_path, f'admin_socket = "{"x" * 100}"'))["."]


def test_settings_are_frozen(tmp_path: Path):
    settings = NodeSettings(home=tmp_path)
    with pytest.raises(ValueError, match="frozen"):
        settings.listen_port = 1  # type: ignore[misc]


def test_every_setting_says_what_it_means():
    fields = NodeSettings.model_fields.items()
    assert [name for name, info in fields if not info.description] == []
