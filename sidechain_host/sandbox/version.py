"""Which sandbox this is: everything that a contract's result can depend on, by hash.

Two nodes with different digests may compute different results, so a chain names the digest it runs
under and a node that differs says what differs.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Final

from sidechain_host.sandbox.settings import (
    BOOT_SCRIPTS,
    FIXED_FLAGS,
    HERE,
    HOST_MODULES,
    find_engine,
)

_LIBRARY_FILES: Final = ("libmini_racer.so", "icudtl.dat")
_DIGEST_TAG: Final = b"sandbox-version/1\n"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def engine_hashes() -> dict[str, str]:
    """SHA-256 of V8's library and data file, hex, by file name; differs by CPU platform."""
    return {name: _sha256(find_engine() / name) for name in _LIBRARY_FILES}


def script_hashes() -> dict[str, str]:
    """SHA-256 of every trusted script and host module, hex, by its path inside this package."""
    boot = {path for scripts in BOOT_SCRIPTS.values() for path in scripts}
    paths = sorted({*boot, *HOST_MODULES.glob("*.js")})
    return {str(path.relative_to(HERE)): _sha256(path) for path in paths}


def sandbox_version() -> dict[str, object]:
    """Flags, scripts and engine of this installation, and the digest over all of them.

    `digest` covers `flags`, `scripts` and `engine`; the price table is one of the scripts.
    """
    version: dict[str, object] = {
        "flags": list(FIXED_FLAGS),
        "scripts": script_hashes(),
        "engine": engine_hashes(),
    }
    text = json.dumps(version, sort_keys=True, separators=(",", ":")).encode()
    return {**version, "digest": hashlib.sha256(_DIGEST_TAG + text).hexdigest()}
