"""Every limit of the protocol, named, in one place (docs/spec/01-values.md section 3).

Units are last in the names. A limit that a chain may choose is a chain parameter instead
(`chain_engine.blocks.parameters`); these hold on every chain.
"""

AMOUNT_MAX = 2**63 - 1
"""Largest amount of any asset, in its smallest unit: fits a signed 64-bit integer."""

U64_MAX = 2**64 - 1
"""Largest height, nonce or time that the encoding can carry."""

HASH_BYTES = 32
"""SHA-256 output."""

ACCOUNT_BYTES = 20
"""An account inside hashed bytes: RIPEMD-160 of SHA-256 of its script."""

CHAIN_PREFIX_BYTES = 8
"""Leading bytes of a chain id that travel on the wire."""

SCRIPT_KEYS_MAX = 16
"""Keys in one account script (AntShares white paper 2.1)."""

COSIGNERS_MAX = 15
"""Other accounts that may consent to one transaction."""

KIND_BYTES_MAX = 40
"""Length of a transaction kind such as `account.transfer`."""

TRANSACTION_BYTES_MAX = 64 * 1024
"""Encoded transaction with witnesses."""

PAYLOAD_BYTES_MAX = 56 * 1024
"""Encoded payload of one transaction."""

BLOCK_TRANSACTIONS_MAX = 10_000
"""Transactions in one block."""

BLOCK_BYTES_MAX = 4 * 1024 * 1024
"""Sum of the encoded transactions of one block."""

DELEGATES_MAX = 128
"""Members of one delegate set."""

WEIGHT_MAX = 2**53
"""Weight of one delegate; the total stays exact in every language."""

EXTENSION_BYTES_MAX = 2048
"""Extension carried by a second vote (a consensus plug-in's data)."""

MEMO_BYTES_MAX = 256
"""Memo of a transfer or bridge message."""

MESSAGE_BODY_BYTES_MAX = 4 * 1024
"""Body of a bridge message."""

BRIDGE_BATCH_MAX = 100
"""Messages or acks carried by one relay transaction."""

MERKLE_PATH_MAX = 64
"""Siblings of an RFC 6962 proof: a log of 2^64 leaves needs no more."""

TREE_DEPTH_MAX = 64
"""Nibbles of a hashed state key."""

STATE_KEY_BYTES_MAX = 1024
"""Key of one state entry."""

STATE_VALUE_BYTES_MAX = 128 * 1024
"""Value of one state entry."""
