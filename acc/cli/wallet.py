"""`acc wallet`: keys on this machine."""

from typing import Annotated, Any

import typer

from acc.cli.access import resolve_access
from acc.cli.group import Group
from acc.cli.options import DevnetOption, PasswordEnvOption, PasswordFileOption, WalletOption
from acc.cli.output import Output, fields, table
from acc.keystore import (
    Keystore,
    KeystoreExists,
    create_keystore,
    keystore_path,
    list_keystores,
    load_keystore,
)
from acc.passwords import get_new_password

group = Group("Make, list and show encrypted keys.")

NameArgument = Annotated[str, typer.Argument(help="Name of the key: a-z, 0-9, - and _.")]


@group.command()
def new(
    output: Output,
    name: NameArgument,
    wallet: WalletOption = None,
    password_file: PasswordFileOption = None,
    password_env: PasswordEnvOption = None,
) -> None:
    r"""Make a key and write it, encrypted, to a new file.

    \b
    Examples:
      acc wallet new savings
      acc wallet new shop --wallet ./keys --password-file ./shop.password --json
    """
    folder = resolve_access(wallet=wallet, devnet=None, own_keys=True).wallet
    path = keystore_path(folder, name)
    if path.exists():
        raise KeystoreExists(name=name, file=str(path))
    password = get_new_password(name, file=password_file, variable=password_env)
    keystore = create_keystore(folder, name, password)
    text = f"{keystore.address}\nThe key is in {path}. Keep a copy of it and of its password."
    output.result(_describe(keystore) | {"file": str(path)}, text)


@group.command("list")
def list_(output: Output, wallet: WalletOption = None, devnet: DevnetOption = None) -> None:
    r"""List the keys of a wallet; no password is needed.

    \b
    Examples:
      acc wallet list
      acc wallet list --devnet ./devnet --json
    """
    keys = list_keystores(resolve_access(wallet=wallet, devnet=devnet).wallet)
    rows = table(["name", "address", "purpose"], [(k.name, k.address, k.purpose) for k in keys])
    text = rows if keys else "No keys yet: acc wallet new NAME"
    output.result({"keys": [_describe(key) for key in keys]}, text)


@group.command()
def show(
    output: Output,
    name: NameArgument,
    wallet: WalletOption = None,
    devnet: DevnetOption = None,
) -> None:
    r"""Show a key's address and public key; the secret is never shown.

    \b
    Examples:
      acc wallet show savings
      acc wallet show alice --devnet ./devnet --json
    """
    path = keystore_path(resolve_access(wallet=wallet, devnet=devnet).wallet, name)
    data = _describe(load_keystore(path)) | {"file": str(path)}
    output.result(data, fields(data))


def _describe(keystore: Keystore) -> dict[str, Any]:
    return keystore.model_dump(include={"name", "address", "public_key", "purpose"})
