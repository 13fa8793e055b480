"""Golden vectors: the bytes and hashes that every implementation must reproduce.

`python -m tools.vectors` writes tests/vectors/*.json, `--check` compares instead. Both pytest and
the JavaScript SDK's vitest read the files.
"""
