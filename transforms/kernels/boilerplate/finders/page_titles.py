"""What names the page it is on: its title, which other pages of the site list, and so teach as one of its lines."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import regex

from corpusmill.transforms.kernels.arrays import Bools, Int64s
from corpusmill.transforms.kernels.boilerplate.lines.folding import fold_line
from corpusmill.transforms.kernels.boilerplate.matching.sequence import Sequence

_TITLE_LETTERS: Final = 12  # of a line that begins a title; a shorter one must be all of it
_PART_LETTERS: Final = 8  # of a line that is a part of an address, or the other way round
_NAME_LETTERS: Final = 4  # of a part of an address that may name a page
_PATH = regex.compile(r"^(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?(?://)?[^/?#]*([^?#]*)")
_FEW_WORDS: Final = 3  # that must follow one another without a gap
_GAP = regex.compile(r"[^\p{L}\p{N}\p{M}]+")
_PLAIN = re.compile("[a-z0-9]+")
_DIGITS = re.compile("[0-9]+")
_ENDING = re.compile(r"\.[A-Za-z]{1,5}$")


def names_page(
    seq: Sequence,
    entries: Int64s,
    urls: pa.Array | None,
    titles: pa.Array | None,
    of_most_pages: Bools | None = None,
) -> Bools:
    """Return which entries name the page: they begin its first line or its title, or its address spells them.

    Args:
        seq: Lines that hold text.
        entries: Which of them, in order.
        urls: Address of each row, null where there is none.
        titles: Title of each row, likewise.
        of_most_pages: bool, which lines most pages of the host have: as a first line they name the site, not the page.

    Returns:
        bool, shape (len(entries),).
    """
    named = np.zeros(len(entries), bool)
    folded: dict[int, str] = {}
    rows, first = np.unique(seq.row[entries], return_index=True)
    bounds = np.append(first, len(entries)).tolist()
    addresses, given = _values(urls, rows), _values(titles, rows)
    for k, row in enumerate(rows.tolist()):
        top = int(seq.first[row])
        of_site = of_most_pages is not None and bool(of_most_pages[top])
        first_line = None if of_site else seq.lines.text(int(seq.line[top]))
        title = fold_line(given[k] or "")
        names = [name for name in (fold_line(first_line or ""), title) if name]
        address = name_in_address(addresses[k])
        for place in range(bounds[k], bounds[k + 1]):
            entry = int(entries[place])
            key = int(seq.key[entry])
            if key not in folded:
                folded[key] = fold_line(seq.lines.text(int(seq.line[entry])))
            line = folded[key]
            named[place] = (
                (entry == top and not of_site)
                or (len(line) >= _TITLE_LETTERS and any(name.startswith(line) for name in names))
                or line == title
                or is_spelled(line, address)
            )
    return named


def name_in_address(url: str | None) -> tuple[str, ...]:
    """Return the folded words of the part of an address that says most of what the page is about.

    Example:
        >>> name_in_address("https://a.example/2012/11/what-the-gull-said.html?page=2")
        ('what', 'the', 'gull', 'said')
    """
    match = _PATH.match(url or "")
    if not match:
        return ()
    path = match[1]
    if path.isascii() and "%" not in path:
        # the same as below, in fewer calls: most addresses are plain
        folded = _DIGITS.sub("0", path.lower())
        parts = [tuple(w for w in _PLAIN.findall(_ENDING.sub("", part)) if w != "0") for part in folded.split("/")]
    else:
        parts = [_words(_ENDING.sub("", unquote(part))) for part in path.split("/")]
    longest: tuple[str, ...] = max(parts, key=lambda words: sum(map(len, words)), default=())
    return longest if sum(map(len, longest)) >= _NAME_LETTERS else ()


def _words(part: str) -> tuple[str, ...]:
    return tuple(word for piece in _GAP.split(part) if (word := fold_line(piece)) not in {"", "0"})


def is_spelled(line: str, words: tuple[str, ...]) -> bool:
    """Return whether a folded line is the name that an address gives, is a part of it, or holds its words in order."""
    address, line = "".join(words), line.strip("0")
    if not address or line == address:
        return bool(address)
    if len(line) >= _PART_LETTERS and line in address:
        return True
    if len(address) < _PART_LETTERS or (len(words) > 1 and len(words) < _FEW_WORDS and address not in line):
        return False
    at = 0
    for word in words:
        at = line.find(word, at)
        if at < 0:
            return False
        at += len(word)
    return True


def _values(column: pa.Array | None, rows: npt.NDArray[np.integer]) -> list[str | None]:
    values: list[str | None] = [None] * len(rows) if column is None else column.take(pa.array(rows)).to_pylist()
    return values
