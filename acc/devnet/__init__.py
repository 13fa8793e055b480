"""A whole network on one machine, for development, the tour and the tests."""

from acc.devnet.layout import DevnetAccount
from acc.devnet.network import Devnet, DevnetExists, remove_devnet
from acc.devnet.process import NodeDied, NodeNotReady, NodeProcess
from acc.devnet_file import DevnetNotFound

__all__ = [
    "Devnet",
    "DevnetAccount",
    "DevnetExists",
    "DevnetNotFound",
    "NodeDied",
    "NodeNotReady",
    "NodeProcess",
    "remove_devnet",
]
