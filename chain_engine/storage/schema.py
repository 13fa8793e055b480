"""Tables of a chain store (docs/spec/05-state.md section 5).

Tables keyed by height only ever grow at their end. The two indexes with random keys are cut into
segments by the number of receipts before them, so that a block touches few pages however long the
chain is; a look-up asks every segment, newest first.
"""

STORE_FORMAT = 1
"""Version of this schema."""

SEGMENT_RECEIPTS = 131_072
"""Receipts per index segment."""

UNDO_BLOCKS = 128
"""Heights below the tip whose state can still be read and proven."""

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;

CREATE TABLE blocks (
    height INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    header BLOB NOT NULL,
    certificate BLOB NOT NULL,
    transactions INTEGER NOT NULL,
    body_bytes INTEGER NOT NULL,
    receipts_before INTEGER NOT NULL
);
CREATE UNIQUE INDEX blocks_by_id ON blocks (id);

CREATE TABLE bodies (height INTEGER PRIMARY KEY, block BLOB NOT NULL);
CREATE TABLE receipts (height INTEGER PRIMARY KEY, receipts BLOB NOT NULL);
CREATE TABLE delegate_sets (hash BLOB PRIMARY KEY, delegates BLOB NOT NULL) WITHOUT ROWID;

CREATE TABLE state (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE nodes (prefix TEXT PRIMARY KEY, node BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE subtrees (nibble INTEGER PRIMARY KEY, child BLOB NOT NULL);
CREATE TABLE undo (height INTEGER PRIMARY KEY, entries BLOB NOT NULL);

CREATE TABLE transaction_index (
    segment INTEGER, id_prefix INTEGER, place INTEGER,
    PRIMARY KEY (segment, id_prefix, place)
) WITHOUT ROWID;
CREATE TABLE account_index (
    segment INTEGER, account BLOB, place INTEGER,
    PRIMARY KEY (segment, account, place)
) WITHOUT ROWID;

CREATE TABLE event_blocks (
    events_before INTEGER PRIMARY KEY, height INTEGER NOT NULL, events INTEGER NOT NULL
);
CREATE TABLE event_names (
    name TEXT, events_before INTEGER, PRIMARY KEY (name, events_before)
) WITHOUT ROWID;

CREATE TABLE commitments (height INTEGER PRIMARY KEY, commitments BLOB NOT NULL);
CREATE TABLE log_entries (
    peer BLOB, log INTEGER, seq INTEGER, entry BLOB NOT NULL, PRIMARY KEY (peer, log, seq)
) WITHOUT ROWID;
CREATE TABLE log_nodes (
    peer BLOB, log INTEGER, level INTEGER, place INTEGER, hash BLOB NOT NULL,
    PRIMARY KEY (peer, log, level, place)
) WITHOUT ROWID;
"""
