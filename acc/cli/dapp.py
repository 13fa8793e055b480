"""`acc dapp`: packages, and the DApps that a node runs."""

from pathlib import Path
from typing import Annotated, Any

import typer

from acc.admin_client import AdminClient
from acc.cli.access import DEFAULT_DEVNET, Access
from acc.cli.group import READS, Group
from acc.cli.output import Output, fields, table
from acc.deploy import deploy_dapp
from acc.devnet import Devnet
from acc.devnet_file import DevnetNotFound
from acc.files import replace_file
from acc.settings import load_settings
from chain_engine.http.client import ChainClient
from sidechain_host.genesis import read_package_manifest
from sidechain_host.package import pack_directory

group = Group("Pack DApps, and install, start and stop them on a node.")

FolderArgument = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="Folder with dapp.json.", file_okay=False)
]
ChainArgument = Annotated[str, typer.Argument(metavar="NAME|ID", help="A registered chain.")]
HomeOption = Annotated[
    Path | None,
    typer.Option("--home", metavar="DIR", help="The node's home [default: the devnet's first]."),
]


@group.command()
def pack(
    output: Output,
    folder: FolderArgument,
    to: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write it.")
    ] = None,
) -> None:
    r"""Check a DApp and write it as one archive; equal folders give equal bytes.

    \b
    Examples:
      acc dapp pack dapps/ecc -o ecc.dapp
    """
    package = pack_directory(folder)
    manifest = read_package_manifest(package)
    path = to or Path(f"{manifest.name}-{manifest.version}.dapp")
    replace_file(path, package.raw)
    data = {
        "name": manifest.name,
        "version": manifest.version,
        "sha256": package.hash.hex(),
        "bytes": len(package.raw),
        "files": sorted(package.files),
        "output": str(path),
    }
    output.result(data, fields(data | {"files": len(package.files)}))


@group.command(access=READS)
async def deploy(
    output: Output,
    access: Access,
    folder: FolderArgument,
    owner: Annotated[str, typer.Option("--from", metavar="KEY", help="Who registers it.")],
) -> None:
    r"""Register a DApp as a chain of the devnet, whose delegates run it.

    Nodes install it when it is among their `dapps`; else: acc dapp install.

    \b
    Examples:
      acc dapp deploy dapps/ecc --from issuer
    """
    if access.home is None:
        raise DevnetNotFound(home=str(DEFAULT_DEVNET))
    net = Devnet.attach(access.home)
    async with ChainClient(access.url) as client:
        deployed = await deploy_dapp(net, client, folder, net.accounts[owner])
    data = {
        "chain_id": deployed.chain_id.hex(),
        "package": deployed.package_hash.hex(),
        "height": deployed.height,
        "id": deployed.transaction_id.hex(),
    }
    output.result(data, fields(data))


@group.command("list", access=READS)
async def list_(output: Output, access: Access, home: HomeOption = None) -> None:
    r"""List the DApps installed on a node.

    \b
    Examples:
      acc dapp list
      acc dapp list --home /var/lib/acc --json
    """
    found = await _admin(access, home).dapps()
    columns = ("name", "state", "restarts", "chain_id", "error")
    rows = [[entry[column] for column in columns] for entry in found]
    output.result({"data": found}, table(columns, rows))


@group.command(access=READS)
async def install(
    output: Output, access: Access, chain: ChainArgument, home: HomeOption = None
) -> None:
    r"""Install a registered chain: fetch its package from peers, check it, start it.

    \b
    Examples:
      acc dapp install ecc
    """
    _tell(output, await _admin(access, home).install(chain))


@group.command(access=READS)
async def start(
    output: Output, access: Access, chain: ChainArgument, home: HomeOption = None
) -> None:
    r"""Start a stopped DApp.

    \b
    Examples:
      acc dapp start ecc
    """
    _tell(output, await _admin(access, home).start(chain))


@group.command(access=READS)
async def stop(
    output: Output, access: Access, chain: ChainArgument, home: HomeOption = None
) -> None:
    r"""Stop a DApp on this node; its state stays.

    \b
    Examples:
      acc dapp stop ecc
    """
    _tell(output, await _admin(access, home).stop(chain))


@group.command(access=READS)
async def remove(
    output: Output, access: Access, chain: ChainArgument, home: HomeOption = None
) -> None:
    r"""Stop and forget a DApp on this node; its files stay.

    \b
    Examples:
      acc dapp remove ecc
    """
    data = await _admin(access, home).remove(chain)
    output.result(data, f"{chain} is removed from this node.")


def _admin(access: Access, home: Path | None) -> AdminClient:
    """The admin socket of the node that is meant.

    Raises:
        DevnetNotFound: no node is named and there is no devnet.
        InvalidSettings: the node's settings cannot be read.
    """
    if home is None:
        if access.home is None or access.devnet is None:
            raise DevnetNotFound(home=str(DEFAULT_DEVNET))
        home = access.home / access.devnet.nodes[0].home
    return AdminClient(load_settings(home).admin_socket)


def _tell(output: Output, status: dict[str, Any]) -> None:
    output.result(status, fields(status))
