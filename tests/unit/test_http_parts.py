"""The pure parts of the API server: buckets, ranges, problems, parameters, event parser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_engine.crypto.accounts import InvalidAddress
from chain_engine.http.backoff import Backoff
from chain_engine.http.buckets import TokenBuckets, address_key
from chain_engine.http.chains import ChainDirectory
from chain_engine.http.errors import InvalidParameter, RangeNotSatisfiable, RateLimited
from chain_engine.http.event_stream import EventParser
from chain_engine.http.parameters import parse_hash, parse_hex, parse_number
from chain_engine.http.problem import error_of, problem_of
from chain_engine.http.ranges import parse_range
from chain_engine.http.routes import Route, RouteRegistry
from chain_engine.http.views import time_text
from chain_engine.primitives.errors import REGISTRY


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_a_bucket_lets_a_burst_through_and_then_its_rate(clock):
    buckets = TokenBuckets(per_s=2, tokens_max=3, keys_max=10, clock=clock)
    for _ in range(3):
        buckets.take("a")
    with pytest.raises(RateLimited) as refused:
        buckets.take("a")
    assert refused.value.values["retry_after_s"] == 1
    buckets.take("b")
    clock.now = 0.5
    buckets.take("a")
    with pytest.raises(RateLimited):
        buckets.take("a")


def test_a_cost_above_the_bucket_needs_a_full_one_and_leaves_a_debt(clock):
    buckets = TokenBuckets(per_s=1, tokens_max=10, keys_max=10, clock=clock)
    buckets.take("a", 30)
    clock.now = 20.5
    with pytest.raises(RateLimited):
        buckets.take("a", 1)
    clock.now = 21.5
    buckets.take("a", 1)


def test_a_refused_request_costs_nothing_and_no_rate_means_no_limit(clock):
    buckets = TokenBuckets(per_s=1, tokens_max=1, keys_max=10, clock=clock)
    buckets.take("a")
    for _ in range(100):
        with pytest.raises(RateLimited):
            buckets.take("a")
    clock.now = 1.0
    buckets.take("a")
    unlimited = TokenBuckets(per_s=0, tokens_max=1, keys_max=10, clock=clock)
    for _ in range(100):
        unlimited.take("a")


def test_buckets_forget_the_longest_unused_key(clock):
    buckets = TokenBuckets(per_s=1, tokens_max=5, keys_max=3, clock=clock)
    for key in "abcd":
        buckets.take(key)
    assert len(buckets) == 3


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::1%eth1", True),
        (None, "", True),
    ],
)
def test_an_ipv6_network_counts_as_one_address(one, other, is_same):
    assert (address_key(one) == address_key(other)) is is_same


def test_backoff_doubles_up_to_its_bound_and_starts_anew():
    backoff = Backoff(first_ms=100, max_ms=500, jitter=lambda: 1.0)
    assert [backoff.next_ms() for _ in range(5)] == [100, 200, 400, 500, 500]
    backoff.reset()
    assert backoff.next_ms() == 100


@given(st.floats(0, 1), st.integers(0, 200))
def test_a_wait_is_at_least_half_and_at_most_the_whole(draw, failures):
    backoff = Backoff(first_ms=100, max_ms=1000, jitter=lambda: draw)
    for _ in range(failures):
        backoff.next_ms()
    assert 50 <= backoff.next_ms() <= 1000


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, None),
        ("bytes=0-9", (0, 10)),
        ("bytes=5-", (5, 100)),
        ("bytes=-7", (93, 100)),
        ("bytes=-700", (0, 100)),
        ("bytes=90-1000", (90, 100)),
        ("bytes=9-5", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
        ("bytes=0-" + "9" * 50, None),
        ("bytes=٣-", None),
    ],
)
def test_ranges_are_read_as_the_rfc_says(header, part):
    assert parse_range(header, 100) == part


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(header):
    with pytest.raises(RangeNotSatisfiable):
        parse_range(header, 100)


@given(st.text(max_size=30), st.integers(0, 50))
def test_any_range_header_gives_a_part_inside_or_an_error_of_ours(header, length):
    try:
        part = parse_range("bytes=" + header, length)
    except RangeNotSatisfiable:
        return
    assert part is None or 0 <= part[0] < part[1] <= length


@given(st.text(max_size=70))
def test_parameters_are_read_or_refused(text):
    for parse in (
        lambda: parse_number("x", text),
        lambda: parse_hash("x", text),
        lambda: parse_hex("x", text, 32),
    ):
        try:
            parse()
        except InvalidParameter:
            continue


def test_numbers_stop_at_the_largest_amount():
    assert parse_number("x", str(2**63 - 1)) == 2**63 - 1
    for text in (str(2**63), "-1", "+1", " 1", "1e3", "", "٣"):
        with pytest.raises(InvalidParameter):
            parse_number("x", text)


def test_every_error_of_the_registry_survives_the_way_over_http():
    for code, kind in REGISTRY.items():
        error = kind.__new__(kind)
        super(kind, error).__init__()
        error.values = {"needed": 5, "raw": b"\x01", "huge": 2**63, "list": [1, (2,)]}
        document = problem_of(error)
        assert document["code"] == code
        assert 400 <= document["status"] < 600
        back = error_of(document)
        assert type(back) is kind
        assert back.values == {"needed": 5, "raw": "01", "huge": str(2**63), "list": [1, [2]]}


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner)
    )
)
def test_any_document_gives_some_error(document):
    assert error_of(document).code


def test_server_sent_events_are_put_together_from_lines():
    parser = EventParser()
    lines = [": hello", "", "id: 1", "data: a", "data:b", "", "event: behind\r", "data: {}", "\r"]
    events = [event for event in map(parser.feed, lines) if event is not None]
    assert events == [("message", "a\nb"), ("behind", "{}")]


def test_times_are_iso_8601_in_utc():
    assert time_text(0) == "1970-01-01T00:00:00.000Z"
    assert time_text(1_700_000_000_123) == "2023-11-14T22:13:20.123Z"
    assert time_text(2**63 - 1) == ""


def test_one_path_cannot_be_registered_twice():
    async def handler(call):
        raise AssertionError(call)

    registry = RouteRegistry([Route("GET", "/a", "A", handler, "a")])
    with pytest.raises(AssertionError):
        registry.add(Route("GET", "/a", "A", handler, "b"))
    with pytest.raises(AssertionError):
        registry.add(Route("GET", "/b", "A", handler, "a"))


def test_an_empty_directory_finds_nothing():
    assert ChainDirectory().find("main") is None
    assert ChainDirectory().all() == []


def test_an_invalid_address_is_a_client_error():
    assert InvalidAddress.status == 400
