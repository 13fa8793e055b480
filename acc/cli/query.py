"""`acc query`: read a chain."""

import json
from typing import Annotated, Any

import typer

from acc.amounts import format_amount
from acc.cli.access import Access
from acc.cli.group import READS, Group
from acc.cli.options import ChainOption
from acc.cli.output import Output, fields, table
from chain_engine.http.client import ChainClient

group = Group("Read blocks, accounts, transactions, events and DApps.")

SHORT = 16
"""Digits of an id in a table."""


@group.command(access=READS)
async def status(
    output: Output,
    access: Access,
    chain: ChainOption = None,
) -> None:
    r"""Show where a chain stands.

    \b
    Examples:
      acc query status
      acc query status --chain ecc --json
    """
    async with ChainClient(access.url, chain=chain) as client:
        answer = await client.status()
    shown = {k: v for k, v in answer.items() if k not in ("node", "fees")}
    prices = ", ".join(f"{name} {value}" for name, value in answer["fees"].items())
    output.result(answer, fields(shown | {"fees": prices}))


@group.command(access=READS)
async def chains(output: Output, access: Access) -> None:
    r"""List the chains that a node serves.

    \b
    Examples:
      acc query chains --json
    """
    async with ChainClient(access.url) as client:
        found = await client.chains()
    rows = [(c["name"], c["height"], c["chain_id"]) for c in found]
    output.result({"data": found}, table(["name", "height", "id"], rows))


@group.command(access=READS)
async def account(
    output: Output,
    access: Access,
    who: Annotated[str, typer.Argument(metavar="ADDRESS|KEY", help="Address, or name of a key.")],
    chain: ChainOption = None,
) -> None:
    r"""Show an account's balances and nonce.

    \b
    Examples:
      acc query account alice
      acc query account alice --chain ecc --json
    """
    address = access.address_of(who)
    async with ChainClient(access.url, chain=chain) as client:
        found = await client.account(address)
    units = {asset: str(amount) for asset, amount in found.balances.items()}
    data = {"address": address, "nonce": found.nonce, "balances": units, "details": found.details}
    shown = {asset: format_amount(amount, asset) for asset, amount in found.balances.items()}
    output.result(data, fields({"address": address, "nonce": found.nonce} | shown))


@group.command(access=READS)
async def tx(
    output: Output,
    access: Access,
    transaction_id: Annotated[str, typer.Argument(metavar="ID", help="64 hex digits.")],
    chain: ChainOption = None,
) -> None:
    r"""Show a committed transaction and its receipt.

    \b
    Examples:
      acc query tx 5f0c...
    """
    identity = _parse_id(transaction_id)
    async with ChainClient(access.url, chain=chain) as client:
        answer = await client.transaction(identity)
    shown = {k: answer[k] for k in ("id", "height", "index", "kind", "sender", "nonce", "fee")}
    receipt = answer["receipt"] or {}
    events = [f"{event['name']} {json.dumps(event['data'])}" for event in receipt.get("events", [])]
    result = receipt.get("code") or "done"
    output.result(answer, fields(shown | {"result": result, "events": "\n".join(events)}))


@group.command(access=READS)
async def block(
    output: Output,
    access: Access,
    which: Annotated[str, typer.Argument(metavar="HEIGHT|ID", help="Or `latest`.")] = "latest",
    chain: ChainOption = None,
) -> None:
    r"""Show one block.

    \b
    Examples:
      acc query block
      acc query block 12 --chain ecc --json
    """
    async with ChainClient(access.url, chain=chain) as client:
        answer = await client.block(which)
    counts = {k: answer[k] for k in ("transaction_count", "transaction_bytes")}
    output.result(answer, fields(answer["header"] | counts))


@group.command(access=READS)
async def blocks(
    output: Output,
    access: Access,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many.")] = 20,
    chain: ChainOption = None,
) -> None:
    r"""List the newest blocks.

    \b
    Examples:
      acc query blocks --limit 5
    """
    async with ChainClient(access.url, chain=chain) as client:
        answer = await client.blocks(limit=limit)
    rows = [
        (h["height"], h["time"], h["forger"][2 : 2 + SHORT], entry["transaction_count"], h["id"])
        for entry in answer["data"]
        for h in [entry["header"]]
    ]
    output.result(answer, table(["height", "time", "forger", "transactions", "id"], rows))


@group.command(access=READS)
async def events(
    output: Output,
    access: Access,
    after: Annotated[int, typer.Option(min=0, help="Only events behind this cursor.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 100,
    name: Annotated[str | None, typer.Option(help="Only events of this name.")] = None,
    chain: ChainOption = None,
) -> None:
    r"""List events in the order of the chain's log.

    \b
    Examples:
      acc query events --name Transferred
      acc query events --chain ecc --after 40 --json
    """
    async with ChainClient(access.url, chain=chain) as client:
        page = await client.events(after=after, limit=limit, name=name)
    data = {"data": page.data, "has_more": page.has_more, "next_cursor": page.next_cursor}
    rows = [(e["cursor"], e["height"], e["name"], json.dumps(e["data"])) for e in page.data]
    output.result(data, table(["cursor", "height", "name", "data"], rows))


@group.command(access=READS)
async def dapp(
    output: Output,
    access: Access,
    chain: Annotated[str, typer.Argument(metavar="NAME|ID", help="The DApp's chain.")],
    query: Annotated[
        str | None, typer.Argument(help="A query; without one, all are listed.")
    ] = None,
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="The query's arguments.")
    ] = None,
) -> None:
    r"""Describe a DApp, or run one of its queries.

    \b
    Examples:
      acc query dapp ecc
      acc query dapp ecc escrows order=desc limit=5
    """
    async with ChainClient(access.url, chain=chain) as client:
        if query is None:
            answer: Any = await client.describe_dapp()
        else:
            answer = {"data": await client.query(query, **_parse_pairs(arguments or []))}
    output.result(answer, json.dumps(answer, indent=2, ensure_ascii=False))


def _parse_pairs(words: list[str]) -> dict[str, str]:
    pairs = {}
    for word in words:
        name, separator, value = word.partition("=")
        if not separator or not name:
            message = f"{word!r} is not NAME=VALUE"
            raise typer.BadParameter(message)
        pairs[name] = value
    return pairs


def _parse_id(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        message = f"{text!r} is not an id of 64 hex digits"
        raise typer.BadParameter(message) from None
