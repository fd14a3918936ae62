"""Lists of domains: which of them a document's host is, or lies in."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.boilerplate.line_statistics import host_of
from corpusmill.transforms.kernels.duplicates.token_scan import PAD
from corpusmill.transforms.kernels.duplicates.tokens import hash_spans, text_buffers
from corpusmill.transforms.kernels.hashing import UInt64
from corpusmill.transforms.kernels.quality.words import Mask

_MOST_LABELS = 127
"""Labels that the name of a host may have (RFC 1035: 255 bytes, two a label)."""
_NAME = r"^[^\s/:@]+$"


class DomainList:
    """Domains to look hosts up in; millions of them take some tens of bytes each."""

    def __init__(self, names: pa.Array) -> None:
        """Prepare the list.

        Args:
            names: string, no nulls: domains in any case, with or without `www.`.

        Raises:
            ValueError: One is no name of a host.
        """
        names = pc.replace_substring_regex(pc.utf8_lower(names), r"^www\.|\.$", "")
        wrong = names.filter(pc.invert(pc.match_substring_regex(names, _NAME)))
        if len(wrong):
            raise ValueError(
                f"{wrong[0].as_py()!r} is no domain; give one a line, such as example.com, without addresses"
            )
        hashes = _hashes(names)
        order = np.argsort(hashes)
        self._hashes = hashes[order]
        self._names = names.take(pa.array(order))

    def find(self, urls: pa.Array) -> pa.Array:
        """Return the listed domain that the host of each address is or lies in.

        Args:
            urls: string[n]; nulls and what has no host are in none.

        Returns:
            string[n], the longest such domain; null where there is none.
        """
        left = host_of(urls)
        found = pa.nulls(len(urls), pa.string())
        for _ in range(_MOST_LABELS):
            hit = pa.array(self._holds(left))
            found = pc.if_else(pc.and_(hit, found.is_null()), left, found)
            inner = pc.match_substring(left, ".")
            if not pc.any(inner).as_py():
                break
            left = pc.if_else(inner, pc.replace_substring_regex(left, r"^[^.]*\.", ""), "")
        return found

    def _holds(self, names: pa.Array) -> Mask:
        if not len(self._hashes) or not len(names):
            return np.zeros(len(names), bool)
        hashes = _hashes(names)
        place = np.searchsorted(self._hashes, hashes).clip(max=len(self._hashes) - 1)
        found: Mask = self._hashes[place] == hashes
        rows = np.flatnonzero(found)
        # Equal hashes can be made on purpose; the names decide.
        same = pc.equal(names.take(pa.array(rows)), self._names.take(pa.array(place[rows])))
        found[rows] = same.to_numpy(zero_copy_only=False)
        return found


def read_domains(content: bytes) -> pa.Array:
    """Return the domains of a file: one a line, as UT1 has them; empty lines and lines that begin with `#` are none."""
    lines = (line.strip() for line in content.decode("utf-8-sig").splitlines())
    return pa.array([line for line in lines if line and not line.startswith("#")], pa.string())


def _hashes(names: pa.Array) -> UInt64:
    data, offsets = text_buffers(names)
    first = int(offsets[0])
    padded = np.concatenate([data[first : int(offsets[-1])], np.zeros(PAD, np.uint8)])
    return hash_spans(padded, offsets[:-1] - first, offsets[1:] - first)
