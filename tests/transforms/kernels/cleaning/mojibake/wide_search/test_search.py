"""The search over codecs: of all readings the most plausible one."""

from corpusmill.transforms.kernels.cleaning.mojibake.codecs import INDEX, NAMES
from corpusmill.transforms.kernels.cleaning.mojibake.repair import repair_text
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search import lattice
from corpusmill.transforms.kernels.cleaning.mojibake.wide_search.search import SearchResult, apply_codec, solve
from tests.transforms.kernels.cleaning.mojibake.test_repair import SETTINGS, fixed, read_as


def test_two_parts_damaged_in_different_ways_are_two_repairs_and_none_of_them_is_a_double_one() -> None:
    got, repairs, _ = repair_text("A “fine” day πŸ’₯πŸ’₯πŸ’₯\nShe spoke of the â€œlast dayâ€\x9d.", SETTINGS)
    assert got == "A “fine” day 💥💥💥\nShe spoke of the “last day”."
    assert [(r.rule, r.codec) for r in repairs] == [
        ("encoding.repair-mojibake", "iso8859-7"),
        ("encoding.repair-mojibake", "cp1252"),
    ]


def test_of_two_readings_of_one_character_the_usual_one_wins() -> None:
    # in ISO-8859-7 ’ is byte A2 of its own and stands for 92 as an alias: an arrow nobody uses, or an emoji
    assert fixed("Boom πŸ’₯") == "Boom 💥"


def test_one_codec_reads_a_whole_document_though_a_looser_one_would_read_part_of_it_more_smoothly() -> None:
    # ISO-8859-15 may choose between two bytes for š, ž and œ, so what it reads looks better; it stops at ¨, ´ and ¼
    paragraph = (
        "このパンはとても小さいので、一つだけでは足りません。必ず二つ買ってください。応援する人は、まず自分でたくさん"
        "食べました。甘いものが好きな人には、隣の店のほうがよいでしょう。"
    )
    text = "\n".join([paragraph] * 4)
    damaged = read_as(text, "cp1252", "cp1252")
    assert damaged is not None
    got, repairs, _ = repair_text(damaged, SETTINGS)
    assert got == text
    assert [(r.rule, r.codec) for r in repairs] == [("encoding.repair-mojibake", "cp1252")]


def solved(*texts: str, codecs: int = (1 << len(NAMES)) - 1) -> list[SearchResult]:
    return solve([lattice.as_codes(text) for text in texts], codecs)


DAMAGED = "voilÃ\xa0 trois jours, dÃ©jÃ\xa0 fatiguÃ©"


def test_a_reading_tells_its_codec_its_runs_and_what_they_gain() -> None:
    (reading,) = solved(DAMAGED)
    assert lattice.as_text(reading.codes) == "voilà trois jours, déjà fatigué"
    (step,) = reading.steps
    assert NAMES[step.codecs[0]] == "cp1252"
    assert (step.runs, step.layers, step.again) == (4, 1, False)
    assert step.bits > 0


def test_sound_texts_and_codecs_that_are_not_allowed_have_no_steps() -> None:
    for text in ("", "plain", "voilà trois jours", "Всё хорошо"):
        (reading,) = solved(text)
        assert (reading.steps, lattice.as_text(reading.codes)) == ([], text)
    assert solved(DAMAGED, codecs=0)[0].steps == []
    assert solved(DAMAGED, codecs=1 << INDEX["koi8-r"])[0].steps == []


def test_texts_of_a_batch_are_read_as_each_alone() -> None:
    texts = [DAMAGED, "plain", "РџСЂРёРІРµС‚, РјРёСЂ", "", "Boom πŸ’₯", DAMAGED]
    together = [lattice.as_text(reading.codes) for reading in solved(*texts)]
    assert together == [lattice.as_text(solved(text)[0].codes) for text in texts]
    assert together[2] == "Привет, мир"


def test_a_codec_that_is_known_from_elsewhere_reads_what_proves_little() -> None:
    applied = apply_codec(lattice.as_codes(DAMAGED), INDEX["cp1252"])
    assert applied is not None
    assert lattice.as_text(applied.codes) == "voilà trois jours, déjà fatigué"
    assert apply_codec(lattice.as_codes("plain words"), INDEX["cp1252"]) is None
