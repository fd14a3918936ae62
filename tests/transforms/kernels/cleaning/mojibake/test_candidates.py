"""The proof that a text has nothing to repair, and the blocks of long texts."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.transforms.kernels.cleaning.mojibake.candidates import BLOCK, candidate_rows, damaged_lines, pieces
from corpusmill.transforms.kernels.cleaning.mojibake.repair import repair_text
from corpusmill.transforms.kernels.cleaning.mojibake.settings import RepairSettings

SETTINGS = RepairSettings()
PIECES = st.sampled_from(["ab ", "\n", "é", "Ã©", "πŸ’₯", "漢字", "Привет", "Ïðèâåò", "â€", "�", "  ", "x" * 50])


@given(texts=st.lists(st.none() | st.lists(PIECES, max_size=8).map("".join), max_size=5))
@settings(deadline=None, max_examples=60)
def test_a_row_that_is_no_candidate_comes_out_as_it_is(texts: list[str | None]) -> None:
    rows = candidate_rows(pa.array(texts, pa.string()), SETTINGS)
    assert len(rows) == len(texts)
    for text, candidate in zip(texts, rows.tolist(), strict=True):
        assert candidate or text is None or repair_text(text, SETTINGS) == (text, [], 0)


def test_damage_makes_a_row_a_candidate_and_plain_texts_are_none() -> None:
    texts = ["plain", None, "", "dÃ©jÃ\xa0 vu", "déjà vu", "Boom πŸ’₯", "漢字の本", "x" * 300_000 + "dÃ©jÃ\xa0 vu"]
    assert candidate_rows(pa.array(texts), SETTINGS).tolist() == [False, False, False, True, False, True, False, True]
    off = RepairSettings(wide=False, ftfy=False, lossy=False, multibyte=False, reverse=False)
    assert not candidate_rows(pa.array(texts), off).any()


def test_a_slice_of_a_column_has_its_own_rows() -> None:
    column = pa.array(["dÃ©jÃ\xa0 vu", "plain", "Boom πŸ’₯", None], pa.large_string())
    whole = candidate_rows(column, SETTINGS).tolist()
    assert candidate_rows(column[1:], SETTINGS).tolist() == whole[1:]


@given(parts=st.lists(st.sampled_from(["a" * 9_000, "é" * 9_000, "\n", "漢" * 20_000, "b\n" * 4_000]), max_size=8))
@settings(deadline=None, max_examples=30)
def test_blocks_are_the_text_cut_at_line_ends_or_behind_ascii(parts: list[str]) -> None:
    text = "".join(parts)
    blocks = pieces(text)
    assert "".join(blocks) == text
    assert all(0 < len(block) <= BLOCK for block in blocks[:-1])
    for block in blocks[:-1]:
        assert block.endswith("\n") or "\n" not in block
        assert block[-1] <= "\x7f" or all(char > "\x7f" for char in block[BLOCK // 2 + 1 :])


def test_the_lines_that_ftfy_might_mend_are_found() -> None:
    assert damaged_lines("plain\ndÃ©jÃ\xa0\n\ndéjà\nvoilÃ  tout") == [1, 4]
    assert damaged_lines("") == []
