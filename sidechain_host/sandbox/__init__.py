"""Runs the JavaScript of untrusted DApps in separate, hardened V8 processes."""
