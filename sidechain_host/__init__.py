"""Installs DApps and runs each as a state machine on the engine, inside a V8 sandbox."""
