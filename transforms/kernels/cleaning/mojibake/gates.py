"""Gates that every proposal passes, ours and ftfy's: what a repair leaves and what it makes must look like text.

A reading seems right by chance here and there: in a chart of letters, a drawing of boxes, a footnote behind a capital.
There it decodes part of what is adjacent and leaves the rest, or makes letters that no text holds side by side.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL, UNITS
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.words import WORD
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.evidence import (
    LATIN,
    TYPOGRAPHIC,
    CodecEvidence,
    scripts,
    touches_letter,
)

MIN_DECODED = 0.6
"""Share of a touched stretch, typographic signs aside, that a repair must decode."""
MIN_FILLED = 0.5
"""Share of the rewritten runs that must fill their stretch so far, where the evidence is small."""
LETTER_BITS = 11
"""A letter read out of a drawing may cost no more: drawings decode to letters that nobody uses."""
ANCHOR = 4
"""ASCII characters that are found again in a repaired line; fewer may have been bytes of a sequence."""
MAX_SPOKEN = 8
"""A line with more stretches above ASCII than so many does not only talk about damage."""
MAX_MIXED = 0.1
"""Share of the words beyond ASCII of a repaired text that may mix scripts."""
LOST = "\N{REPLACEMENT CHARACTER}"
_SHOWN_LOST = frozenset(
    LOST.encode().decode(name)
    for name in ("cp1252", "cp1250", "cp1251", "cp1253", "cp1257", "iso8859-2", "mac-roman", "cp437")
)
"""What the replacement character itself looks like when it was damaged later on."""
_STRETCH = re.compile(r"[^\x00-\x7f]+")
_UNQUOTED = re.compile(r"(?:(?<![^\x00-\x7f])|(?<=[“‘«]))[^\x00-\x7f“‘«](?:[^\x00-\x7f]*[^\x00-\x7f”’»])?")
_PARTS = re.compile(rf"[^\x00-\x7f](?:[\x00-\x7f]{{0,{2 * ANCHOR}}}[^\x00-\x7f])*")
_THIRD_LETTERS = re.compile(r"(?<=[^\W\d_]{2})([^\W\d_\x00-\x7f])(?=([^\W\d_]?))")
"""Letters above ASCII behind two letters, and the letter that follows."""
_SIGNS = frozenset(TYPOGRAPHIC + "\u00ad")
_BOX = MODEL.names.index("box")
_RARE = frozenset(i for i, name in enumerate(MODEL.names) if name.endswith(("-extension", "-rare")))
_TOGETHER = frozenset(
    i for i, name in enumerate(MODEL.script_names) if name in ("Han", "Hiragana", "Katakana", "Hangul", "Bopomofo")
)
"""Scripts that words of one language mix."""
_RARE_CAPITALS = frozenset(i for i, name in enumerate(MODEL.names) if name == "Latin-extended-b-upper")
_LONELY = frozenset("“”‘’™")
"""Signs that no sentence holds between spaces, so that one there is spoken of."""
_ASCII_TAIL = re.compile(r"[\x00-\x7f]*\Z")
_ASCII_HEAD = re.compile(r"[\x00-\x7f]*")
_QUOTES = frozenset(map(ord, "«»"))
_OPENING, _CLOSING = "\"'`“‘‹«([{", "\"'`”’›»)]}"


def _pieces(line: str, repaired: str) -> Iterator[tuple[str, str]]:
    """Parts of a line with characters above ASCII, and what a repair that leaves ASCII alone made of each."""
    at = 0
    spans = [match.span() for match in _PARTS.finditer(line)]
    for i, (start, stop) in enumerate(spans):
        following = line[stop : spans[i + 1][0] if i + 1 < len(spans) else len(line)]
        head = at if i else min(start, len(repaired))
        # the first few characters behind a part may have been bytes of its last sequence
        anchor = following[ANCHOR:]
        found = repaired.find(anchor, head) if anchor else -1
        end = found if found >= 0 else len(repaired)
        yield line[start : stop + len(following) - len(anchor)], repaired[head:end]
        at = end + len(anchor)


def _share_decoded(before: str, after: str) -> float:
    """Share of the characters above ASCII, typographic signs aside, in touched stretches of `before` that are gone."""
    kept = Counter(c for c in after if c > "\x7f")
    whole = set(_STRETCH.findall(after))
    total = gone = 0
    for match in _STRETCH.finditer(before):
        stretch = match.group()
        if stretch in whole:
            continue
        for char in stretch:
            if char not in _SIGNS:
                total += 1
                if kept[char]:
                    kept[char] -= 1
                else:
                    gone += 1
    return gone / total if total else 1.0


def _shouts(before: str, after: str) -> bool:
    """Return whether a small letter that was not there is behind two capitals: `IRMÃ²` is a word and a footnote."""
    new = {char for char in set(after) - set(before) if char.islower()}
    for match in _THIRD_LETTERS.finditer(after) if new else ():
        if match[1] in new and after[match.start() - 2 : match.start()].isupper():
            return not match[2].islower()
    return False


def _mixes(before: str, after: str) -> bool:
    """Return whether a new letter of another script is beside a Latin one above ASCII: `Üßª` is no `Üߪ`."""
    codes = lattice.as_codes(after)
    script = MODEL.script[MODEL.classes[codes]]
    left_over = (script == LATIN) & (codes > 0x7F)
    beside = np.zeros(len(codes), dtype=bool)
    beside[1:] |= left_over[:-1]
    beside[:-1] |= left_over[1:]
    foreign = np.flatnonzero(beside & (script >= 0) & (script != LATIN))
    return not {after[i] for i in foreign.tolist()} <= set(before)


def mixes_scripts(text: str) -> bool:
    """Return whether many words mix letters of two scripts, neither of them Latin: half of them were not read."""
    words = [scripts(np.array([ord(c) for c in w])) - {LATIN} for w in WORD.findall(text) if not w.isascii()]
    return sum(len(some - _TOGETHER) > 1 for some in words) > MAX_MIXED * len(words)


def makes_odd_words(before: str, after: str) -> bool:
    """Return whether a repair makes what no text holds: a small letter behind capitals, scripts mixed within a word."""
    return _shouts(before, after) or _mixes(before, after) or _invents_capitals(before, after)


def _invents_capitals(before: str, after: str) -> bool:
    """Return whether a capital of a rare alphabet that was not there is inside a word of small letters: `AziƑà`."""
    return any(
        match.group()[-1] not in before and int(MODEL.classes[ord(match.group()[-1])]) in _RARE_CAPITALS
        for match in re.finditer(r"(?<=[a-z])[\u0180-\uffff]", after)
    )


def refuses(line: str, repaired: str) -> bool:
    """Return whether a line must stay as it is, whatever proposes to repair it.

    Args:
        line: The line.
        repaired: The proposal, equal to it in all ASCII text but bytes of sequences.
    """
    known = line.count(LOST) + sum(map(line.count, _SHOWN_LOST))
    if repaired.count(LOST) > known or makes_odd_words(line, repaired):
        return True
    touched = [(before, after) for before, after in _pieces(line, repaired) if before != after]
    if any(_share_decoded(before, after) < MIN_DECODED for before, after in touched):
        return True
    return _all_spoken_of(line, repaired)


def _all_spoken_of(line: str, repaired: str) -> bool:
    """Return whether a line talks about the stretches that a repair touches."""
    at = 0
    touched: list[tuple[int, int, str]] = []
    matches = list(itertools.islice(_UNQUOTED.finditer(line), MAX_SPOKEN + 1))
    if len(matches) > MAX_SPOKEN:
        return False
    for match in matches:
        stretch = match.group()
        if stretch in repaired:
            continue
        before, after = line[max(0, match.start() - ANCHOR) : match.start()], line[match.end() : match.end() + ANCHOR]
        # What surrounds it may be damaged too, but for its ASCII.
        known = before if repaired.find(before, at) >= 0 else _ASCII_TAIL.findall(before)[0]
        start = repaired.find(known, at) + len(known)
        following = after if repaired.find(after, start) >= 0 else _ASCII_HEAD.findall(after)[0]
        end = repaired.find(following, start) if after else len(repaired)
        decoded = repaired[start : max(end, start)]
        if not decoded or len(decoded) > len(stretch):
            return False
        touched.append((*match.span(), decoded))
        at = end
    return spoken_of(line, touched)


def fills(codes: np.ndarray, found: CodecEvidence) -> bool:
    """Return whether enough of the rewritten runs make up most of the stretch above ASCII that they are in."""
    counted = (codes > 0x7F) & ~np.isin(codes, [ord(c) for c in _SIGNS])
    total = np.concatenate([[0], np.cumsum(counted)])
    high = np.concatenate([[False], codes > 0x7F, [False]])
    edges = np.flatnonzero(high[1:] != high[:-1])
    opens, closes = edges[0::2], edges[1::2]
    place = np.searchsorted(opens, found.run_start, side="right") - 1
    stretch = total[closes[place]] - total[opens[place]]
    run = total[found.run_end] - total[found.run_start]
    return float((run >= MIN_DECODED * stretch).mean()) >= MIN_FILLED


def drawn(codes: np.ndarray, found: CodecEvidence) -> bool:
    """Return whether the runs are drawings: boxes that are beside no letters and decode to letters of no text."""
    boxes = MODEL.classes[codes] == _BOX
    whole = [(a, b) for a, b in zip(found.run_start.tolist(), found.run_end.tolist(), strict=True) if boxes[a:b].all()]
    if not whole or 2 * sum(touches_letter(codes, a, b) for a, b in whole) >= len(whole):
        return False
    starts = np.array([a for a, _ in whole])
    run = np.searchsorted(starts, found.start, side="right") - 1
    inside = (run >= 0) & (found.start < np.array([b for _, b in whole])[np.maximum(run, 0)])
    made = found.char[inside]
    made = made[~np.isin(made, list(_QUOTES))]
    if not len(made):
        return False
    classes = MODEL.classes[made]
    if not _RARE.isdisjoint(classes.tolist()) or len(scripts(made)) > 1:
        return True
    price = MODEL.steps(np.full(len(made), ord(" ")), made).mean()
    return bool(price > LETTER_BITS * UNITS) and scripts(made) <= {LATIN}


def spoken_of(text: str, runs: Sequence[tuple[int, int, str]]) -> bool:
    """Return whether runs are what their lines talk about: none touches a word, and one is shown as a quotation.

    A quotation is alone in quotes or brackets, or in one line with what it is decoded to, alone as well.

    Args:
        text: The text.
        runs: Start, end and decoded form of each run.
    """
    return (
        bool(runs)
        and not any(text[start - 1 : start].isalnum() or text[end : end + 1].isalnum() for start, end, _ in runs)
        and any(_quoted(text, *run) for run in runs)
    )


def _quoted(text: str, start: int, end: int, decoded: str) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    if decoded != LOST and before and before in _OPENING and after == _CLOSING[_OPENING.index(before)]:
        return True
    if not decoded.isalpha() and decoded not in _LONELY:
        return False
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    line = text[first : last if last >= 0 else len(text)]
    if decoded not in line:
        return False
    return re.search(rf"(?<![^\s(\[]){re.escape(decoded)}(?![^\s,.;:?!)\]])", line) is not None
