"""What runs inside a sandbox process; the only code that loads V8.

These modules import nothing outside the standard library and this package's `frames`, so that a
process is up in a few hundredths of a second.
"""
