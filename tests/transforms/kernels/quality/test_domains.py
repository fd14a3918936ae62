"""Hosts are looked up in lists of domains, and in nothing but whole labels."""

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.quality.domains import DomainList, read_domains

LISTED = pa.array(["example.com", "WWW.Example.NET", "deep.below.example.org", "10.0.0.1"])
CASES = [
    ("https://example.com/a", "example.com"),
    ("http://www.example.com", "example.com"),
    ("https://a.b.c.example.com:8080/x?y", "example.com"),
    ("https://EXAMPLE.net/", "example.net"),
    ("https://deep.below.example.org", "deep.below.example.org"),
    ("https://below.example.org", None),
    ("https://myexample.com", None),
    ("https://example.com.evil.org", None),
    ("http://10.0.0.1/", "10.0.0.1"),
    ("no address", None),
    ("", None),
    (None, None),
]


@pytest.mark.parametrize(("url", "domain"), CASES)
def test_a_host_is_in_a_domain_or_is_not(url: str | None, domain: str | None) -> None:
    assert DomainList(LISTED).find(pa.array([url], pa.string())).to_pylist() == [domain]


def test_a_column_of_addresses_gives_the_domain_of_each() -> None:
    urls = pa.array([url for url, _ in CASES] * 3)
    assert DomainList(LISTED).find(urls).to_pylist() == [domain for _, domain in CASES] * 3
    assert DomainList(LISTED).find(urls.slice(4, 2)).to_pylist() == [domain for _, domain in CASES][4:6]


def test_the_longest_listed_domain_is_named() -> None:
    names = DomainList(pa.array(["example.com", "shop.example.com"]))
    assert names.find(pa.array(["https://a.shop.example.com"])).to_pylist() == ["shop.example.com"]


def test_an_empty_list_holds_nothing() -> None:
    empty = DomainList(pa.array([], pa.string()))
    assert empty.find(pa.array(["https://example.com"])).to_pylist() == [None]


def test_files_have_one_domain_a_line_and_comments() -> None:
    assert read_domains(b"\xef\xbb\xbf# list\r\n\r\nexample.com\r\n example.org \n").to_pylist() == [
        "example.com",
        "example.org",
    ]
    with pytest.raises(ValueError, match="is no domain"):
        DomainList(read_domains(b"http://example.com\n"))
