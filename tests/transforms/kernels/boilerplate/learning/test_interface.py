from itertools import groupby, pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.boilerplate.learning.interface import (
    FULL,
    HALF,
    HEAD,
    MIDDLE,
    NOWHERE,
    TAIL,
    TEXT,
    Enclosure,
    Evidence,
    enclose,
    shows_interface,
    weigh,
)
from corpusmill.transforms.kernels.boilerplate.lines.lines import split_lines
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import (
    BRAND,
    FREE,
    INNER,
    SHARE,
    STRONG,
    WEAK,
    rule_table,
)
from corpusmill.transforms.kernels.boilerplate.matching.sequence import PROSE, SHORT, Sequence, sequence

LONG = "It was the pump again, they said, the one that had been mended twice since the spring and never held for long."


def look(*pages: list[str]) -> tuple[Sequence, Enclosure]:
    seq = sequence(split_lines(pa.array(["\n".join(page) for page in pages])), rule_table())
    return seq, enclose(seq, weigh(seq.bits))


def enclosed(page: list[str]) -> list[str]:
    seq, place = look(page)
    return [seq.lines.text(int(seq.line[entry])) for entry in np.flatnonzero(place.enclosed)]


def test_form_lies_next_to_the_text_and_furniture_behind_an_interface_line() -> None:
    page = [
        "Skip to content",
        "Our mill",
        "Title",
        "Ingredients",
        LONG,
        "Method",
        LONG,
        "Notes",
        "Leave a comment",
        "Our mill",
    ]
    seq, place = look(page)
    assert enclosed(page) == ["Skip to content", "Leave a comment", "Our mill"]
    assert place.zone.tolist() == [HEAD] * 4 + [TEXT, MIDDLE, TEXT] + [TAIL] * 3
    # The first line of the page is behind nothing but itself.
    assert not place.enclosed[seq.first[0] + 1]


def test_words_with_other_uses_count_little_after_the_text_until_a_sure_line_has_been_passed() -> None:
    assert enclosed([LONG, "Contact", "Photos", "Ours"]) == []
    assert enclosed([LONG, "Leave a comment", "Contact", "Ours"]) == ["Leave a comment", "Contact", "Ours"]


def test_a_share_bar_in_a_form_proves_nothing_however_long_it_is() -> None:
    bar = ["Share", "Facebook", "Twitter", "Pinterest", "WhatsApp", "LinkedIn", "Reddit", "Tumblr", "Email", "Print"]
    assert "Side effects" not in enclosed([LONG, *bar[:-1], "Side effects", "Very rare"])
    assert "Side effects" not in enclosed([LONG, *bar[:-1], "Side effects", "Very rare", LONG, LONG])


def test_a_line_counts_once_however_often_it_stands_there() -> None:
    assert enclosed([LONG, *["Contact"] * 9, "Ours"]) == []


def test_what_stands_before_the_title_is_enclosed_by_all_of_it() -> None:
    page = ["Our mill", "Skip to content", "The new wheel", LONG]
    seq, without = look(page)
    assert not without.enclosed[0] or without.enclosed[1]
    place = enclose(seq, weigh(seq.bits), title=np.array([2]))
    assert place.enclosed.tolist() == [True, True, False, False]


def test_a_page_without_text_encloses_nothing() -> None:
    seq, place = look(["Leave a comment", "Skip to content"])
    assert place.zone.tolist() == [NOWHERE] * len(seq.row)
    assert not place.enclosed.any()


def test_a_learned_line_is_evidence_unless_it_stands_inside_texts_as_well() -> None:
    none = np.zeros(4, bool)
    evidence = Evidence(np.array([0, HALF, 300, 0]), none, np.array([False, False, True, False]), np.zeros(4, np.int64))
    more = evidence.also(np.array([True, True, True, False]), np.array([True, False, False, True]))
    assert more.weight.tolist() == [FULL, FULL, 300, FULL]
    assert more.sure.tolist() == [True, True, False, True]
    assert more.borrowed.tolist() == [0, 0, 0, FULL]


def test_what_other_sites_teach_is_no_proof_of_itself() -> None:
    seq, _ = look([LONG, "Ida Falk", "Ours"])
    none = np.zeros(3, bool)
    last = np.array([False, True, False])
    assert enclose(seq, weigh(seq.bits).also(last, none)).enclosed.tolist() == [False, True, True]
    assert enclose(seq, weigh(seq.bits).also(none, last)).enclosed.tolist() == [False, False, True]
    seq, _ = look([LONG, "Contact", "Ours"])  # a word with other uses
    assert enclose(seq, weigh(seq.bits).also(none, last)).enclosed.tolist() == [False, False, True]


def test_pages_show_an_interface_by_one_line_that_no_text_has() -> None:
    seq, _ = look([LONG, "Leave a comment"], [LONG, "Contact"], [LONG, "Advertisement"])
    assert shows_interface(seq).tolist() == [True, False, True]


def plainly(seq: Sequence, evidence: Evidence, row: int) -> dict[int, int]:
    """The walk from the text outward, a line at a time."""
    entries = list(range(seq.first[row], seq.first[row + 1]))
    text = [e for e in entries if seq.size[e] >= PROSE and not seq.bits[e]]
    prose = bool(text)
    if not text:
        runs = [list(run) for quiet, run in groupby(entries, lambda e: not evidence.weight[e]) if quiet]
        letters_of = [sum(int(seq.size[e]) for e in run) for run in runs]
        main = {
            int(seq.key[e]) for run, n in zip(runs, letters_of, strict=True) if 2 * n >= max(letters_of) for e in run
        }
        for run, count in zip(runs, letters_of, strict=True):
            if 2 * count >= max(letters_of) or len(main & {int(seq.key[e]) for e in run}) > 1:
                text += [e for e in run if seq.size[e] >= SHORT] or run
    if not text:
        return dict.fromkeys(entries, 0)
    letters = [min(int(seq.size[e]), 2000) for e in text]
    half = next(k for k in range(len(text)) if sum(letters[: k + 1]) * 2 >= sum(letters))
    walks = [(range(text[0] - 1, entries[0] - 1, -1), (1, 1)), (range(text[-1] + 1, entries[-1] + 1), (4, 10))]
    for k, (low, high) in enumerate(pairwise(text)):
        inner, upward = range(low + 1, high), k + 1 <= half
        walks += [(way, (5, 10)) for up, way in ((True, inner[::-1]), (False, inner)) if not prose or up == upward]
    passed: dict[int, int] = {}
    for walk, (part, whole) in walks:
        seen: set[int] = set()
        sure = heavy = light = 0
        for e in walk:
            weight = int(evidence.weight[e])
            sure |= bool(evidence.sure[e])
            if weight and int(seq.key[e]) not in seen:
                seen.add(int(seq.key[e]))
                if weight < FULL and not sure:
                    weight = weight * part // whole
                heavy, light = (heavy, light + weight) if evidence.inner[e] else (heavy + weight, light)
            total = heavy + min(light, FULL * 45 // 100)
            passed[e] = min(passed.get(e, total), total)  # where both ways are gone, the lesser one counts
    return dict.fromkeys(entries, 0) | passed


KINDS = st.sampled_from([0, 0, 0, STRONG, WEAK, WEAK, FREE | WEAK, INNER | BRAND | WEAK, INNER | SHARE | FREE | WEAK])
PAGES = st.lists(
    st.lists(st.tuples(st.integers(1, 9), KINDS, st.sampled_from([5, 20, 30, 90, 3000])), max_size=14), max_size=5
)


@given(pages=PAGES)
@settings(deadline=None, max_examples=300)
def test_the_sums_equal_those_of_a_plain_walk(pages: list[list[tuple[int, int, int]]]) -> None:
    entries = [entry for page in pages for entry in page]
    bits_of = {key: bits for key, bits, _ in reversed(entries)}  # equal lines match the same rules
    first = np.cumsum([0, *map(len, pages)])
    row = np.repeat(np.arange(len(pages), dtype=np.int32), np.diff(first))
    size = np.array([size for *_, size in entries], np.int32)
    key = np.array([key for key, *_ in entries], np.uint64)
    bits = np.array([bits_of[key] for key, *_ in entries], np.uint16)
    lines = split_lines(pa.array([], pa.string()))
    seq = Sequence(lines, np.arange(len(entries)), row, size, key, bits, np.zeros(len(entries), np.uint8), first)
    evidence = weigh(bits)
    place = enclose(seq, evidence)
    expected: dict[int, int] = {}
    for number in range(len(pages)):
        expected |= plainly(seq, evidence, number)
    assert place.passed.tolist() == [expected[entry] for entry in range(len(entries))]


@pytest.mark.parametrize(("bits", "weight"), [(STRONG, FULL), (WEAK, HALF), (FREE | WEAK, FULL * 3 // 4), (0, 0)])
def test_weights(bits: int, weight: int) -> None:
    assert weigh(np.array([bits], np.uint16)).weight.tolist() == [weight]
