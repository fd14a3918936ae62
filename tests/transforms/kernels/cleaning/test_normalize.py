"""Laws of normalization: the column path is the plain path, explanations replay, twice is once, proofs are sound."""

import unicodedata
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.mojibake import RepairSettings
from corpusmill.transforms.kernels.cleaning.mojibake.codecs import NAMES
from corpusmill.transforms.kernels.cleaning.no_op_proofs import matches
from corpusmill.transforms.kernels.cleaning.normalize import (
    NormalizeSettings,
    normalize_column,
    normalize_text,
    rules_of,
)
from tests.benchmarks.texts import read_through
from tests.sentences import SENTENCES

WITHOUT_REPAIR = RepairSettings(wide=False, ftfy=False, lossy=False, multibyte=False)
DEFAULT = NormalizeSettings()
PLAIN = NormalizeSettings(repair=WITHOUT_REPAIR)
EVERYTHING = NormalizeSettings.model_validate(
    {
        "repair": WITHOUT_REPAIR,
        "symbols": {
            "bidi": "strip",
            "replacement_character": "strip",
            "shortcodes": "emojize",
            "emoji_mixed_run": 4,
            "regional_indicators": "strip",
            "elongation": "collapse",
            "ascii_separators": True,
        },
        "whitespace": {"inner_blanks": "collapse", "no_break_space": "space"},
        "controls": {"next_line": "line-end"},
        "entities": {"twice_escaped": True},
        "escapes": {"quoted_printable": True, "unicode_escapes": True},
    }
)
STRIPPED = NormalizeSettings.model_validate(
    {"repair": WITHOUT_REPAIR, "symbols": {"emoji": "strip", "separators": "rule"}, "unicode_form": "none"}
)
DESCRIBED = NormalizeSettings.model_validate(
    {"repair": WITHOUT_REPAIR, "symbols": {"emoji": "describe", "zalgo": "keep"}, "whitespace": {"max_blank_lines": 2}}
)
ALL_SETTINGS = [DEFAULT, PLAIN, EVERYTHING, STRIPPED, DESCRIBED]

# One of everything that some rule looks at, and what is beside it in real text.
PIECES = [
    *"aZé ,.;:!?-_=*#<>|&\"'`()~^+/\\0159\t\n\r\v\f",
    *("word", "ещё", "σας", "می", "خواهم", "क", "्", "ষ", "ไทย", "ខ្មែរ", "漢字", "שלום", "한글", "བོད"),
    *("&amp;", "&lt;", "&amp;amp;", "&#8217;", "&#x1F4A5;", "&NTILDE;", "&nosuch;", "lt;", "amp;", "&#38;", "<b>", "`"),
    *("\x00", "\x07", "\b", "\x1b", "\x1b[31m", "_\ba", "a\ba", "\x7f", "\x81", "\x85", "\x92", "\x9d"),
    *("\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u202e", "\u202c", "\u2066", "\u2069", "\u061c", "\u2060"),
    *("\ufeff", "\u00ad", "\u2028", "\u2029", "\ufe0e", "\ufe0f", "\ufff9", "\ufffc", "\ufffd", "\ufffe", "\u206a"),
    *(
        "\uf09a",
        "\ue000",
        "\uf8ff",
        "\U000f0000",
        "\U000e0041",
        "\U000e007f",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065",
    ),
    *(
        "💥",
        "👍",
        "🏽",
        "👨\u200d👩\u200d👧",
        "👩\u200d💻",
        "🇫🇷",
        "🇫",
        "1\ufe0f\u20e3",
        "❤\ufe0f",
        "☀",
        "⭐",
        "★",
        "☆",
        "⬛",
        "©",
    ),
    *("💥" * 7, "👍🏽" * 6, "🇫" * 9, ":fire:", ":collision:", "★★★★☆", "═══════", "►►►", "┌──┐", "│ a │", "☆.。.:*"),
    *("𝓯𝓪𝓷𝓬𝔂", "𝗕", "ⓐⓑⓒ", "🅐🅑🅒", "🅰", "𝑥", "ｆｕｌｌ", "½", "ﬁ", "Å", "\u1f71", "\u0958", "\u0344"),
    *(
        "\u0301",
        "\u0316",
        "\u0327",
        "\u0345",
        "\u0301" * 5,
        "\u05b0",
        "\u064b",
        "\u0e48",
        "\u093c",
        "\u0f71",
        "\u3099",
        "か",
    ),
    *(
        "ᄀ",
        "ᅡ",
        "ᆨ",
        "!!!!!!!",
        "??????",
        "......",
        "！！！！！！",
        "https://",
        "www.",
        "```",
        "~~~",
        "    ",
        "  ",
        "\n\n\n\n",
    ),
    *("ﬀ", "deﬁne", "ﬁ eld", "/uniFB01", "\ufebb\ufee0\ufea2", "\ufe91", "\ufead", "´", "¨", "˜", "ˆ", "¸", "Am´erica"),
    *(
        "\uf03d",
        " \uf0b1 2",
        "x \uf03d 5",
        "\n\uf0b7 ",
        "de\x00ne",
        "=C3=A9",
        "=\n",
        "=20",
        "\\u00e9",
        "\\ud83d",
        "&amp;lt;",
    ),
    *("\u00a0", "\u3000", "\u2003", "---", "***", "====", "soooo", "\U0001d165", "\U0001e8d0", "\U00016ac0"),
]
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=14).map("".join)
columns = st.lists(st.one_of(st.none(), texts), max_size=12)

# Small columns are not worth a proof; with these the proofs are asked.
FILLER = ["Plain words stand here." * 5000, "Здесь стоят слова." * 4000]


@pytest.mark.parametrize("configuration", ALL_SETTINGS)
@settings(deadline=None, max_examples=25)
@given(values=columns, filler=st.sampled_from([[], FILLER]))
def test_the_column_path_equals_the_plain_path_row_by_row(
    configuration: Any, values: list[str | None], filler: Any
) -> None:
    column, findings = normalize_column(pa.array(values + filler, pa.string()), configuration)
    plain = [(None, []) if value is None else normalize_text(value, configuration) for value in values]
    assert column.to_pylist() == [text for text, _ in plain] + filler
    counted = {(row, rule): count for row, rule, count in findings if rule != "encoding.suspect"}
    expected: dict[tuple[int, str], int] = {}
    for row, (_, steps) in enumerate(plain):
        for step in steps:
            expected[row, step.rule] = expected.get((row, step.rule), 0) + step.count
    assert counted == expected


@pytest.mark.parametrize("configuration", ALL_SETTINGS)
@settings(deadline=None, max_examples=60)
@given(text=texts)
def test_cleaning_twice_equals_cleaning_once(configuration: Any, text: str) -> None:
    once, _ = normalize_text(text, configuration)
    again, steps = normalize_text(once, configuration)
    assert (again, steps) == (once, [])


LOSSES = [("\x81", "\ufffd"), ("\xa0", " "), ("”", '"'), ("’", "'"), ("Ð", "?"), ("\x8f", ""), ("a", "a")]


@settings(deadline=None, max_examples=150)
@given(
    parts=st.lists(
        st.tuples(
            st.sampled_from(sorted(SENTENCES)),
            st.sampled_from([None, *NAMES]),
            st.integers(1, 2),
            st.sampled_from(LOSSES),
            st.integers(5, 90),
        ),
        min_size=1,
        max_size=4,
    ),
    joint=st.sampled_from([" ", "\n", "", "“ ", "&amp;"]),
    reverse=st.booleans(),
)
def test_cleaning_damaged_text_of_any_script_twice_equals_cleaning_it_once(
    parts: list[tuple[Any, Any, int, Any, int]], joint: str, reverse: bool
) -> None:
    pieces = []
    for language, codec, times, (before, after), length in parts:
        piece = SENTENCES[language][:length]
        for _ in range(times if codec else 0):
            piece = read_through(piece, codec)
        pieces.append(piece.replace(before, after))
    configuration = NormalizeSettings(repair=RepairSettings(reverse=reverse))
    once, _ = normalize_text(joint.join(pieces), configuration)
    assert normalize_text(once, configuration) == (once, [])


@pytest.mark.parametrize("configuration", ALL_SETTINGS)
@settings(deadline=None, max_examples=40)
@given(text=texts)
def test_an_explanation_replays_the_cleaning(configuration: Any, text: str) -> None:
    result, steps = normalize_text(text, configuration)
    for step in steps:
        assert step.before == text
        assert step.after != text
        assert step.count > 0
        text = step.after
    assert text == result


@pytest.mark.parametrize("configuration", ALL_SETTINGS)
@settings(deadline=None, max_examples=12)
@given(values=st.lists(texts, min_size=10, max_size=60))
def test_a_rule_leaves_alone_what_its_proof_clears(configuration: Any, values: list[str]) -> None:
    column = pa.array(values, pa.string())
    for rule in rules_of(configuration):
        suspected = rule.suspects(column) if rule.suspects else np.ones(len(values), dtype=bool)
        for pattern in rule.proof:
            suspected &= matches(column, pattern)
        for text in np.array(values, dtype=object)[~suspected]:
            assert not list(rule.apply(text)), rule.id


@settings(deadline=None, max_examples=60)
@given(text=texts.map(lambda text: text.encode("ascii", "ignore").decode()))
def test_rules_for_other_characters_leave_ascii_alone(text: Any) -> None:
    for configuration in ALL_SETTINGS:
        for rule in rules_of(configuration):
            if not rule.ascii:
                assert not list(rule.apply(text)), rule.id


@settings(deadline=None, max_examples=25)
@given(values=st.lists(texts, min_size=2, max_size=8), cut=st.integers(1, 7))
def test_batches_do_not_matter(values: list[str], cut: int) -> None:
    whole, findings = normalize_column(pa.array(values, pa.string()), DEFAULT)
    head, first = normalize_column(pa.array(values[:cut], pa.string()), DEFAULT)
    tail, second = normalize_column(pa.array(values[cut:], pa.string()), DEFAULT)
    assert whole.to_pylist() == head.to_pylist() + tail.to_pylist()
    start = len(values[:cut])
    assert list(findings) == [*first, *((row + start, rule, count) for row, rule, count in second)]


@settings(deadline=None, max_examples=100)
@given(text=texts)
def test_the_result_is_composed(text: str) -> None:
    result, _ = normalize_text(text, PLAIN)
    assert result == unicodedata.normalize("NFC", result)


def test_a_slice_with_nulls_is_normalized_like_its_copy() -> None:
    column = pa.array([" a \n", None, "ok", "b\u0301 \n"], pa.string()).slice(1)
    result, findings = normalize_column(column, DEFAULT)
    assert result.to_pylist() == [None, "ok", "b\u0301"]
    assert [(row, rule) for row, rule, _ in findings] == [(2, "whitespace.strip-line-ends"), (2, "whitespace.trim")]


def test_large_strings_keep_their_type() -> None:
    result, _ = normalize_column(pa.array(["a \n"], pa.large_string()), DEFAULT)
    assert result.type == pa.large_string()


def test_an_empty_column_stays_empty() -> None:
    result, findings = normalize_column(pa.array([], pa.string()), DEFAULT)
    assert len(result) == 0
    assert len(findings) == 0


def test_a_disabled_normalization_changes_nothing() -> None:
    text = "\ufeffa &amp; b!!!!!! \r\n"
    assert normalize_text(text, NormalizeSettings(enabled=False)) == (text, [])


def test_the_order_of_the_stages_is_fixed() -> None:
    stages = [rule.id.split(".")[0] for rule in rules_of(EVERYTHING)]
    assert list(dict.fromkeys(stages)) == ["encoding", "controls", "symbols", "whitespace", "unicode"]
    encoding = [rule.id for rule in rules_of(EVERYTHING) if rule.id.startswith("encoding.")]
    assert encoding == [
        "encoding.replace-surrogates",
        "encoding.decode-quoted-printable",
        "encoding.decode-unicode-escapes",
        "encoding.decode-entities",
        "encoding.repair-mojibake",
        "encoding.decode-c1",
    ]


def test_repair_comes_before_c1_controls_are_read() -> None:
    # Read through ISO-8859-7, three bytes of the emoji show as C1 controls that windows-1252 would rename.
    text = "A fine day " + "💥".encode().decode("iso8859-7") * 3
    assert normalize_text(text, DEFAULT)[0] == "A fine day 💥💥💥"


def test_the_model_case_is_restored() -> None:
    text = "it’s a “day” πŸ’₯πŸ’₯πŸ’₯"
    result, steps = normalize_text(text, DEFAULT)
    assert result == "it’s a “day” 💥💥💥"
    assert [step.rule for step in steps] == ["encoding.repair-mojibake"]
    assert "iso8859-7" in steps[0].detail


def test_entities_are_decoded_before_repair() -> None:
    assert (
        normalize_text("caf&Atilde;&copy; is where the caf&Atilde;&copy; is", DEFAULT)[0] == "café is where the café is"
    )


def test_every_rule_has_an_id_of_its_stage_and_a_reason() -> None:
    for configuration in ALL_SETTINGS:
        ids = [rule.id for rule in rules_of(configuration)]
        assert len(set(ids)) == len(ids)
        for rule in rules_of(configuration):
            assert rule.id == rule.id.lower()
            assert rule.why.endswith(".")


@pytest.mark.parametrize(
    "bomb",
    [
        "&" * 300_000,
        "&amp;" * 60_000,
        "&#x" * 100_000,
        "x" + " " * 300_000 + "y",
        "\n" * 300_000,
        "\t " * 150_000 + "\ny",
        "!" * 300_000,
        "e" + "\u0301" * 100_000,
        "a" + "\u0323\u0301\u0327" * 60_000,
        "क" + "\u093c\u094d" * 60_000,
        "👨\u200d" * 60_000,
        "💥" * 100_000,
        "🇫" * 100_001,
        "\u202e" * 100_000 + "שx",
        "★ " * 100_000,
        "\uf09a " * 100_000,
        "𝓯" * 100_000,
        "`" * 200_001,
        "http://" + "a!!!!" * 50_000,
        "a\b" * 100_000,
        "\x1b[" * 100_000,
        "\u00ad" * 200_000,
        "\u200d" * 200_000,
        "\ufffd" * 200_000,
        "é" * 200_000,
        "Ã" * 200_000,
        "Ãƒâ€š" * 30_000,
        "Ñ\ufffd Ð" * 50_000,
        "ﬁ eld " * 50_000,
        "/uniFB01 " * 40_000,
        "\ufebb\ufee0" * 100_000,
        "\u064b" * 300_000 + "\ufebb",
        "m´e" * 100_000,
        "´" * 200_000,
        "1 \uf03d " * 60_000,
    ],
    ids=lambda bomb: ascii(bomb[:6]),
)
def test_hostile_text_is_settled_in_one_piece_and_stays_settled(bomb: str) -> None:
    result, _ = normalize_column(pa.array([bomb], pa.string()), DEFAULT)
    again, findings = normalize_column(result, DEFAULT)
    assert again.equals(result)
    assert findings.by_rule().keys() <= {"encoding.suspect"}  # what was left alone is left alone again
