"""The transport between nodes (docs/spec/09-transport.md)."""
