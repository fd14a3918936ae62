import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.cleaning.block_lists import (
    LISTED_DOMAIN,
    LISTED_URL,
    LISTED_WORDS,
    Lists,
    Names,
    listed_column,
    normal_host,
    normal_url,
    parse_list,
)

LISTS = Lists(
    Names.of(["pier.example", "xn--bcher-kva.example", "81.2.69.142"]),
    Names.of(["blog.example/~ann", "shop.example/cart?id=7", "whole.example"]),
    ("ruddy", "blast it", "c++", "鬼畜"),
)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://pier.example/", LISTED_DOMAIN),
        ("http://www.Pier.example:8080/a?b#c", LISTED_DOMAIN),
        ("https://a.b.pier.example", LISTED_DOMAIN),
        ("https://bücher.example/x", LISTED_DOMAIN),
        ("http://81.2.69.142/x", LISTED_DOMAIN),
        ("https://happier.example/", None),
        ("https://example/", None),
        ("https://blog.example/~ann", LISTED_URL),
        ("https://blog.example/~ann/2021/04", LISTED_URL),
        ("blog.example/~ann?page=2", LISTED_URL),
        ("https://blog.example/~anna", None),
        ("https://www.blog.example/~ann/", LISTED_URL),
        ("https://shop.example/cart?id=7", LISTED_URL),
        ("https://shop.example/cart?id=8", None),
        ("https://whole.example/any/path", LISTED_URL),
        ("http://[broken", None),
        ("", None),
        (None, None),
    ],
)
def test_hosts_stand_for_those_below_and_addresses_for_what_goes_on_behind_them(
    url: str | None, reason: str | None
) -> None:
    assert listed_column(pa.array(["calm"]), pa.array([url], pa.string()), LISTS).to_pylist() == [reason]


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("What a RUDDY day.", True),
        ("ruddy", True),
        ("Muddy or unruddy, ruddyish", False),
        ("Blast\n it!", True),
        ("a blast of it", False),
        ("I write C++, not C.", True),
        ("Écruddy", False),
        ("これは鬼畜です", True),
    ],
)
def test_words_stand_between_what_is_no_letter_unless_their_script_has_no_spaces(text: str, listed: bool) -> None:
    found = listed_column(pa.array([text]), pa.array([None], pa.string()), LISTS).to_pylist()
    assert found == [LISTED_WORDS if listed else None]


def test_a_document_that_is_no_longer_kept_is_not_looked_at() -> None:
    urls = pa.array(["https://pier.example/"] * 2)
    assert listed_column(pa.array([None, "x"], pa.string()), urls, LISTS).to_pylist() == [None, LISTED_DOMAIN]


def test_long_lists_are_searched_whole() -> None:
    words = tuple(f"zap{number}" for number in range(1000))
    lists = Lists(words=words)
    assert len(lists.patterns) == 3
    texts = pa.array(["a zap0 b", "a zap999", "zap1000"])
    found = listed_column(texts, pa.nulls(3, pa.string()), lists).to_pylist()
    assert found == [LISTED_WORDS, LISTED_WORDS, None]


def test_names_that_share_a_hash_are_told_apart() -> None:
    names = Names.of(["one", "two"])
    twin = Names(names.hashes.repeat(2), pa.array(["x", names.names[0].as_py(), "y", "z"], pa.large_string()))
    assert names.names[0].as_py() in twin
    assert names.names[1].as_py() not in twin


def test_lists_have_comments_and_blank_lines() -> None:
    content = "# list\n\nWWW.Pier.Example.\r\n  shop.example \n"
    assert parse_list(content, normal_host) == ["pier.example", "shop.example"]
    assert normal_url("http://a:b@Shop.Example:80/x/#y") == ("shop.example", "/x")
