"""Addresses of one page."""

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.duplicates.addresses import address_keys, page_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://www.harbour.example/pier", "https://harbour.example/pier/"),
        ("https://Harbour.Example/pier?utm_source=a&day=2", "harbour.example/pier"),
        ("https://harbour.example/pier/?ref=mail", "https://harbour.example/pier"),
        ("https://harbour.example/?feed=rss", "https://harbour.example"),
        ("https://me@harbour.example:8080/pier#top", "https://harbour.example/pier"),
    ],
)
def test_addresses_of_one_page_are_equal(one: str, other: str) -> None:
    assert page_of(one) == page_of(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://harbour.example/pier", "https://harbour.example/Pier"),
        ("https://harbour.example/pier?day=1", "https://harbour.example/pier?day=2"),
        ("https://harbour.example/pier?day=1&utm_source=a", "https://harbour.example/pier?day=1"),
        ("https://harbour.example/", "https://boats.harbour.example/"),
    ],
)
def test_addresses_of_two_pages_differ(one: str, other: str) -> None:
    assert page_of(one) != page_of(other)


def test_what_is_no_address_has_no_key() -> None:
    keys, known = address_keys(
        pa.array(["https://a.example/x", None, "", "http://", "//[", "a.example/x/", "https://b.example"])
    )
    assert known.tolist() == [True, False, False, False, False, True, True]
    assert (keys[0] == keys[5]).all()
    assert not (keys[0] == keys[6]).any()
    assert address_keys(pa.array([], pa.string()))[0].shape == (0, 2)
