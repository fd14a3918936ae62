"""The cheap proof before encoding repair clears nothing that the repair's own proof would not."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.encoding import PROOF, REVERSE_PROOF, repair_rules, sparing_evidence
from corpusmill.transforms.kernels.cleaning.mojibake import RepairSettings, candidate_rows, repair_column, repair_text
from corpusmill.transforms.kernels.cleaning.no_op_proofs import matches
from corpusmill.transforms.kernels.cleaning.normalize import NormalizeSettings, normalize_column, normalize_text
from corpusmill.transforms.kernels.cleaning.symbols import SymbolSettings, symbol_rules
from corpusmill.transforms.kernels.findings import Findings

CODECS = [
    "cp1252",
    "latin-1",
    "cp1251",
    "cp1253",
    "iso8859-7",
    "cp437",
    "cp866",
    "koi8-r",
    "mac-roman",
    "gbk",
    "big5",
    "shift_jis",
    "euc_jp",
    "euc_kr",
]
words = st.sampled_from(
    [
        "café",
        "naïve",
        "“so”",
        "—",
        "…",
        "€5",
        "привет",
        "καλημέρα",
        "日本",
        "한국",
        "💥",
        "é",
        "ß",
        "x",
        "plain words",
        "ไทย",
    ]
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    parts = draw(st.lists(st.tuples(words, st.none() | st.sampled_from(CODECS)), min_size=1, max_size=6))
    read = [
        word if codec is None else word.encode().decode(codec, draw(st.sampled_from(["ignore", "replace"])))
        for word, codec in parts
    ]
    text = " ".join(read)
    for before, after in draw(
        st.lists(st.sampled_from([("\xa0", " "), ("\ufffd", "?"), ("”", '"'), ("\x9d", "")]), max_size=2)
    ):
        text = text.replace(before, after)
    return text


@settings(deadline=None, max_examples=60)
@given(values=st.lists(damaged() | st.text(max_size=6), min_size=1, max_size=40))
def test_the_pattern_finds_every_candidate(values: list[Any]) -> None:
    column = pa.array(values, pa.string())
    assert not (candidate_rows(column, RepairSettings()) & ~matches(column, REVERSE_PROOF)).any()


def test_every_single_character_that_is_a_candidate_alone_is_found() -> None:
    values = [f"a {chr(point)} b {chr(point)}" for point in range(0x80, 0x30000) if not 0xD800 <= point < 0xE000]
    column = pa.array(values, pa.string())
    assert not (candidate_rows(column, RepairSettings()) & ~matches(column, REVERSE_PROOF)).any()


def test_a_few_letters_beyond_ascii_matter_where_the_reverse_mistake_is_sought() -> None:
    (rule,) = repair_rules(RepairSettings())
    texts = ["caf\xe9 " * 6, "caf\xe9 " * 5, "pr‚s a‚b c‚d e‚f g‚h i‚j", "“a” „b“ ‚c‘ d’e f… g™", "ItÕs"]
    assert matches(pa.array(texts), rule.proof[0]).tolist() == [True, False, True, False, True]


def test_typographic_western_text_is_cleared() -> None:
    column = pa.array(["“It’s — naïve”, she said; 5 € at the café. Ça va ? À 10 °C", "Ünï 💥 cöde ★"])
    assert not matches(column, PROOF).any()
    assert not matches(column, repair_rules(RepairSettings())[0].proof[0]).any()


def test_what_is_evidence_of_damage_is_not_removed_while_a_text_is_suspect() -> None:
    (hyphens,) = [r for r in symbol_rules(SymbolSettings()) if r.id == "symbols.soft-hyphen"]
    spared = sparing_evidence(hyphens, RepairSettings())
    suspect, sound = "Dr\xc3\xa5ber – Tågen wa\xadter", "Tågen wa\xadter"
    assert [change.text for change in hyphens.apply(suspect)] == [suspect.replace("\xad", "")]
    assert list(spared.apply(suspect)) == []
    assert [change.text for change in spared.apply(sound)] == ["Tågen water"]


def test_controls_that_nothing_explains_stay_and_are_counted() -> None:
    text = "blo\x82x gri\x84v sna\x82k"
    after, _ = normalize_text(text, NormalizeSettings())
    assert after == text
    assert normalize_column(pa.array([text]), NormalizeSettings())[1].by_rule() == {"encoding.suspect": 3}


@settings(deadline=None, max_examples=15)
@given(values=st.lists(damaged(), min_size=1, max_size=6))
def test_the_rule_does_what_repair_does(values: list[Any]) -> None:
    (rule,) = repair_rules(RepairSettings())
    column, findings = repair_column(pa.array(values, pa.string()), RepairSettings())
    counted = Findings()
    for row, (text, alone, together) in enumerate(zip(values, map(rule.apply, values), rule.run(values), strict=True)):
        assert list(alone) == list(together)
        assert (
            ([text] + [change.text for change in together])[-1]
            == column[row].as_py()
            == repair_text(text, RepairSettings())[0]
        )
        for change in together:
            counted.add(row, change.rule, change.count)
    assert _without_suspects(counted) == _without_suspects(findings)


def _without_suspects(findings: Iterable[tuple[int, str, int]]) -> list[tuple[int, str, int]]:
    return [(row, rule, count) for row, rule, count in findings if rule != "encoding.suspect"]


def test_a_long_document_is_repaired_in_the_same_blocks_alone_and_in_a_column() -> None:
    (rule,) = repair_rules(RepairSettings())
    text = "DobrÃ½ den, tady je poÅ¡ta. Jen jeden Å™Ã¡dek.\n" * 4000 + "Plain words stand here.\n" * 4000
    short = "cafÃ© dÃ©jÃ\xa0 vu"
    assert rule.run([short, text, short]) == [list(rule.apply(value)) for value in (short, text, short)]
    assert list(next(iter(rule.run([text]))))[-1].text.startswith("Dobrý den, tady je pošta. Jen jeden řádek.\nDobrý")
    assert candidate_rows(pa.array([short, text, "ok"]), RepairSettings()).tolist() == [True, True, False]


@pytest.mark.parametrize("size", [1, 1 << 16, 1 << 18])
def test_groups_of_any_size_are_repaired_alike(size: int) -> None:
    (rule,) = repair_rules(RepairSettings())
    values = ["voilÃ\xa0 le cafÃ©", "x" * size, "πŸ’₯πŸ’₯", "", "sound"]
    made = [[change.text for change in changes] for changes in rule.run(values)]
    assert made == [["voilà le café"], [], ["💥💥"], [], []]
