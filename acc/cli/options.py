"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

WalletOption = Annotated[
    Path | None,
    typer.Option("--wallet", metavar="DIR", help="Folder of keystores [default: ~/.acc/wallet]."),
]

PasswordFileOption = Annotated[
    Path | None,
    typer.Option("--password-file", metavar="FILE", help="File whose first line is the password."),
]

PasswordEnvOption = Annotated[
    str | None,
    typer.Option(
        "--password-env", metavar="NAME", help="Environment variable that holds the password."
    ),
]

NodeOption = Annotated[
    str | None,
    typer.Option("--node", metavar="URL", help="A node's address [default: the devnet's first]."),
]

DevnetOption = Annotated[
    Path | None,
    typer.Option(
        "--devnet", metavar="DIR", help="Use this devnet's node and keys [default: ./devnet]."
    ),
]

ChainOption = Annotated[
    str | None,
    typer.Option("--chain", metavar="NAME|ID", help="A DApp's chain [default: the main chain]."),
]
