"""Damage made here from sentences written here; every codec, script and kind of damage must come back."""

from __future__ import annotations

import itertools
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.mojibake import RepairSettings, candidate_rows, repair_column, repair_text
from corpusmill.transforms.kernels.cleaning.mojibake.codecs import CP1252, NAMES
from tests.sentences import SENTENCES

SETTINGS = RepairSettings()
AMBIGUOUS = {"iso8859-10", "iso8859-13", "iso8859-15", "iso8859-16", "iso8859-2", "iso8859-4", "iso8859-7"}
"""Codecs in which windows-1252's characters for their gaps are letters of their own as well."""


def read_as(text: str, codec: str, gaps: str) -> str | None:
    """UTF-8 read byte by byte; `gaps` says what an undefined byte becomes: an error, a control, windows-1252's."""
    out = []
    for byte in text.encode():
        char = bytes([byte]).decode(codec, "ignore")
        if gaps == "cp1252" and byte >= 0x80 and (not char or "\x80" <= char <= "\x9f"):
            char = CP1252[byte] if CP1252[byte] != "\N{REPLACEMENT CHARACTER}" else chr(byte)
        if not char and gaps == "control":
            char = chr(byte)
        if not char:
            return None
        out.append(char)
    return "".join(out)


def fixed(text: str) -> str:
    return repair_text(text, SETTINGS)[0]


@pytest.mark.parametrize("codec", [*NAMES, "latin-1"])
def test_text_read_through_any_codec_comes_back_in_every_script(codec: str) -> None:
    cases = {
        (language, gaps): damaged
        for language, text in SENTENCES.items()
        for gaps in ("strict", "control", *(() if codec in AMBIGUOUS else ("cp1252",)))
        if (damaged := read_as(text, codec, gaps)) is not None
    }
    results = repair_column(pa.array(cases.values()), SETTINGS)[0].to_pylist()
    wrong = {key: got for key, got in zip(cases, results, strict=True) if got != SENTENCES[key[0]]}
    assert wrong == {}


@pytest.mark.parametrize("codec", sorted(AMBIGUOUS))
def test_text_with_ambiguous_characters_comes_back_more_often_than_not(codec: str) -> None:
    cases = {language: read_as(text, codec, "cp1252") for language, text in SENTENCES.items()}
    results = repair_column(pa.array(cases.values()), SETTINGS)[0].to_pylist()
    right = [language for language, got in zip(cases, results, strict=True) if got == SENTENCES[language]]
    assert len(right) > len(SENTENCES) / 2


def test_the_model_case_keeps_its_curly_quotes_and_gets_its_emoji_back() -> None:
    got, repairs, suspects = repair_text("She’s back – “the best day” πŸ’₯πŸ’₯πŸ’₯", SETTINGS)
    assert got == "She’s back – “the best day” 💥💥💥"
    assert [(r.rule, r.codec, r.runs) for r in repairs] == [("encoding.repair-mojibake", "iso8859-7", 1)]
    assert suspects == 0


@pytest.mark.parametrize(
    ("damaged", "sound"),
    [
        ("Il est venu voilÃ  trois jours, dÃ©jÃ  fatiguÃ©.", "Il est venu voilà trois jours, déjà fatigué."),
        ("It was the â€œlast dayâ€\x9d of summer.", "It was the “last day” of summer."),
        ("Preis: 20Â\xa0â‚¬ fÃ¼r KÃ¤se", "Preis: 20\xa0€ für Käse"),
        ("Ã¢â‚¬Å“twiceÃ¢â‚¬Â\x9d", "“twice”"),
        ("Ñ\x81Ð¿Ð°Ñ\x81Ð¸Ð±Ð¾", "спасибо"),
        ("mГ©dicament", "médicament"),
        ("al pi√π presto", "al più presto"),
        ("┬┐que pasa?", "¿que pasa?"),
        ("f├╝r dich", "für dich"),
        ("ðŸ˜‚ðŸ˜‚", "😂😂"),
        ("It began β€žat the beginningβ€œ, the King said.", "It began „at the beginning“, the King said."),
        ("See A.1. Debian è¿·è·¯ in the list.", "See A.1. Debian 迷路 in the list."),
        ("The match is on. âš½", "The match is on. ⚽"),
    ],
)
def test_usual_damage_is_repaired(damaged: str, sound: str) -> None:
    assert fixed(damaged) == sound


@pytest.mark.parametrize(
    "sound",
    [
        *SENTENCES.values(),
        "├┤a┼┐a┼┐a┼┐a┼┐a",
        "E = mc², π ≈ 3.14, α + β ≤ γ, 20 °C, 5 µm ± 0.1 µm",
        "┌──┬──┐ │ a │ b │ └──┴──┘ ╔══╗ ║ok║ ╚══╝ ████▓▓▒▒░░",
        "(╯°□°)╯︵ ┻━┻ ¯\\_(ツ)_/¯ ಠ_ಠ ʕ•ᴥ•ʔ",
        "Β€ and Γ™ are two signs each",
        "Š’ Ž’ č™ ž® ďź «Ça va?»",
        "Всё о «Windows» и “Linux”. ЕЁ ЖИЗНЬ № 5",
        "только список так чем перед сценарий",
        "AÇÃO, MAÇÃ, IRMÃ, AVIÃO",
        "A CIDADE DE “IRAMÃ”, NA MANHÃ DE SÁBADO",
        "TEMP. 30 ÄÜ° AUF DER KÜ®",
        "T恤衫和Ａ型，卡拉OK。",
        "Tシャツ、ﾊﾝｶｸ、半角ｶﾀｶﾅ",
        "😀❤️👍🏽👨‍👩‍👧🇫🇷☀️➡️",
    ],
)
def test_sound_text_is_left_alone(sound: str) -> None:
    got, repairs, _ = repair_text(sound, SETTINGS)
    assert (got, repairs) == (sound, [])


@pytest.mark.parametrize("codec", ["gbk", "big5", "cp932", "euc_jp", "cp949"])
def test_text_read_as_an_east_asian_encoding_comes_back_where_nothing_was_lost(codec: str) -> None:
    for text in ("Die Würde der Bäume", "El niño comió piña", "Crème brûlée", "Göta älv är långt"):
        damaged = text.encode().decode(codec)
        got, repairs, _ = repair_text(damaged, SETTINGS)
        assert got == text
        assert [r.rule for r in repairs] == ["encoding.repair-multibyte"]


def test_bytes_lost_on_the_way_are_found_again_where_the_rest_tells_the_codec() -> None:
    text = SENTENCES["Russian"]
    damaged = read_as(text + " Рад помочь.", "cp1251", "cp1252")
    assert damaged is not None
    assert "\u00a0" in damaged
    got, repairs, _ = repair_text(damaged.replace("\u00a0", " "), SETTINGS)
    assert got == text + " Рад помочь."
    assert repairs[-1].rule == "encoding.repair-lossy"


def test_straightened_quotes_inside_damage_are_read_as_the_bytes_they_were() -> None:
    damaged = read_as("Ça va ? Très bien, merci – 20 ans déjà, à Liège.", "cp1252", "control")
    assert damaged is not None
    straight = damaged.translate({0x201C: '"', 0x201D: '"'})
    assert straight != damaged
    assert fixed(straight) == "Ça va ? Très bien, merci – 20 ans déjà, à Liège."


def test_a_lost_byte_stays_a_visible_gap_where_little_is_known() -> None:
    damaged = "Ð¡ÐµÐ³Ð¾Ð´Ð½Ñ\N{REPLACEMENT CHARACTER} Ð½Ð¾Ñ\N{REPLACEMENT CHARACTER}Ñ\N{REPLACEMENT CHARACTER}Ðº"
    got, _, suspects = repair_text(damaged.replace("\N{REPLACEMENT CHARACTER}", "?"), SETTINGS)
    assert got == "Сегодня но\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}к"
    assert suspects == 2


def test_a_long_document_is_repaired_block_by_block_with_its_evidence_pooled() -> None:
    line = read_as(SENTENCES["Czech"], "cp1250", "control")
    assert line is not None
    damaged = "\n".join([line] * 3000)
    got, repairs, _ = repair_text(damaged, SETTINGS)
    assert got == "\n".join([SENTENCES["Czech"]] * 3000)
    assert [(r.rule, r.codec) for r in repairs] == [("encoding.repair-mojibake", "cp1250")]
    assert repairs[-1].text == got


@pytest.mark.parametrize("unit", ["Ã", "â€", "Ãƒ", "πŸ’₯", "Ð¡Ã Î±â ", "\x80\x9f", "Š", "锌褉", "Ã ", "Ñ� Ð� "])
def test_hostile_text_comes_through_and_settles(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    once = fixed(text)
    assert fixed(once) == once


MIXED: list[Any] = [
    read_as(s, c, "cp1252") for s in SENTENCES.values() for c in ("cp1252", "cp1251", "iso8859-7", "mac-roman")
]
TEXTS: st.SearchStrategy[str] = st.one_of(
    st.sampled_from([*SENTENCES.values(), *MIXED]),
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.text(st.sampled_from("ÃÂ©ðŸ’¥€™Ðµ¸¹ aé’π₯ΓΒ├бя茅ﾃ�? \x81\x92"), max_size=20),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=3).map(" ".join))
def test_repairing_twice_equals_once(text: str) -> None:
    once = fixed(text)
    assert fixed(once) == once


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | st.lists(TEXTS, min_size=1, max_size=3).map("\n".join), max_size=6))
def test_the_column_path_equals_the_plain_path_row_by_row(texts: list[str | None]) -> None:
    column, findings = repair_column(pa.array(texts, pa.large_string()), SETTINGS)
    candidates = candidate_rows(pa.array(texts, pa.large_string()), SETTINGS)
    assert column.type == pa.large_string()
    counts: dict[tuple[int, str], int] = {(row, rule): count for row, rule, count in findings}
    expected: dict[tuple[int, str], int] = {}
    for row, text in enumerate(texts):
        if text is None:
            assert column[row].as_py() is None
            continue
        got, repairs, suspects = repair_text(text, SETTINGS)
        assert column[row].as_py() == got
        assert candidates[row] or (got == text and not suspects)
        for repair in repairs:
            expected[row, repair.rule] = expected.get((row, repair.rule), 0) + repair.runs
        if suspects:
            expected[row, "encoding.suspect"] = suspects
    assert counts == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=4).map("\n".join))
def test_replaying_the_repairs_gives_the_result(text: str) -> None:
    got, repairs, _ = repair_text(text, SETTINGS)
    assert (repairs[-1].text if repairs else text) == got
    states = [text, *(r.text for r in repairs)]
    assert all(a != b for a, b in itertools.pairwise(states))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(SENTENCES)), min_size=1, max_size=4), st.sampled_from([" ", "\n", " – ", "\u00a0"])
)
def test_sound_text_of_mixed_scripts_is_unchanged(languages: list[str], joint: str) -> None:
    text = joint.join(SENTENCES[name] for name in languages)
    assert repair_text(text, SETTINGS)[:2] == (text, [])
