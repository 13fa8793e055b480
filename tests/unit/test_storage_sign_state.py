"""A key signs a step with one meaning only, whatever happens in between."""

import errno
import os
from pathlib import Path

import pytest

from chain_engine.crypto.keys import SecretKey
from chain_engine.storage.errors import (
    ConflictingSignature,
    SignStateRegression,
    StorageFull,
    StoreCorrupt,
)
from chain_engine.storage.sign_state import SignState, SignStep

KEY = SecretKey(bytes(31) + b"\7")
ONE, TWO = b"1" * 32, b"2" * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sign-state"


def never(_: bytes) -> bytes:
    raise AssertionError("nothing may be signed")


def test_a_new_sign_state_knows_nothing_and_says_so(path):
    state = SignState.open(path)
    assert (state.is_new, state.last_step) == (True, None)
    state.sign(1, 0, 1, ONE, KEY.sign)
    again = SignState.open(path)
    assert (again.is_new, again.last_step) == (False, SignStep(1, 0, 1))


def test_the_same_step_gives_the_stored_signature_for_the_same_bytes_only(path):
    first = SignState.open(path).sign(5, 2, 2, ONE, KEY.sign)
    again = SignState.open(path)
    assert again.sign(5, 2, 2, ONE, never) == first
    with pytest.raises(ConflictingSignature):
        again.sign(5, 2, 2, TWO, never)


@pytest.mark.parametrize("earlier", [(4, 9, 3), (5, 1, 3), (5, 2, 1)])
def test_no_earlier_step_is_signed_again(path, earlier):
    state = SignState.open(path)
    state.sign(5, 2, 2, ONE, KEY.sign)
    for opened in (state, SignState.open(path)):
        with pytest.raises(SignStateRegression):
            opened.sign(*earlier, ONE, never)


@pytest.mark.parametrize("later", [(6, 0, 1), (5, 3, 1), (5, 2, 3)])
def test_later_steps_are_signed(path, later):
    state = SignState.open(path)
    state.sign(5, 2, 2, ONE, KEY.sign)
    assert state.sign(*later, TWO, KEY.sign) == KEY.sign(TWO)
    assert SignState.open(path).last_step == SignStep(*later)


def test_the_step_is_on_the_disk_before_the_signature_is_given_out(path, monkeypatch):
    state = SignState.open(path)
    order = []
    real_fsync, real_replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda file: (order.append("sync"), real_fsync(file))[1])
    monkeypatch.setattr(
        Path, "replace", lambda old, new: (order.append("rename"), real_replace(old, new))[1]
    )
    state.sign(1, 0, 1, ONE, KEY.sign)
    assert order == ["sync", "rename", "sync"], "the file, its name, the directory"


def test_a_full_disk_gives_no_signature_and_keeps_the_last_step(path, monkeypatch):
    state = SignState.open(path)
    state.sign(1, 0, 1, ONE, KEY.sign)

    def full(*_):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StorageFull):
        state.sign(1, 0, 2, ONE, KEY.sign)
    monkeypatch.undo()
    for opened in (state, SignState.open(path)):
        assert opened.last_step == SignStep(1, 0, 1)
    state.sign(1, 0, 2, TWO, KEY.sign)


def test_every_one_bit_change_of_the_file_is_refused(path):
    SignState.open(path).sign(1, 0, 1, ONE, KEY.sign)
    data = path.read_bytes()
    for bit in range(8 * len(data)):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        with pytest.raises(StoreCorrupt):
            SignState.open(path)


@pytest.mark.parametrize("length", [0, 3, 20])
def test_a_cut_file_is_refused(path, length):
    SignState.open(path).sign(1, 0, 1, ONE, KEY.sign)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(StoreCorrupt):
        SignState.open(path)
