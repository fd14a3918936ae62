"""Lists that only a site has, whatever words it writes: months of an archive, calendars, words with counts.

    November 2012 (12)      11/04/2012 - 11/11/2012      M T W T F S S      Ropes (4)
    October 2012 (9)        10/28/2012 - 11/04/2012      1 2 3 4 ...        Tides (31)

Months in a text are beside something: figures, what happened then. Here nothing is between them, and time runs
backwards, or each has the number of its posts. Words with counts are a list of topics under a heading of the site.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import regex

from corpusmill.transforms.kernels.arrays import Bools
from corpusmill.transforms.kernels.boilerplate.lines.folding import fold_line
from corpusmill.transforms.kernels.boilerplate.lines.lines import KeySet, line_keys
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import (
    BRAND,
    FREE,
    INNER,
    LETTER,
    PAGE,
    SECTION,
    STRONG,
)
from corpusmill.transforms.kernels.boilerplate.matching.sequence import Sequence

ARCHIVE: Final = "boilerplate.archive-list"

_MONTHS: Final = 8  # one after the other back in time, without anything else
_COUNTED: Final = 5  # with counts, or under a heading of the site
_TOPICS: Final = 8  # words with counts
_WEEKS: Final = 8  # spans of days that follow one another
_DAYS: Final = 28  # numbers that count up, of a calendar
_LINE_LETTERS: Final = 40
_YEARS: Final = range(1500, 2101)
_FEW_YEARS: Final = 0.2  # of the counts; in a bibliography most are years
_IN_ORDER: Final = 0.9  # of the steps from one topic to the next
_HEADING: Final = 2  # lines above a list, to look for its heading in
_WEEKDAY_LETTERS: Final = 3
_WEEK: Final = 7

_DIGITS: Final = line_keys(["0"])[0]  # what all lines without letters share
_LEAD: Final = r"^[^\pL\pN(]*"
_COUNT = r"\s*(?:\(\s*(?P<count>[\d.,]+)\s*\))?\W*$"
_MONTH = regex.compile(
    _LEAD + r"(?:(?P<name>\pL[^\d()]*?)\.?,?\s+(?P<year>\d{4})|(?P<year>\d{4})\.?\s+(?P<name>\pL[^\d()]*?)"
    r"|(?P<year>\d{4})\s?[年년]\s?(?P<number>\d{1,2})\s?[月월]|(?:[Tt]háng) (?P<number>\d{1,2}),? (?P<year>\d{4})"
    r"|(?P<year>\d{4})|(?P<name>\pL[^\d()]*?))(?:\s?\pL{1,2}\.)?" + _COUNT
)
_SPAN = regex.compile(_LEAD + r"(?P<first>\d{1,4}([./-])\d{1,2}(?:\2\d{2,4})?) ?[-–—] ?(?P<last>\d[\d./-]+)" + _COUNT)
_DAY = regex.compile(r"^\W*(\d{1,2})\W*$")
_TOPIC = regex.compile(r"\pL.*\(\s*(?P<count>[\d.,]+)\s*\)\s*$")
_LINKS: Final = frozenset(fold_line(word) for word in ("de", "del", "di", "г", "р", "m", "gada"))
_FORMS: Final = ("{0} 1", "{0} de 1", "{0} del 1", "{0} 1 г", "{0} 1 р", "1 {0}", "1 m {0}", "1 gada {0}")


class _Month(NamedTuple):
    """A line of an archive: its year and month where they are said, and whether it has a count."""

    year: int | None
    months: frozenset[int]
    counted: bool


def find_archives(seq: Sequence, taken: dict[int, str]) -> dict[int, str]:
    """Return the entries of `seq` that are of an archive, a calendar or a list of topics, with the rule id.

    Args:
        seq: Lines that hold text.
        taken: Entries that are removed already.
    """
    found: set[int] = set()
    prose = seq.long_lines[0]
    short = (seq.size <= _LINE_LETTERS) & (prose >= 0)[seq.row]  # a page without text may be of nothing else
    dated = short & (_month_keys().holds(seq.key) | (seq.key == _DIGITS))
    for first, stop in _runs(seq, dated, _COUNTED):
        found.update(_of_time(seq, first, stop))
    for first, stop in _runs(seq, short & _counted(seq), _COUNTED):
        if _is_topics(seq, first, stop):
            found.update(range(first, stop))
    first_of = [entry for entry in found if entry - 1 not in found and entry > seq.first[seq.row[entry]]]
    found.update(entry - 1 for entry in first_of if seq.bits[entry - 1] & SECTION)
    return {entry: ARCHIVE for entry in sorted(found) if entry not in taken}


def _runs(seq: Sequence, mask: Bools, least: int) -> list[tuple[int, int]]:
    """Return the runs of entries of one row for which a mask is set, first and past the last, of some length."""
    at = np.flatnonzero(mask)
    if not len(at):
        return []
    parted = np.flatnonzero((np.diff(at) != 1) | (np.diff(seq.row[at]) != 0))
    first = np.concatenate([[0], parted + 1])
    last = np.concatenate([parted, [len(at) - 1]])
    long = last - first + 1 >= least
    return [(int(at[a]), int(at[b]) + 1) for a, b in zip(first[long], last[long], strict=True)]


def _counted(seq: Sequence) -> Bools:
    """Return which lines end in a digit and a bracket."""
    data, end, start = seq.lines.data, seq.lines.end[seq.line], seq.lines.start[seq.line]
    digit = data[np.maximum(end - 2, 0)] - ord("0") <= 9  # wraps around below 0
    found: Bools = (data[end - 1] == ord(")")) & digit & (end - start > _HEADING)
    return found


def _of_time(seq: Sequence, first: int, stop: int) -> list[int]:
    """Return the entries of a run of dates and numbers that are of an archive or a calendar."""
    texts = [seq.lines.visible(int(seq.line[entry])).strip() for entry in range(first, stop)]
    kinds = [_kind(text) for text in texts]
    found: list[int] = []
    at = 0
    while at < len(kinds):
        end = at + 1
        while end < len(kinds) and kinds[end] == kinds[at]:
            end += 1
        low, high = first + at, first + end
        lines = texts[at:end]
        if kinds[at] == "day":
            found += _calendar(seq, low, [int(_DAY.match(text)[1]) for text in lines])
        elif (kinds[at] == "month" and _is_archive(seq, low, high, lines)) or (
            kinds[at] == "span" and _is_weeks(seq, low, lines)
        ):
            found += range(low, high)
        at = end
    return found


def _kind(text: str) -> str:
    if _DAY.match(text):
        return "day"
    if _SPAN.match(text):
        return "span"
    return "month" if _month(text) is not None else ""


def _month(text: str) -> _Month | None:
    """Return what a line of an archive says, None where it is none."""
    match = _MONTH.match(text)
    if match is None:
        return None
    year = int(match["year"]) if match["year"] else None
    counted = match["count"] is not None
    if match["number"]:
        months = frozenset([int(match["number"])])
    elif match["name"]:
        words = [word for word in match["name"].split() if fold_line(word) not in _LINKS]
        months = _numbers().get(fold_line(" ".join(words)), frozenset())
        if not months:
            return None
    else:
        months = frozenset()
    if (year is None or not months) and not counted:
        return None  # a year or the name of a month alone
    return _Month(year, months, counted)


def _is_archive(seq: Sequence, first: int, stop: int, texts: list[str]) -> bool:
    lines = [month for text in texts if (month := _month(text)) is not None]
    years = [line.year for line in lines if line.year is not None]
    steps = [b - a for a, b in pairwise(years)]
    if any(step > 0 for step in steps) and any(step < 0 for step in steps):
        return False
    if all(line.counted for line in lines):
        return len(lines) >= _COUNTED
    dated = [(line.year, line.months) for line in lines if line.year is not None and line.months]
    if len(dated) < len(lines):
        return False
    back = all(b[0] < a[0] or (b[0] == a[0] and min(b[1]) < max(a[1])) for a, b in pairwise(dated) if a[0] and b[0])
    headed = _is_headed(seq, first)
    if not back or len(lines) < (_COUNTED if headed else _MONTHS):
        return False
    # Above figures the months are the head of a table.
    return headed or stop == seq.first[seq.row[first] + 1] or seq.key[stop] != _DIGITS


def _is_weeks(seq: Sequence, first: int, texts: list[str]) -> bool:
    matches = [match for text in texts if (match := _SPAN.match(text)) is not None]
    counted = all(match["count"] is not None for match in matches)
    if len(matches) < (_COUNTED if counted or _is_headed(seq, first) else _WEEKS):
        return False
    # One begins the day when, or after, the other ends: most of the days that are said are said twice, or all follow.
    days = [match["first"] for match in matches]
    return len(set(days)) == len(days)


def _calendar(seq: Sequence, first: int, days: list[int]) -> list[int]:
    """Return the entries of a calendar: days that count up under the names of a week, and these."""
    try:
        begin = days.index(1)
    except ValueError:
        return []
    end = begin
    while end + 1 < len(days) and days[end + 1] == days[end] + 1:
        end += 1
    if end - begin + 1 < _DAYS:
        return []
    before, after = days[:begin], days[end + 1 :]
    if len(before) >= _WEEK or len(after) > 2 * _WEEK or any(b - a != 1 for a, b in pairwise(before)):
        return []
    top, row = first, int(seq.row[first])
    while top > seq.first[row] and first - top < _WEEK and seq.size[top - 1] <= _WEEKDAY_LETTERS:
        top -= 1
    joined = first > seq.first[row] and seq.size[first - 1] in {_WEEK, 2 * _WEEK, 3 * _WEEK}
    if first - top == _WEEK:
        return list(range(top, first + len(days)))
    return list(range(first - 1, first + len(days))) if joined else []


def _is_topics(seq: Sequence, first: int, stop: int) -> bool:
    """Return whether words with counts are a site's list of topics: by its heading, or after its interface."""
    matches = [_TOPIC.search(seq.lines.visible(int(seq.line[entry]))) for entry in range(first, stop)]
    counts = [match["count"].replace(",", "").replace(".", "") for match in matches if match is not None]
    years = sum(1 for count in counts if count.isdigit() and int(count) in _YEARS)
    if len(counts) < stop - first or years > _FEW_YEARS * len(counts):
        return False
    opening, last = (int(of_row[seq.row[first]]) for of_row in seq.long_lines)
    if opening < first <= last:  # between paragraphs a text may count things, too, but rarely in order of their names
        names = [fold_line(match[0][: match.start("count") - match.start()]) for match in matches if match is not None]
        rising = sum(a <= b for a, b in pairwise(names))
        return stop - first >= _TOPICS and _is_headed(seq, first) and rising >= _IN_ORDER * (len(names) - 1)
    if _is_headed(seq, first):
        return True
    bits = seq.bits[last + 1 : first]
    proof = ((bits & (STRONG | FREE)) != 0) & ((bits & (INNER | LETTER)) == 0)
    return stop - first >= _TOPICS and first > last >= 0 and bool(proof.any())


def _is_headed(seq: Sequence, first: int) -> bool:
    """Return whether a heading of a list of the site's own is right above an entry."""
    above = seq.bits[max(int(seq.first[seq.row[first]]), first - _HEADING) : first]
    return bool((above & SECTION).any()) and not (above & (PAGE | BRAND)).any()


@cache
def _names() -> dict[str, list[list[str]]]:
    file = resources.files("corpusmill.transforms.kernels.boilerplate.finders") / "month_names.json"
    languages: dict[str, list[list[str]]] = json.loads(file.read_text(encoding="utf-8"))["languages"]
    return languages


@cache
def _numbers() -> dict[str, frozenset[int]]:
    """Return the months that a folded name may mean in some language."""
    numbers: dict[str, set[int]] = {}
    for months in _names().values():
        for number, names in enumerate(months, 1):
            for name in names:
                numbers.setdefault(fold_line(name), set()).add(number)
    return {name: frozenset(found) for name, found in numbers.items()}


@cache
def _month_keys() -> KeySet:
    """Return the keys of lines that are a month, with or without year and count: all digits are one."""
    forms = [form.format(name) for name in _numbers() for form in _FORMS]
    wide = ["2012年1月", "2012年1月 (1)", "2012년 1월", "2012년 1월 (1)", "tháng 1 2012"]
    counted = [f"{form} (1)" for form in forms if not form.endswith("1")]
    return KeySet(line_keys([*forms, *counted, *wide]))
