"""Installs DApps and runs each as a sidechain inside a V8 sandbox."""
