import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.boilerplate.lines.folded_lines import AFFIX_LETTERS, MAX_KEY_BYTES
from corpusmill.transforms.kernels.boilerplate.lines.folding import fold_line
from corpusmill.transforms.kernels.boilerplate.lines.lines import line_affixes, line_keys, split_lines

TEXTS = st.lists(
    st.text(st.sampled_from("aAbé\u0301ßﬁ0123٣x ½가か゛が漢💥\u200d,.-\n\r\t\u00a0Ÿ"), max_size=60) | st.none(),
    max_size=8,
)


def brute_lines(texts: list[str | None]) -> list[tuple[int, str]]:
    return [(row, line) for row, text in enumerate(texts) for line in (text or "").split("\n")]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
@given(texts=TEXTS, extra=st.integers(0, 2))
@settings(deadline=None, max_examples=60)
def test_lines_are_those_of_split_whatever_the_slice(kind: pa.DataType, texts: list[str | None], extra: int) -> None:
    column = pa.array(["before\nit"] * extra + texts + ["after"] * extra, kind).slice(extra, len(texts))
    lines = split_lines(column)
    expected = brute_lines(texts)
    assert [(int(lines.row[k]), lines.text(k)) for k in range(len(lines))] == expected
    assert lines.first.tolist() == np.searchsorted([row for row, _ in expected], range(len(texts) + 1)).tolist()
    chosen = np.arange(0, len(lines), 2)
    assert lines.texts(chosen).to_pylist() == [line for _, line in expected][::2]


@given(texts=TEXTS)
@settings(deadline=None, max_examples=50)
def test_keys_are_equal_exactly_where_folded_lines_are(texts: list[str | None]) -> None:
    lines = split_lines(pa.array(texts, pa.string()))
    seen: dict[str, int] = {}
    for k, (_, line) in enumerate(brute_lines(texts)):
        folded = fold_line(line)
        assert lines.size[k] == len(folded)
        assert seen.setdefault(folded, int(lines.key[k])) == lines.key[k]
    assert len(set(seen.values())) == len(seen)
    assert seen.get("", 0) == 0


@given(texts=TEXTS)
@settings(deadline=None, max_examples=50)
def test_heads_and_tails_are_those_of_the_folded_line(texts: list[str | None]) -> None:
    found = [fold_line(line) for _, line in brute_lines(texts)]
    lines = split_lines(pa.array(texts, pa.string()))
    for side, part in ((lines.head, slice(AFFIX_LETTERS)), (lines.tail, slice(-AFFIX_LETTERS, None))):
        seen: dict[str, int] = {}
        for k, folded in enumerate(found):
            if len(folded) < AFFIX_LETTERS:
                assert side[k] == 0
            else:
                assert seen.setdefault(folded[part], int(side[k])) == side[k] != 0
        assert len(set(seen.values())) == len(seen)
    if found:
        heads, tails = line_affixes([line.replace("\n", "") for _, line in brute_lines(texts)])
        assert heads.tolist() == lines.head.tolist()
        assert tails.tolist() == lines.tail.tolist()


@given(texts=TEXTS, cut=st.integers(0, 8))
@settings(deadline=None, max_examples=50)
def test_keys_do_not_depend_on_the_batch(texts: list[str | None], cut: int) -> None:
    column = pa.array(texts, pa.string())
    whole, parts = split_lines(column), [split_lines(column[:cut]), split_lines(column[cut:])]
    assert whole.key.tolist() == [key for part in parts for key in part.key.tolist()]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Get link", "💥 GET-LINK! 💥"),
        ("Correo electrónico", "correo electro\u0301nico"),
        ("12 comments", "3 Comments:"),
        ("1,234 shares", "7 shares"),
        ("ＢｌｏｇＴｈｉｓ！", "BlogThis!"),
        ("Straße", "STRASSE"),
        ("٣ تعليقات", "5 تعليقات"),
        ("ﬁne", "fine"),
    ],
)
def test_case_accents_width_punctuation_and_numbers_do_not_part_lines(one: str, other: str) -> None:
    assert line_keys([one])[0] == line_keys([other])[0] != 0


@pytest.mark.parametrize(
    ("one", "other"), [("Get link", "Get links"), ("が", "か"), ("नी", "ना"), ("a1b", "ab1"), ("ab", "ba")]
)
def test_other_letters_part_lines(one: str, other: str) -> None:
    assert line_keys([one])[0] != line_keys([other])[0]


def test_keys_are_the_same_for_ever() -> None:
    # They are stored in tables of learned lines.
    assert line_keys(["Get link", "Älterer Post", "0"]).tolist() == PINNED


PINNED = [33219797558694378, 7739276715750359151, 17293824336440362619]


def test_long_lines_have_no_key_and_lines_of_symbols_have_size_zero() -> None:
    lines = split_lines(pa.array(["x" * (MAX_KEY_BYTES + 1) + "\n*** 💥 ***\n" + "y" * MAX_KEY_BYTES]))
    assert lines.size.tolist() == [-1, 0, MAX_KEY_BYTES]
    assert [key != 0 for key in lines.key.tolist()] == [False, False, True]


def test_lines_of_ligatures_that_fold_to_many_letters_are_hashed_as_well() -> None:
    line = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * (MAX_KEY_BYTES // 3)
    lines = split_lines(pa.array(["\n".join([line] * 1200 + ["a"])]))
    assert len(set(lines.key[:1200].tolist())) == 1
    assert lines.key[-1] == line_keys(["a"])[0]


def test_single_lines_are_checked() -> None:
    with pytest.raises(ValueError, match="newline"):
        line_keys(["a\nb"])
