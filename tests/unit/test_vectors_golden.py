"""The committed golden vectors, run through this implementation."""

import json
from pathlib import Path
from typing import Any

import pytest

from tools.vectors import __main__ as generator
from tools.vectors.operations import OPERATIONS
from tools.vectors.vector import run

FOLDER = Path(__file__).parents[1] / "vectors"
FILES = sorted(path.stem for path in FOLDER.glob("*.json"))


def load(topic: str) -> list[dict[str, Any]]:
    document = json.loads((FOLDER / f"{topic}.json").read_text(encoding="utf-8"))
    assert document["format"] == 1
    return document["vectors"]


@pytest.mark.parametrize("topic", FILES)
def test_every_vector_gives_what_the_file_says(topic):
    for vector in load(topic):
        outcome, error = run(vector["operation"], vector["input"])
        got = (outcome.encoded, outcome.hash, error)
        wanted = (vector["encoded"], vector["hash"], vector["error"])
        assert got == wanted, vector["description"]


@pytest.mark.parametrize("topic", sorted(generator.TOPICS))
def test_the_generator_writes_exactly_the_committed_file(topic):
    assert (FOLDER / f"{topic}.json").read_text(encoding="utf-8") == generator.render(topic)


def test_every_operation_and_every_topic_is_used():
    used = {vector["operation"] for topic in FILES for vector in load(topic)}
    assert used == set(OPERATIONS)
    assert set(FILES) == set(generator.TOPICS)


@pytest.mark.parametrize("topic", FILES)
def test_descriptions_name_one_vector_each(topic):
    names = [(vector["operation"], vector["description"], str(vector["input"]))
             for vector in load(topic)]  # fmt: skip
    assert len(names) == len(set(names))


def test_check_fails_for_a_changed_file(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(generator, "FOLDER", tmp_path)
    monkeypatch.setattr(generator, "TOPICS", {"merkle": generator.TOPICS["merkle"]})
    monkeypatch.setattr("sys.argv", ["vectors", "--check"])
    assert generator.main() == 1
    assert "merkle" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr("sys.argv", ["vectors"])
    assert generator.main() == 0
    monkeypatch.setattr("sys.argv", ["vectors", "--check"])
    assert generator.main() == 0
