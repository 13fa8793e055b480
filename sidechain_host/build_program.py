"""From a package to a program: checked, compiled with the host's modules, tied to its chain."""

from pathlib import Path
from typing import Final

from sidechain_host.genesis import HOST_MODULES, read_package_genesis, read_package_manifest
from sidechain_host.package import Package
from sidechain_host.program import Program
from sidechain_host.sandbox.compiler import CompiledPackage, compile_package

HOST_PREFIX: Final = "@host/"
"""Where the host's modules lie beside the package's files; no package path can begin so."""


async def compile_contract(package: Package, *, unsafe_dev: bool = False) -> CompiledPackage:
    """Check and instrument a package's modules together with the host's.

    Raises:
        ContractRefused: with every place that is not allowed.
        SandboxError: the compiler process failed.
    """
    files = dict(package.contract_files)
    files |= {HOST_PREFIX + path.name: path.read_text() for path in _host_modules()}
    return await compile_package(files, unsafe_dev=unsafe_dev)


async def build_program(
    package: Package, *, chain_id: bytes, main_chain: bytes, unsafe_dev: bool = False
) -> Program:
    """Build what a sandbox needs to run a package as the chain `chain_id`.

    Raises:
        InvalidManifest, InvalidDAppGenesis, ContractRefused: the package breaks rules.
        SandboxError: the compiler process failed.
    """
    manifest = read_package_manifest(package)
    first = read_package_genesis(package, manifest)
    compiled = await compile_contract(package, unsafe_dev=unsafe_dev)
    return Program(manifest, compiled.factory, first.params, chain_id, main_chain)


def _host_modules() -> list[Path]:
    return sorted(HOST_MODULES.glob("*.js"))
