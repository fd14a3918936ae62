"""Documents of one address: the keys under which they meet."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools, UInt64s
from corpusmill.transforms.kernels.cleaning.block_lists import normal_url
from corpusmill.transforms.kernels.hashing import digest128

_TRACKED = re.compile(r"\?(?:utm_|ref|feed).*", re.DOTALL)
"""A query that says where a reader comes from. Source: C4 (TensorFlow Datasets, `text/c4_utils.py`)."""


def page_of(url: str) -> str:
    """Return what tells the page of an address from others: host and path, and the query unless it only tracks.

    Scheme, `www.`, user, port and fragment do not count, nor slashes at the end. "" for what is no address.

    Source: C4 (TensorFlow Datasets, `text/c4_utils.py`), and the addresses of `filter.url_lists`.

    Example:
        >>> page_of("https://www.Harbour.example/pier/?utm_source=mail"), page_of("http://harbour.example/pier")
        ('harbour.example/pier', 'harbour.example/pier')
        >>> page_of("harbour.example/pier?day=2")
        'harbour.example/pier?day=2'
    """
    host, path = normal_url(url)
    return host + _TRACKED.sub("", path).rstrip("/") if host else ""


def address_keys(urls: pa.Array) -> tuple[UInt64s, Bools]:
    """Return uint64[n, 2], equal for addresses of one page, and bool[n], which rows have an address.

    Args:
        urls: string, n addresses or nulls.
    """
    encoded = urls.dictionary_encode()
    pages = [page_of(url) for url in encoded.dictionary.to_pylist()]
    digests = [digest128(page.encode("utf-8", "surrogatepass")) for page in (*pages, "")]
    table = np.frombuffer(b"".join(digests), "<u8").astype(np.uint64).reshape(-1, 2)
    places = pc.fill_null(encoded.indices, len(pages)).to_numpy(zero_copy_only=False)
    known = np.array([*map(bool, pages), False])
    return table[places], known[places]
