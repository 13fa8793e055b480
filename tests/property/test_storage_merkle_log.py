"""Logs kept as complete subtrees against the plain RFC 6962 functions over all leaves."""

from hypothesis import given
from hypothesis import strategies as st

from chain_engine.crypto.merkle import build_proof, hash_leaf, merkle_root, verify_inclusion
from chain_engine.storage.merkle_log import LogEnd, append_leaves, load_end, log_root, prove_leaf

EMPTY = LogEnd(0, ())


def leaves_of(count: int) -> list[bytes]:
    return [b"leaf %d" % i for i in range(count)]


def stored(batches: list[int]) -> tuple[LogEnd, dict[tuple[int, int], bytes]]:
    end, nodes = EMPTY, {}
    leaves = leaves_of(sum(batches))
    for batch in batches:
        end, new = append_leaves(end, leaves[end.size : end.size + batch])
        for node in new:
            assert (node.level, node.place) not in nodes, "a complete subtree is stored once"
            nodes[node.level, node.place] = node.hash
    return end, nodes


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6))
def test_root_and_reloaded_end_agree_with_the_plain_tree(batches):
    end, nodes = stored(batches)
    assert end == load_end(sum(batches), lambda level, place: nodes[level, place])
    if end.size:
        assert log_root(end) == merkle_root(leaves_of(end.size))


@given(st.integers(1, 200), st.data())
def test_every_past_size_gives_the_plain_proof(total, data):
    _, nodes = stored([total])
    size = data.draw(st.integers(1, total))
    index = data.draw(st.integers(0, size - 1))
    proof = prove_leaf(index, size, lambda level, place: nodes[level, place])
    leaves = leaves_of(size)
    assert proof == build_proof([hash_leaf(leaf) for leaf in leaves], index)
    verify_inclusion(merkle_root(leaves), leaves[index], proof)


@given(st.integers(1, 2_000), st.data())
def test_a_proof_reads_few_nodes(total, data):
    _, nodes = stored([total])
    reads = []

    def read(level: int, place: int) -> bytes:
        reads.append((level, place))
        return nodes[level, place]

    size = data.draw(st.integers(1, total))
    prove_leaf(data.draw(st.integers(0, size - 1)), size, read)
    assert len(reads) <= 2 * size.bit_length()
