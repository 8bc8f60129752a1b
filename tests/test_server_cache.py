"""What is kept of the answers, and what is forgotten first."""

from atss_inspect.server.catalog import ByteCache


def test_what_was_not_asked_for_longest_is_forgotten_first():
    cache = ByteCache(10)
    cache.put(1, b"aaaa")
    cache.put(2, b"bbbb")
    assert cache.get(1) == b"aaaa"
    cache.put(3, b"cccc")  # 12 bytes are too many
    assert cache.get(2) is None
    assert (cache.get(1), cache.get(3)) == (b"aaaa", b"cccc")
    assert cache.num_bytes == 8
    cache.put(1, b"bb")  # a text that is put again counts once
    assert (cache.get(1), cache.num_bytes) == (b"bb", 6)


def test_what_is_larger_than_all_the_room_is_not_kept():
    cache = ByteCache(3)
    cache.put(1, b"aaaa")
    assert (cache.get(1), cache.num_bytes) == (None, 0)
