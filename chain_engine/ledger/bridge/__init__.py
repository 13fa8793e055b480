"""The bridge: one module per transition (docs/spec/07-bridge.md)."""
