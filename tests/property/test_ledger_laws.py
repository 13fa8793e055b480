"""Laws of the ledger: logs, undoing, asset names, conserved supply."""

from hypothesis import given, settings
from hypothesis import strategies as st
from support.bridge_chains import ALICE, BOB, CAROL, account_of, build_main
from support.dishonest_peer import MAIN, SIDE, main_ledger

from chain_engine.blocks.bridge import AssetId
from chain_engine.codec.canonical import encode
from chain_engine.crypto.merkle import merkle_root
from chain_engine.ledger.assets import asset_id, asset_text
from chain_engine.ledger.audit import audit
from chain_engine.ledger.balances import burn, lock, mint, move, unlock
from chain_engine.ledger.errors import BadAsset
from chain_engine.ledger.frontier import append_leaf, frontier_root
from chain_engine.ledger.kinds.account_transfer import TransferPayload
from chain_engine.ledger.ledger import Ledger
from chain_engine.ledger.records import Frontier
from chain_engine.primitives.errors import ChainError
from chain_engine.state.view import DictView

PEOPLE = (ALICE, BOB, CAROL)
ACCOUNTS = [account_of(key) for key in PEOPLE]


@given(st.lists(st.binary(max_size=40), max_size=70))
def test_a_frontier_has_the_root_of_the_whole_log_at_every_size(leaves):
    frontier = Frontier()
    for size in range(len(leaves) + 1):
        assert frontier.size == size
        assert len(frontier.peaks) == size.bit_count()
        assert frontier_root(frontier) == merkle_root(leaves[:size])
        if size < len(leaves):
            frontier = append_leaf(frontier, leaves[size])


@given(
    home=st.sampled_from([MAIN, SIDE, b"\xcc" * 32, b"\0" * 32]),
    symbol=st.text("AC0._", min_size=1, max_size=5),
    chain=st.sampled_from([MAIN, SIDE]),
)
def test_an_asset_has_one_text_on_each_chain(home, symbol, chain):
    asset = AssetId(home=home, symbol=symbol)
    try:
        text = asset_text(asset, chain, MAIN)
    except BadAsset:
        assert (home, symbol) == (SIDE, "ACC")
        assert chain == SIDE
        return
    assert asset_id(text, chain, MAIN) == asset


@given(text=st.text("ACab01:._ \n", max_size=8) | st.text(max_size=70), chain=st.sampled_from(
    [MAIN, SIDE]))  # fmt: skip
def test_a_text_names_an_asset_in_its_one_spelling_or_not_at_all(text, chain):
    try:
        asset = asset_id(text, chain, MAIN)
    except BadAsset:
        return
    assert asset_text(asset, chain, MAIN) == text


operations = st.lists(
    st.tuples(
        st.sampled_from(["move", "mint", "burn", "lock", "unlock"]),
        st.sampled_from(ACCOUNTS),
        st.sampled_from(ACCOUNTS),
        st.sampled_from(["ACC", "GOLD"]),
        st.integers(0, 2**62) | st.integers(0, 1000),
    ),
    max_size=30,
)


def run(ledger: Ledger, operation) -> None:
    name, account, other, asset, amount = operation
    match name:
        case "move":
            move(ledger, asset, account, other, amount)
        case "mint":
            mint(ledger, account, asset, amount)
        case "burn":
            burn(ledger, account, asset, amount)
        case "lock":
            lock(ledger, account, asset, amount, SIDE)
        case _:
            unlock(ledger, account, asset, amount, SIDE)


@given(operations)
def test_no_sequence_of_operations_breaks_the_supply(sequence):
    ledger = main_ledger()
    for operation in sequence:
        before = ledger.writes()
        try:
            with ledger.step():
                run(ledger, operation)
        except ChainError:
            assert ledger.writes() == before
        audit(ledger)


@given(operations, st.lists(st.booleans(), min_size=30, max_size=30))
def test_undone_steps_leave_the_same_writes_as_if_they_had_not_been(sequence, kept):
    full, only_kept = main_ledger(), main_ledger()
    for operation, keep in zip(sequence, kept, strict=False):
        full.begin()
        try:
            run(full, operation)
        except ChainError:
            full.undo()
            continue
        if not keep:
            full.undo()
            continue
        full.keep()
        with only_kept.step():
            run(only_kept, operation)
    assert full.writes() == only_kept.writes()


@given(
    stored=st.dictionaries(st.integers(0, 9), st.integers(1, 5)),
    puts=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), max_size=20),
)
def test_a_ledger_reads_and_scans_like_a_dict(stored, puts):
    def key(n: int) -> bytes:
        return b"b" + bytes([n])

    model = {key(n): encode(value) for n, value in stored.items()}
    ledger = Ledger(DictView(model), main_ledger().context, MAIN)
    for n, value in puts:
        assert ledger.get(key(n)) == model.get(key(n))
        ledger.put(key(n), value)
        if value:
            model[key(n)] = encode(value)
        else:
            model.pop(key(n), None)
    assert ledger.scan(b"b", b"c", limit=100) == sorted(model.items())
    view = DictView({key(n): encode(value) for n, value in stored.items()})
    view.apply(ledger.writes())
    assert view.entries == model


payments = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.sampled_from(PEOPLE),
        st.integers(1, 2 * 10**12) | st.integers(1, 1000),
        st.integers(0, 1),
    ),
    max_size=12,
)


@settings(max_examples=40)
@given(st.lists(payments, max_size=3))
def test_forger_and_validator_agree_and_the_supply_stays(blocks):
    main = build_main()
    for block in blocks:
        used = dict.fromkeys(PEOPLE, 0)
        batch = []
        for sender, recipient, amount, skipped in block:
            payload = TransferPayload("ACC", account_of(recipient), amount, "")
            ahead = used[sender] + skipped
            batch.append(main.sign(sender, "account.transfer", payload, ahead=ahead))
            used[sender] += 1
        taken = main.forge(batch)
        assert [s for s in batch if s in taken] == taken
        audit(main.view)
