"""What a devnet's folder holds, before any process is started."""

import socket
from pathlib import Path

import pytest

from acc.devnet import Devnet, DevnetExists, DevnetNotFound, remove_devnet
from acc.devnet_file import load_devnet
from acc.files import FolderInUse
from acc.passwords import open_node_key
from acc.ports import draw_free_ports, find_free_ports, is_port_free
from acc.settings import load_settings
from mainchain.genesis import SUPPLY_UNITS, load_genesis


async def make(home: Path, **options: object) -> Devnet:
    net = Devnet.create(home, **options)
    await net.stop()
    return net


async def test_every_node_knows_its_key_the_genesis_and_all_others(tmp_path: Path):
    net = await make(tmp_path / "net", nodes=4)
    keys = {node.public_key for node in net.nodes}
    delegates = load_genesis(net.home / "genesis.json").delegates
    assert {delegate.key for delegate in delegates} == keys
    for node in net.nodes:
        settings = load_settings(node.home, environment={})
        key = open_node_key(settings.key_file, settings.key_password_file)
        assert key.public.hex() == node.public_key
        assert settings.genesis == net.home / "genesis.json"
        assert {peer.public_key for peer in settings.peers} == keys - {node.public_key}
        assert {peer.url for peer in settings.peers} == set(net.urls) - {node.url}


async def test_named_accounts_are_funded_and_hold_the_whole_supply(tmp_path: Path):
    net = await make(tmp_path, nodes=1)
    balances = {b.address: int(b.amount) for b in load_genesis(tmp_path / "genesis.json").balances}
    assert sum(balances.values()) == SUPPLY_UNITS
    assert {"alice", "bob", "issuer", "custodian", "merchant"} <= net.accounts.keys()
    assert balances[net.accounts["alice"].address] == 1_000_000_000_000


async def test_two_devnets_share_no_key(tmp_path: Path):
    one, two = await make(tmp_path / "1", nodes=1), await make(tmp_path / "2", nodes=1)
    assert one.accounts["alice"].address != two.accounts["alice"].address
    assert one.nodes[0].public_key != two.nodes[0].public_key


async def test_an_opened_devnet_is_the_one_that_was_made(tmp_path: Path):
    made = await make(tmp_path, nodes=2)
    opened = Devnet.open(tmp_path)
    await opened.stop()
    assert opened.file == made.file
    assert {n: a.address for n, a in opened.accounts.items()} == {
        n: a.address for n, a in made.accounts.items()
    }


async def test_a_devnet_whose_port_is_taken_moves_and_all_nodes_know(tmp_path: Path):
    await make(tmp_path, nodes=2)
    taken = load_devnet(tmp_path).nodes[0].url
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(taken.rsplit(":", 1)[1])))
        net = Devnet.open(tmp_path)
    await net.stop()
    assert taken not in net.urls
    first, second = (load_settings(node.home, environment={}) for node in net.nodes)
    assert [peer.url for peer in second.peers] == [net.urls[0]]
    assert net.urls[0].endswith(str(first.listen_port))
    assert load_devnet(tmp_path) == net.file


def test_a_folder_that_is_not_empty_is_not_touched(tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(DevnetExists):
        Devnet.create(tmp_path, nodes=1)
    remove_devnet(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


async def test_a_devnet_is_removed_whole(tmp_path: Path):
    await make(tmp_path / "net", nodes=1)
    remove_devnet(tmp_path / "net")
    assert not (tmp_path / "net").exists()


async def test_a_devnet_belongs_to_one_process_at_a_time(tmp_path: Path):
    net = Devnet.create(tmp_path, nodes=1)
    with pytest.raises(FolderInUse):
        Devnet.open(tmp_path)
    with pytest.raises(FolderInUse):
        remove_devnet(tmp_path)
    await net.stop()
    await Devnet.open(tmp_path).stop()


@pytest.mark.parametrize("content", [None, "{}", "not json"])
def test_a_folder_without_a_devnet_is_said_to_be_none(tmp_path: Path, content: str | None):
    if content is not None:
        (tmp_path / "devnet.json").write_text(content)
    with pytest.raises(DevnetNotFound):
        Devnet.open(tmp_path)


def test_a_taken_port_is_passed_over():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        assert not is_port_free(port)
        assert find_free_ports(1, port)[0] > port


def test_drawn_ports_are_distinct():
    assert len(set(draw_free_ports(20))) == 20
