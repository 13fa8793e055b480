"""Where a key's password comes from: a file, a named environment variable, or the terminal.

Never the command line, which every process of the machine can read.
"""

import getpass
import os
import sys
from pathlib import Path

from acc.keystore import (
    PasswordMissing,
    decrypt_key,
    load_keystore,
    read_password_file,
)
from chain_engine.crypto.keys import SecretKey
from chain_engine.primitives.errors import ChainError

PASSWORD_CHARACTERS_MIN = 8
"""Shortest password for a new key."""


class PasswordTooShort(ChainError):
    """A new password is too easy to guess."""

    code = "PASSWORD_TOO_SHORT"
    title = "The password is too short."
    fix = f"Use at least {PASSWORD_CHARACTERS_MIN} characters; several words are best."


class PasswordsDiffer(ChainError):
    """The password and its repetition differ."""

    code = "PASSWORDS_DIFFER"
    title = "The two passwords are not the same."
    fix = "Run it again and type the same password twice."


def get_password(name: str, *, file: Path | None = None, variable: str | None = None) -> str:
    """Learn the password of the key called `name`; asked for at the terminal as a last resort.

    Raises:
        PasswordMissing: no file, no variable and no terminal.
    """
    if file is not None:
        return read_password_file(file)
    if variable is not None:
        if variable not in os.environ:
            raise PasswordMissing(variable=variable)
        return os.environ[variable]
    if not sys.stdin.isatty():
        raise PasswordMissing(key=name)
    return getpass.getpass(f"Password of {name}: ")


def get_new_password(name: str, *, file: Path | None = None, variable: str | None = None) -> str:
    """Learn a new key's password; typed twice at the terminal.

    Raises:
        PasswordMissing: no file, no variable and no terminal.
        PasswordTooShort: fewer than 8 characters.
        PasswordsDiffer: the repetition differs.
    """
    password = get_password(name, file=file, variable=variable)
    if len(password) < PASSWORD_CHARACTERS_MIN:
        raise PasswordTooShort(characters=len(password), needed=PASSWORD_CHARACTERS_MIN)
    if file is None and variable is None and getpass.getpass("Once more: ") != password:
        raise PasswordsDiffer(key=name)
    return password


def open_node_key(key_file: Path, password_file: Path | None) -> SecretKey:
    """Open the key a node votes with.

    Raises:
        KeystoreNotFound: no such file.
        KeystoreDamaged: it was altered.
        WrongPassword: the password is another.
        PasswordMissing: no password file and no terminal.
    """
    keystore = load_keystore(key_file)
    return decrypt_key(keystore, get_password(keystore.name, file=password_file))
