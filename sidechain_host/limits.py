"""Limits of packages, manifests and contract runs (docs/spec/12-packages.md, 13-contracts.md).

Every limit that decides whether something is valid is the same on all nodes: changing one is a new
engine version. Units are last in the names.
"""

PACKAGE_BYTES_MAX = 8 * 1024 * 1024
"""Archive of one package."""

PACKAGE_FILES_MAX = 512
"""Files in one package."""

PACKAGE_FILE_BYTES_MAX = 2 * 1024 * 1024
"""One file."""

CONTRACT_BYTES_MAX = 1024 * 1024
"""All `contract/**.js` files together."""

PATH_BYTES_MAX = 160
"""A path inside the package."""

PATH_DEPTH_MAX = 8
"""Segments of a path."""

MANIFEST_BYTES_MAX = 256 * 1024
"""`dapp.json`."""

GENESIS_BYTES_MAX = 1024 * 1024
"""`genesis.json`."""

TABLES_MAX = 128
"""Tables of one DApp."""

FIELDS_MAX = 48
"""Fields of one table or object."""

INDEXES_MAX = 8
"""Indexes of one table."""

KEY_FIELDS_MAX = 4
"""Fields of a primary key or index."""

METHODS_MAX = 512
"""Methods of one DApp, and as many queries."""

TYPE_DEPTH_MAX = 6
"""Nesting of lists and objects in one schema."""

LIST_ITEMS_MAX = 1000
"""Items of one list."""

TEXT_BYTES_MAX = 4096
"""A text field, UTF-8; a manifest may only lower it."""

KEY_TEXT_BYTES_MAX = 128
"""A text field in a primary key or index, UTF-8."""

TEXT_BYTES_DEFAULT = 256
"""A text field that names no limit."""

INTEGER_MAX = 2**53 - 1
"""An `int` or `id`: exact in a JavaScript number."""

ARGUMENTS_BYTES_MAX = 32 * 1024
"""JSON text of the arguments of one call."""

ROW_BYTES_MAX = 16 * 1024
"""One row as it is stored."""

CALL_ROWS_MAX = 512
"""Rows that one transaction may write."""

CALL_EVENTS_MAX = 64
"""Events of one transaction."""

EVENT_BYTES_MAX = 8 * 1024
"""JSON data of one event."""

CALL_EVENT_BYTES_MAX = 64 * 1024
"""JSON data of all events of one transaction."""

CALL_MESSAGES_MAX = 16
"""Bridge messages that one transaction may send."""

BLOCK_ROWS_MAX = 40_000
"""Rows that the contract calls of one block may write."""

BLOCK_ROW_BYTES_MAX = 16 * 1024 * 1024
"""Bytes of rows that the contract calls of one block may write."""

BLOCK_EVENT_BYTES_MAX = 4 * 1024 * 1024
"""Bytes of events of one block."""

BLOCK_MESSAGES_MAX = 1000
"""Bridge messages that the contract calls of one block may send."""

CALL_READS_MAX = 4096
"""Rows and ranges that one transaction may ask for."""

FIND_LIMIT_MAX = 500
"""Rows that one `find` returns."""

GAS_MAX = 2**30 - 1
"""Gas of one run: the meter is a small integer in V8."""

TRANSACTION_GAS_MAX = 20_000_000
"""Largest gas limit a chain may allow one call: what so much gas allocates fits V8's heap."""

QUERY_GAS = 20_000_000
"""Gas of one query."""

QUERY_RESULT_BYTES_MAX = 1024 * 1024
"""JSON text that one query answers."""

CODE_BYTES_MAX = 32
"""A contract's refusal code."""
