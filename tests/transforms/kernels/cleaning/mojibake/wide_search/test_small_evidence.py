"""Small evidence: what is believed of a few runs."""

import pyarrow as pa
import pytest

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import INDEX, NAMES
from corpusmill.transforms.kernels.cleaning.mojibake.repair import repair_column, repair_text
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.proposals import found_in, propose
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.small_evidence import believable
from tests.sentences import SENTENCES
from tests.transforms.kernels.cleaning.mojibake.test_repair import SETTINGS, fixed, read_as


@pytest.mark.parametrize("codec", NAMES)
@pytest.mark.parametrize("bad", ["💥💥💥", "— it’s “fine”"])
def test_one_bad_run_in_a_sound_line_is_repaired_and_nothing_else_is_touched(codec: str, bad: str) -> None:
    for language in ("French", "Russian", "Greek", "Japanese"):
        sound = f"{SENTENCES[language]} “ok” "
        damaged = read_as(bad, codec, "control")
        assert damaged is not None
        assert fixed(sound + damaged) == sound + bad


def test_weak_evidence_is_counted_and_left_alone() -> None:
    text = "DrÃ¥ber – Tågen"
    got, repairs, suspects = repair_text(text, SETTINGS)
    assert (got, repairs) == (text, [])
    assert suspects > 0
    assert repair_column(pa.array([text]), SETTINGS)[1].by_rule() == {"encoding.suspect": suspects}


@pytest.mark.parametrize(
    ("damaged", "sound"),
    [
        ("The match is on. âš½", "The match is on. ⚽"),  # a sign needs little
        ("cafÃ© au lait", "café au lait"),  # letters in a word
        ("f├╝r dich", "für dich"),  # a letter beside a box
    ],
)
def test_a_usual_kind_of_damage_is_believed_once(damaged: str, sound: str) -> None:
    assert repair_text(damaged, SETTINGS)[0] == sound


@pytest.mark.parametrize(
    "text",
    [
        "“Ã©” and “Ã¨” are written so",  # talked about
        "“ISLÃ”",  # half of a pair of quotation marks
        "Β€ and Γ™ are two signs each",
        "├┤a┼┐a",  # a drawing
        "See ‘Ð°’ here",  # a script that the text does not hold
    ],
)
def test_what_may_be_meant_is_not(text: str) -> None:
    got, repairs, _ = repair_text(text, SETTINGS)
    assert (got, repairs) == (text, [])


def believed(text: str, codec: str) -> bool:
    batch = lattice.lay_out([lattice.as_codes(text)])
    (scored,) = propose(batch, 1 << INDEX[codec])
    return believable(text, lattice.as_codes(text), found_in(batch, scored, 0))


def test_the_gates_judge_the_evidence_of_one_codec() -> None:
    assert believed("Boom πŸ’₯", "iso8859-7")
    assert believed("al pi├╣ presto", "cp437")
    assert not believed("├┤a┼┐a", "cp437")
    assert not believed("See ‘Ð°’ here", "cp1252")
