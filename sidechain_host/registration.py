"""What the main chain says about a DApp, and the DApp made ready to run from it."""

from dataclasses import dataclass
from pathlib import Path

from chain_engine.blocks.block import Header, block_id
from chain_engine.blocks.delegates import DelegateSet
from chain_engine.blocks.parameters import ChainParameters, parameters_hash
from chain_engine.codec.canonical import Struct
from sidechain_host.build_program import build_program
from sidechain_host.executor import SidechainMachine
from sidechain_host.faults import SandboxDiffers
from sidechain_host.genesis import (
    GenesisDiffers,
    MainAnchor,
    SidechainGenesis,
    build_sidechain_genesis,
    host_digest,
    machine_hash,
    read_package_manifest,
)
from sidechain_host.manifest import Manifest
from sidechain_host.package import Package
from sidechain_host.program import Program
from sidechain_host.runner import RunnerSettings


class Registration(Struct, frozen=True):
    """A registered DApp chain, as the main chain's state says."""

    name: str
    """Registered name."""

    chain_id: bytes
    """The sidechain: block id of `genesis`."""

    package_hash: bytes
    """SHA-256 of the package."""

    package_bytes: int
    """Size of the package."""

    parameters: ChainParameters
    """Parameters of the sidechain."""

    delegates: DelegateSet
    """Set that signs its height 1."""

    genesis: Header
    """Its genesis header."""

    main_chain: bytes
    """The main chain."""

    anchor: Header
    """Main-chain header that the genesis state trusts."""

    anchor_delegates: DelegateSet
    """The set that signed that header."""

    main_parameters: ChainParameters
    """The main chain's parameters."""


@dataclass(frozen=True)
class LoadedDApp:
    """A DApp ready to run."""

    registration: Registration
    """What the main chain says."""

    package: Package
    """Its package."""

    manifest: Manifest
    """Its manifest."""

    genesis: SidechainGenesis
    """Its beginning, built here and equal to the registered one."""

    program: Program
    """Its compiled code."""

    machine: SidechainMachine
    """Its state machine; no process runs yet."""

    folder: Path
    """Where the chain keeps its files."""


def verify_registration(registration: Registration, package: Package) -> SidechainGenesis:
    """Check that a package is the registered one and begins as registered.

    Raises:
        SandboxDiffers: the chain runs under another version of the host.
        GenesisDiffers: anything else differs.
        InvalidManifest, InvalidDAppGenesis: the package breaks rules.
    """
    named = registration.parameters.machine_hash
    if named != machine_hash(package.hash):
        raise SandboxDiffers(chain=registration.chain_id, named=named, host=host_digest())
    anchor = MainAnchor(
        registration.main_chain, registration.anchor, registration.anchor_delegates,
        registration.main_parameters,
    )  # fmt: skip
    built = build_sidechain_genesis(
        package, name=registration.name, delegates=registration.delegates, anchor=anchor
    )
    if parameters_hash(built.genesis.parameters) != parameters_hash(registration.parameters):
        raise GenesisDiffers(chain=registration.chain_id, field="parameters")
    if (built.chain_id, built.block.header) != (registration.chain_id, registration.genesis):
        raise GenesisDiffers(chain=registration.chain_id, built=built.chain_id)
    return built


async def load_dapp(
    registration: Registration, package: Package, folder: Path, settings: RunnerSettings
) -> LoadedDApp:
    """Check a registered package and make it ready to run.

    Raises:
        SandboxDiffers, GenesisDiffers, InvalidManifest, InvalidDAppGenesis, ContractRefused: it
            cannot run here.
        SandboxError: the compiler process failed.
    """
    genesis = verify_registration(registration, package)
    assert block_id(registration.genesis) == registration.chain_id, "just compared"
    program = await build_program(
        package, chain_id=registration.chain_id, main_chain=registration.main_chain,
        unsafe_dev=settings.unsafe_dev,
    )  # fmt: skip
    machine = SidechainMachine(program, registration.parameters, settings)
    manifest = read_package_manifest(package)
    return LoadedDApp(registration, package, manifest, genesis, program, machine, folder)
