"""What programs, not sites, put around texts: mail, forums, wikis, Project Gutenberg, page numbers, buttons under code.

In a collection of mails or books such lines are noise; in most texts they are rare, and elsewhere they may be
what the text is about. So each kind is a pack that a user switches on. What a pack finds is removed whatever its share
is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Final, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import regex

from corpusmill.transforms.kernels.boilerplate.lines.folding import fold_line
from corpusmill.transforms.kernels.boilerplate.matching.rule_files import GAP, parse_rule_file
from corpusmill.transforms.kernels.boilerplate.matching.sequence import PROSE, Sequence

Pack = Literal["code", "forum", "gutenberg", "mail", "pdf", "wiki"]

WIKI: Final = "boilerplate.wiki-mark"
RULES: Final[dict[str, str]] = {
    "code": "boilerplate.copy-button",
    "forum": "boilerplate.forum-line",
    "gutenberg": "boilerplate.gutenberg-frame",
    "mail": "boilerplate.mail-line",
    "pdf": "boilerplate.page-number",
    "wiki": WIKI,
}
"""Pack -> rule id."""

_HEADERS: Final = 2  # fields that are adjacent, one of them "From"
_SIGNATURE: Final = 8  # lines
_NUMBERS: Final = 3  # page numbers in order, to be such
_HEAD: Final = 120  # characters in which the mark of a book is
_BETWEEN: Final = 3  # lines between two page numbers, at least
_FIELD = regex.compile(r"\s*([^:：]{1,30})[:：]\s*\S")
_QUOTED = regex.compile(r"\s{0,3}>")
_WROTE = regex.compile(r"\d.*[:：]\s*$|@.*[:：]\s*$")
_BAR = regex.compile(r"\s*[-_=]{2,}\s*")
_SIGNATURE_MARK = regex.compile(r"-- ?$|_{5,}\s*$")
_PAGE = regex.compile(r"\s*[-–—\[(]?\s*(\d{1,4})\s*[-–—\])]?\s*$")
_CODE_END = regex.compile(r"[.!?…:。！？：]\s*$")


class _Words(NamedTuple):
    """The lines of one pack: name of the string -> folded whole lines, or beginnings and ends."""

    lines: dict[str, frozenset[str]]
    prefixes: dict[str, tuple[tuple[str, str], ...]]

    def begins(self, name: str) -> tuple[str, ...]:
        """Return the beginnings of a string, for `str.startswith`."""
        return tuple(begin for begin, _ in self.prefixes[name])


@cache
def _words(pack: str) -> _Words:
    """Return the words of a pack from its data file."""
    file = resources.files("corpusmill.transforms.kernels.boilerplate") / "rules" / "packs" / f"{pack}.json"
    lines: dict[str, set[str]] = {}
    prefixes: dict[str, list[tuple[str, str]]] = {}
    for rule in parse_rule_file(json.loads(file.read_text(encoding="utf-8"))):
        name = rule.id.split(".")[1]
        if rule.anchoring in {"line", "slot"}:
            lines.setdefault(name, set()).add(fold_line(rule.text))
        else:
            begin, _, end = rule.text.partition(GAP)
            prefixes.setdefault(name, []).append((fold_line(begin), fold_line(end)))
    return _Words({k: frozenset(v) for k, v in lines.items()}, {k: tuple(v) for k, v in prefixes.items()})


def find_pack_lines(seq: Sequence, packs: tuple[str, ...]) -> dict[int, str]:
    """Return the entries of `seq` that the packs take, with the rule id of each.

    Args:
        seq: Lines that hold text.
        packs: Which packs are on; `wiki` takes no lines, see `remove_marks`.
    """
    found: dict[int, str] = {}
    finders = [(_FINDERS[pack], _words(pack), RULES[pack]) for pack in packs if pack != "wiki"]
    for row in range(len(seq.first) - 1 if finders else 0):
        start, stop = int(seq.first[row]), int(seq.first[row + 1])
        lines = [seq.lines.visible(at) for at in seq.line[start:stop].tolist()]
        folded = [fold_line(line) for line in lines]
        for find, words, rule in finders:
            for at in find(lines, folded, words):
                found.setdefault(start + at, rule)
    if {"mail", "forum"} & set(packs):
        found = _signatures(seq, packs, found) | found
    return found


def _signatures(seq: Sequence, packs: tuple[str, ...], found: dict[int, str]) -> dict[int, str]:
    """Find what is under the line that begins a signature: to the end of a mail, or to the next line of a forum."""
    data, start = seq.lines.data, seq.lines.start
    first, second = data[start], data[np.minimum(start + 1, max(len(data) - 1, 0))]
    signed: dict[int, str] = {}
    for line in np.flatnonzero((first == second) & ((first == ord("-")) | (first == ord("_")))).tolist():
        if not _SIGNATURE_MARK.match(seq.lines.text(line)):
            continue
        pack = "mail" if first[line] == ord("-") else "forum"
        entry, stop = int(np.searchsorted(seq.line, line)), int(seq.first[seq.lines.row[line] + 1])
        if pack not in packs or (pack == "mail" and stop - entry > _SIGNATURE):
            continue
        for at in range(entry, min(stop, entry + _SIGNATURE)):
            if pack == "forum" and (at in found or seq.size[at] >= PROSE):
                break
            signed[at] = RULES[pack]
    return signed


def bar_before(seq: Sequence, entry: int) -> int | None:
    """Return the line of dashes just before an entry that begins a signature, or None."""
    line = int(seq.line[entry]) - 1
    while line >= seq.lines.first[seq.row[entry]]:
        text = seq.lines.text(line)
        if text.strip():
            return line if _SIGNATURE_MARK.match(text) else None
        line -= 1
    return None


def _mail(lines: list[str], folded: list[str], words: _Words) -> set[int]:
    """Find headers, quoted text, lines that introduce it, and signatures of programs."""
    found: set[int] = set()
    fields = [fold_line(match.group(1)) if (match := _FIELD.match(line)) else "" for line in lines]
    start = 0
    while start < len(lines):
        stop = start
        while stop < len(lines) and (fields[stop] in words.lines["field"] or fields[stop] in words.lines["from"]):
            stop += 1
        if stop - start >= _HEADERS and any(field in words.lines["from"] for field in fields[start:stop]):
            found.update(range(start, stop))
        start = max(stop, start + 1)
    sent, wrote = words.begins("sent-from"), words.begins("wrote")
    for at, (line, key) in enumerate(zip(lines, folded, strict=True)):
        if (
            _QUOTED.match(line)
            or (key in words.lines["rule"] and _BAR.match(line))
            or (key.startswith(sent) and len(key) < PROSE)
            or (key.endswith(wrote) and _WROTE.search(line))
        ):
            found.add(at)
    return found


def _forum(lines: list[str], folded: list[str], words: _Words) -> set[int]:
    """Find the profile of a writer beside a post, its head line, and the buttons under it."""
    found: set[int] = set()
    fields = [fold_line(match.group(1)) if (match := _FIELD.match(line)) else "" for line in lines]
    profile = [field in words.lines["profile"] for field in fields]
    posts = words.begins("post")
    for at, (line, key) in enumerate(zip(lines, folded, strict=True)):
        beside = (at > 0 and profile[at - 1]) or (at + 1 < len(lines) and profile[at + 1])
        if (profile[at] and beside) or (key.startswith(posts) and _is_post_line(line, key, words)):
            found.add(at)
    if found:  # words that other texts have too
        found.update(at for at, key in enumerate(folded) if key in words.lines["line"])
    return found


def _is_post_line(line: str, folded: str, words: _Words) -> bool:
    """Return whether a line says who wrote a post and when."""
    return any(char.isdigit() for char in line) and any(
        folded.startswith(begin) and (not end or end in folded) for begin, end in words.prefixes["post"]
    )


def _gutenberg(lines: list[str], folded: list[str], words: _Words) -> set[int]:
    """Find what precedes the mark that begins a book, and from the mark that ends it on."""
    first, last = words.begins("begin"), words.begins("end")
    heads = [key if len(line) <= _HEAD else fold_line(line[:_HEAD]) for line, key in zip(lines, folded, strict=True)]
    begins = [at for at, key in enumerate(heads) if key.startswith(first)]
    ends = [at for at, key in enumerate(heads) if key.startswith(last)]
    for at, line in enumerate(lines):
        if (match := _FIELD.match(line)) and fold_line(match.group(1)) in words.lines["colophon"]:
            ends.append(at)
    found = set(range(begins[-1] + 1)) if begins else set()
    ends = [at for at in sorted(ends) if not begins or at > begins[-1]]
    return found | set(range(ends[0], len(lines)) if ends else ())


def _pdf(lines: list[str], folded: list[str], words: _Words) -> set[int]:
    """Find "Page 3 of 10", and numbers alone that count up through the document."""
    found = {at for at, key in enumerate(folded) if key in words.lines["page"]}
    numbers = [(at, int(match.group(1))) for at, line in enumerate(lines) if (match := _PAGE.match(line))]
    run: list[tuple[int, int]] = []
    for at, number in [*numbers, (len(lines) + _BETWEEN, -1)]:
        if run and number == run[-1][1] + 1 and at - run[-1][0] > _BETWEEN:
            run.append((at, number))
            continue
        if len(run) >= _NUMBERS:
            found.update(place for place, _ in run)
        run = [(at, number)]
    return found


def _code(lines: list[str], folded: list[str], words: _Words) -> set[int]:
    """Find the buttons that pages put under code: after a line that is no sentence."""
    button = [key in words.lines["button"] for key in folded]
    return {
        at for at in range(1, len(lines)) if button[at] and not button[at - 1] and not _CODE_END.search(lines[at - 1])
    }


_FINDERS: Final[dict[str, Callable[[list[str], list[str], _Words], set[int]]]] = {
    "code": _code,
    "forum": _forum,
    "gutenberg": _gutenberg,
    "mail": _mail,
    "pdf": _pdf,
}


@cache
def _marks() -> regex.Pattern[str]:
    file = resources.files("corpusmill.transforms.kernels.boilerplate") / "rules" / "packs" / "wiki.json"
    rules = parse_rule_file(json.loads(file.read_text(encoding="utf-8")))
    words = "|".join(regex.escape(text) for text in sorted({rule.text for rule in rules}, key=lambda t: (-len(t), t)))
    numbers = r"\d{1,3}(?:[,–-] ?\d{1,3})*|(?:note|nb|n|a) ?\d{1,2}"
    # Not what code may hold: an index, a link, a call.
    return regex.compile(
        rf"[ \N{{NO-BREAK SPACE}}]?\[ ?(?i:{numbers}|{words}) ?(?:\| ?[^\[\]]{{1,30}})?\](?![\w(=]| =)"
    )


def remove_marks(text: pa.Array) -> tuple[pa.Array, dict[int, list[str]]]:
    """Take the marks of wikis (`[edit]`, `[12]`) out of the lines of a column.

    Args:
        text: string column of n texts.

    Returns:
        The texts without them, and the marks of each row that has some.
    """
    likely = np.flatnonzero(pc.fill_null(pc.match_substring(text, "["), False).to_numpy(zero_copy_only=False))
    pattern = _marks()
    marks: dict[int, list[str]] = {}
    texts: list[str] = []
    for row in likely.tolist():
        whole = text[row].as_py()
        found = [mark.group() for mark in pattern.finditer(whole)]
        if found:
            marks[row] = found
            texts.append(pattern.sub("", whole))
    if not marks:
        return text, {}
    mask = np.zeros(len(text), bool)
    mask[list(marks)] = True
    return pc.replace_with_mask(text, pa.array(mask), pa.array(texts, text.type)), marks


__all__ = ["RULES", "WIKI", "Pack", "bar_before", "find_pack_lines", "remove_marks"]
