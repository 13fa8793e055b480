"""`devnet.json`: what a devnet's folder holds, for every command that uses it."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from chain_engine.primitives.errors import ChainError

DEVNET_FILE = "devnet.json"
GENESIS_FILE = "genesis.json"
PASSWORD_FILE = "password"  # noqa: S105 - the name of a file
WALLET_FOLDER = "wallet"


class DevnetNotFound(ChainError):
    """The folder holds no usable devnet."""

    code = "DEVNET_NOT_FOUND"
    title = "There is no usable devnet in this folder."
    fix = "Make one with `acc devnet --home FOLDER`, or name the right folder."
    status = 404


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class NodeEntry(_Model):
    """One node of a devnet."""

    name: str
    """Its delegate's name: `node-1`, ..."""

    home: str
    """Its home, inside the devnet's folder."""

    url: str
    """Where it listens."""

    public_key: str
    """Key it votes and proves itself with, hex."""


class AccountEntry(_Model):
    """One funded account."""

    name: str
    """Name of its keystore in `wallet/`."""

    address: str
    """Its address."""

    amount: str
    """Units of ACC it began with."""


class DevnetFile(_Model):
    """devnet.json."""

    version: Literal[1] = 1
    """Format."""

    genesis: str = GENESIS_FILE
    """The genesis file, inside the folder."""

    wallet: str = WALLET_FOLDER
    """Folder of the accounts' keystores."""

    password_file: str = PASSWORD_FILE
    """File with the password of every key here."""

    nodes: list[NodeEntry]
    """The nodes, first the one that serves the status page."""

    accounts: list[AccountEntry]
    """The funded accounts."""


def load_devnet(home: Path) -> DevnetFile:
    """Read `devnet.json`.

    Raises:
        DevnetNotFound: it is not there or not one; `reason` says which.
    """
    try:
        return DevnetFile.model_validate_json((home / DEVNET_FILE).read_bytes())
    except OSError as error:
        raise DevnetNotFound(home=str(home), reason=error.strerror) from None
    except ValidationError as error:
        raise DevnetNotFound(home=str(home), reason=str(error)) from None
