"""What can go wrong with the disk, each with what to do about it."""

from chain_engine.primitives.errors import ChainError


class StorageFull(ChainError):
    """No room for the next write; nothing of it was kept."""

    code = "STORAGE_FULL"
    title = "The disk is full; nothing was lost and nothing of this write was kept."
    fix = "Free space on the disk that holds `path`, then start the node again."
    status = 507
    retryable = True


class StorageFailed(ChainError):
    """The disk or SQLite refused a read or write."""

    code = "STORAGE_FAILED"
    title = "The disk did not carry out a read or write."
    fix = "Look at the disk's health and permissions for `path`, then start the node again."
    status = 500


class StoreCorrupt(ChainError):
    """Stored bytes are not what was written."""

    code = "STORE_CORRUPT"
    title = "Stored data is damaged."
    fix = "Restore `path` from a copy, or remove the chain's folder and sync again from peers."
    status = 500


class StoreLocked(ChainError):
    """Another process writes this store."""

    code = "STORE_LOCKED"
    title = "Another process already has this store open for writing."
    fix = "Stop the other node (its process id is given), or open the store read-only."
    status = 409


class WrongStoreFormat(ChainError):
    """The file was written by another version or is not a chain store."""

    code = "WRONG_STORE_FORMAT"
    title = "The file is not a chain store of this version."
    fix = "Use the version that wrote it, or name another data folder and sync again."
    status = 409


class StoreEmpty(ChainError):
    """The store has no genesis block yet."""

    code = "STORE_EMPTY"
    title = "The store holds no chain yet."
    fix = "Initialize it with the chain's genesis first."
    status = 409


class SignStateRegression(ChainError):
    """Signing would step back behind what was signed before."""

    code = "SIGN_STATE_REGRESSION"
    title = "This key has already signed a later step."
    fix = "Nothing to do while a node catches up. Never run one key on two nodes: that is punished."
    status = 409


class ConflictingSignature(ChainError):
    """The same step was signed before with other bytes."""

    code = "CONFLICTING_SIGNATURE"
    title = "This key has already signed other bytes for the same step."
    fix = "Never run one key on two nodes, and never restore an old sign-state file."
    status = 409
