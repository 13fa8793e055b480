"""What every chain is made of, whatever runs on it.

Knows accounts, balances and the bridge, but no particular coin, no DApp and no V8.
"""
