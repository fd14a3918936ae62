"""Documents by lists of the user's own: hosts, addresses, words.

Hosts and addresses come as in UT1's black lists, one a line; a host stands for those below it, an address for those
whose path goes on behind it. Words come as in LDNOOBW, one word or phrase a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import UInt64s
from corpusmill.transforms.kernels.hashing import digest128

LISTED_DOMAIN = "filter.listed-domain"
LISTED_URL = "filter.listed-url"
LISTED_WORDS = "filter.listed-words"

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_WORDS_AT_ONCE = 400
"""Words in one pattern: RE2 refuses patterns that take too much memory."""
_NO_SPACES = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
_EDGE = r"[^\p{L}\p{M}\p{N}_]"


@dataclass(frozen=True)
class Names:
    """A set of names that many processes load: sorted by a hash, told apart by themselves.

    Attributes:
        hashes: uint64[n], ascending.
        names: large_string, n names in the same order.
    """

    hashes: UInt64s = field(default_factory=lambda: np.zeros(0, np.uint64))
    names: pa.Array = field(default_factory=lambda: pa.array([], pa.large_string()))

    @classmethod
    def of(cls, names: Iterable[str]) -> Names:
        """Make a set of names."""
        distinct = list(dict.fromkeys(names))
        hashes = np.array([_hash(name) for name in distinct], np.uint64)
        order = np.argsort(hashes, kind="stable")
        return cls(hashes[order], pa.array(distinct, pa.large_string()).take(pa.array(order)))

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, name: str) -> bool:
        key = np.uint64(_hash(name))
        low, high = (int(np.searchsorted(self.hashes, key, side=side)) for side in ("left", "right"))
        return any(self.names[place].as_py() == name for place in range(low, high))


def _hash(name: str) -> int:
    return int.from_bytes(digest128(name.encode("utf-8", "surrogatepass"))[:8], "little")


@dataclass(frozen=True)
class Lists:
    """What documents are looked up in.

    Attributes:
        domains: Hosts, as `normal_host` writes them.
        urls: Addresses, as `normal_url` writes them.
        words: Words and phrases, in lower case.
    """

    domains: Names = field(default_factory=Names)
    urls: Names = field(default_factory=Names)
    words: tuple[str, ...] = ()

    @cached_property
    def patterns(self) -> tuple[str, ...]:
        """Patterns of RE2 that are found in texts with one of the words."""
        words = pa.array(sorted(set(self.words)), pa.string())
        anywhere = pc.match_substring_regex(words, _NO_SPACES)
        return (
            *_patterns(words.filter(pc.invert(anywhere)).to_pylist(), rf"(?:\A|{_EDGE})", rf"(?:\z|{_EDGE})"),
            *_patterns(words.filter(anywhere).to_pylist(), "", ""),
        )


def _patterns(words: list[str], left: str, right: str) -> Iterator[str]:
    """Yield patterns of some words each, between what has to be around them."""
    for start in range(0, len(words), _WORDS_AT_ONCE):
        bodies = (_spelled(word) for word in words[start : start + _WORDS_AT_ONCE])
        yield f"(?i){left}(?:{'|'.join(bodies)}){right}"


def _spelled(word: str) -> str:
    return r"\s+".join(re.sub(r"([^\w\s])", r"\\\1", part) for part in word.split())


def normal_host(host: str) -> str:
    """Write a host in one way: lower case, ASCII, without `www.` and a full stop at its end.

    Example:
        >>> normal_host("WWW.Bücher.Example."), normal_host("www.example")
        ('xn--bcher-kva.example', 'www.example')
    """
    host = host.strip().rstrip(".").lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return host
    rest = host.removeprefix("www.")
    return rest if "." in rest else host


def normal_url(url: str) -> tuple[str, str]:
    """Return host and path of an address, each in one way: no scheme, user, port and fragment, no slash at the end.

    Example:
        >>> normal_url("https://user@www.Harbour.example:8080/Pier/?day=2#top")
        ('harbour.example', '/Pier?day=2')
    """
    text = url.strip()
    try:
        parts = urlsplit(text if _SCHEME.match(text) else f"//{text.lstrip('/')}")
        host = parts.hostname or ""
    except ValueError:
        return "", ""
    path = parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")
    return normal_host(host), path


def _parents(host: str) -> Iterator[str]:
    """Yield a host and those above it."""
    while host:
        yield host
        host = host.partition(".")[2]


def _beginnings(path: str) -> Iterator[str]:
    """Yield a path and those that it goes on from, the path of the whole host last."""
    yield path
    path = path.partition("?")[0].rstrip("/")
    while path:
        yield path
        path = path.rpartition("/")[0]
    yield ""


def _listed_address(lists: Lists, url: str) -> str | None:
    host, path = normal_url(url)
    if any(parent in lists.domains for parent in _parents(host)):
        return LISTED_DOMAIN
    if host and len(lists.urls) and any(host + begin in lists.urls for begin in _beginnings(path)):
        return LISTED_URL
    return None


def listed_column(text: pa.Array, urls: pa.Array, lists: Lists) -> pa.Array:
    """Return the rule id that drops each document, or null where it is in no list.

    Args:
        text: string, n texts; a null is not looked at.
        urls: string, n addresses; a null is in no list.
        lists: The lists.
    """
    reason = pa.nulls(len(text), pa.string())
    for pattern in lists.patterns:
        found = pc.fill_null(pc.match_substring_regex(text, pattern), False)
        reason = pc.if_else(found, LISTED_WORDS, reason)
    if len(lists.domains) or len(lists.urls):
        encoded = urls.dictionary_encode()
        of_address = pa.array([_listed_address(lists, url) for url in encoded.dictionary.to_pylist()], pa.string())
        reason = pc.coalesce(of_address.take(encoded.indices), reason)
    return pc.if_else(text.is_valid(), reason, None)


def parse_list(content: str, normal: Callable[[str], str]) -> list[str]:
    """Return the entries of a list, one a line; blank lines and lines that begin with `#` are none."""
    lines = (line.strip() for line in content.splitlines())
    return [entry for line in lines if line and not line.startswith("#") and (entry := normal(line))]
