import json

import pytest

from corpusmill.transforms.reading.splits import JSONL, TEXT, Part, Split, byte_ranges, printable_path


@pytest.mark.parametrize(("size", "split_bytes"), [(1, 1), (10, 6), (10, 10), (1000, 7)])
def test_ranges_cover_every_byte_once(size: int, split_bytes: int) -> None:
    ranges = byte_ranges(size, split_bytes)
    assert ranges[0].start == 0
    assert ranges[-1].end is None
    assert [found.end for found in ranges[:-1]] == [found.start for found in ranges[1:]]
    assert sum(found.size for found in ranges) == size
    assert max(found.size for found in ranges) <= split_bytes


def test_a_split_is_read_back_with_names_of_any_bytes() -> None:
    split = Split(3, (Part("a\udcff.jsonl", JSONL, 5, 9, "7 8"), Part("b.txt", TEXT)), 100)
    assert Split.from_json(json.loads(json.dumps(split.to_json()))) == split


@pytest.mark.parametrize(
    ("path", "shown"),
    [("a/é.txt", "a/é.txt"), ("a\udcff", "a\\xff"), ("a\nb\x1b", "a\\nb\\x1b"), ("a\u2028b", "a\\u2028b")],
)
def test_a_path_is_one_line_of_text(path: str, shown: str) -> None:
    assert printable_path(path) == shown
