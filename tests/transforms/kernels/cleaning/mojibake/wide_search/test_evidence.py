"""What the runs of one codec show together."""

import numpy as np
import pytest

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import INDEX
from corpusmill.transforms.kernels.cleaning.mojibake.language_model.model import MODEL
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.evidence import (
    CodecEvidence,
    coverage,
    distinct_bytes,
    harms,
    scripts,
    touches_letter,
)
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.proposals import found_in, propose


def found_by(text: str, codec: str) -> tuple[np.ndarray, np.ndarray, CodecEvidence]:
    batch = lattice.lay_out([lattice.as_codes(text)])
    (scored,) = propose(batch, 1 << INDEX[codec])
    codes = lattice.as_codes(text)
    return codes, lattice.number(codes), found_in(batch, scored, 0)


def test_a_codec_covers_a_text_that_it_explains() -> None:
    assert coverage(*found_by("voilÃ\xa0 trois jours, dÃ©jÃ\xa0 fatiguÃ©", "cp1252")) == 1.0
    # letters that touch a run and are no part of it
    part = coverage(*found_by("dÃ©jÃ\xa0ñçõñçõñçõñçõ fatiguÃ© et dÃ©solÃ©", "cp1252"))
    assert 0 < part < 1


def test_evidence_counts_each_different_run_once() -> None:
    for repeats in (1, 7):
        text = " ".join(["dÃ©jÃ© πŸ’₯"] * repeats)
        assert distinct_bytes(text, found_by(text, "cp1252")[2]) == len("Ã©")


@pytest.mark.parametrize(
    ("line", "repaired", "harm"),
    [
        ("(“ISLÃ”)", "(“ISLÔ)", True),
        ("«Ça va»", "«Ça va", True),
        ("the â€œbestâ€\x9d day", "the “best” day", False),  # a pair is made, none broken
        ("“ok” cafÃ©", "“ok” café", False),
        ("a\u0301 x", "a\u0301 y", False),  # a mark that was there
        ("nÒƒ", "n\u0483", True),  # a Cyrillic mark on a Latin letter
        ("", "", False),
    ],
)
def test_a_repair_that_breaks_a_line_does_harm(line: str, repaired: str, harm: bool) -> None:
    assert harms(line, repaired) is harm


def test_scripts_are_those_of_letters_and_marks() -> None:
    names = {MODEL.script_names[number] for number in scripts(lattice.as_codes("aяא1! 💥"))}
    assert names == {"Latin", "Cyrillic", "Hebrew"}
    assert scripts(lattice.as_codes("12 !?…")) == set()


@pytest.mark.parametrize(
    ("text", "start", "end", "touches"),
    [("a!b", 1, 2, True), (" ! ", 1, 2, False), ("!", 0, 1, False), ("!я", 0, 1, True), ("1!2", 1, 2, False)],
)
def test_a_part_touches_a_letter_right_before_or_behind_it(text: str, start: int, end: int, touches: bool) -> None:
    assert touches_letter(lattice.as_codes(text), start, end) is touches
