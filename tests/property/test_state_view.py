"""An overlay is the state it stands for: compared with a plain dict."""

from hypothesis import given
from hypothesis import strategies as st

from chain_engine.state.view import DictView, Overlay

keys = st.binary(min_size=1, max_size=2)
entries = st.dictionaries(keys, st.binary(max_size=2), max_size=12)
writes = st.dictionaries(keys, st.none() | st.binary(max_size=2), max_size=12)


@given(
    below=entries,
    above=writes,
    start=keys,
    end=keys,
    limit=st.integers(0, 12),
    reverse=st.booleans(),
)
def test_reading_through_an_overlay_is_reading_after_the_writes(
    below, above, start, end, limit, reverse
):
    overlay = Overlay(DictView(below), above)
    after = DictView(below)
    after.apply(above)
    for key in {*below, *above, start}:
        assert overlay.get(key) == after.get(key)
    assert overlay.scan(start, end, limit=limit, reverse=reverse) == after.scan(
        start, end, limit=limit, reverse=reverse
    )
