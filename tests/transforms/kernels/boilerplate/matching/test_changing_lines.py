import numpy as np
import pyarrow as pa

from corpusmill.transforms.kernels.boilerplate.lines.lines import line_keys, split_lines
from corpusmill.transforms.kernels.boilerplate.matching.changing_lines import (
    ENDING,
    LABEL,
    OPENING,
    find_gaps,
    find_labels,
    find_slots,
)
from corpusmill.transforms.kernels.boilerplate.matching.rule_table import rule_table
from corpusmill.transforms.kernels.boilerplate.matching.sequence import PROSE, Sequence, sequence


def look(lines: list[str]) -> Sequence:
    return sequence(split_lines(pa.array(["\n".join(lines)])), rule_table())


def parts(*lines: str) -> set[tuple[int, str]]:
    seq = look(list(lines))
    slots = find_slots(seq, np.arange(len(seq.row)))
    return set(zip(slots.kind.tolist(), slots.part.to_pylist(), strict=True))


def test_first_and_last_words_and_labels_are_the_fixed_parts_of_slots() -> None:
    assert parts("By Ida Falk, Valley Correspondent") == {(OPENING, "By"), (ENDING, "Correspondent")}
    assert parts("Veröffentlicht am 3. Mai 2020") == {(OPENING, "Veröffentlicht")}
    assert parts("12 voices") == {(ENDING, "voices")}
    assert (LABEL, "Baca juga") in parts("Baca juga: Bendungan baru di utara")


def test_sentences_figures_and_single_words_have_no_slots() -> None:
    assert parts("He went to the mill.", "“Never again!”", "Share 0.5 of 3.7", "Contact", "x" * 200) == set()


def test_what_stands_behind_a_label_can_be_looked_up_as_a_line() -> None:
    seq = look(["Read on: The weir", "関連記事：水門", "12:30 and later on at the mill"])
    labels = find_labels(seq, np.arange(len(seq.row)))
    assert labels.part.to_pylist()[:2] == ["Read on", "関連記事"]
    assert labels.rest[:2].tolist() == line_keys(["The weir", "水門"]).tolist()


def gaps(lines: list[str], site: set[str]) -> list[int]:
    seq = look(lines)
    mask = np.array([text in site for text in seq.lines.texts(seq.line).to_pylist()], bool)
    found: list[int] = find_gaps(seq, mask, seq.size >= PROSE).size.tolist()
    return found


def test_runs_of_own_lines_between_lines_of_the_site_are_counted() -> None:
    site = {"More", "About us", "Terms"}
    assert gaps(["More", "The weir", "The mill", "", "About us", "Terms"], site) == [2, 0]
    assert gaps(["More", "They said that the mill would stand for ever.", "About us"], site) == [-1]
    assert gaps(["More", *"abcdefghijklmno", "About us"], site) == [-1]
    assert gaps(["The weir"], site) == []
