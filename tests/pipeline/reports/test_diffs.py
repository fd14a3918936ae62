"""Diffs show what changed and where, short, and nothing that a terminal would obey."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from corpusmill.reports.diffs import ADDED, REMOVED, SAME, SKIPPED, Line, diff_texts, draw, excerpts, lines_in_place


def test_a_change_in_a_long_line_is_shown_with_a_little_around_it() -> None:
    before, after = "a" * 500 + "πŸ’₯" + "b" * 500, "a" * 500 + "💥" + "b" * 500
    assert excerpts(before, after) == ("…" + "a" * 40 + "πŸ’₯" + "b" * 40 + "…", "…" + "a" * 40 + "💥" + "b" * 40 + "…")


def test_changed_lines_carry_their_numbers_in_both_texts() -> None:
    assert diff_texts("one\ntwo\nthree", "one\nTwo\nthree", 9) == [Line(REMOVED, 2, "two"), Line(ADDED, 2, "Two")]
    assert diff_texts("a\n\nb", "a\nb", 9) == [Line(REMOVED, 2, "")]


def test_what_is_beyond_the_limit_is_counted() -> None:
    before, after = "\n".join("abcdefgh"), "\n".join("ABCDEFGH")
    assert diff_texts(before, after, 6)[-1] == Line(SKIPPED, 0, "and 10 more changed lines")


def test_blocks_too_long_to_compare_still_give_a_diff() -> None:
    before = "\n".join(f"line {k}" for k in range(50_000))
    shown = diff_texts(before, before.replace("line", "row"), 4)
    assert shown[0] == Line(REMOVED, 1, "line 0")
    assert shown[-1].mark == SKIPPED


def test_removed_lines_stand_between_the_lines_that_stay() -> None:
    text = "Title\n\nThe ferry leaves at nine.\n\nGet link\nFacebook\n\nThe pier is closed."
    shown = lines_in_place(
        text, [(4, "boilerplate.share-block", "Get link"), (5, "boilerplate.share-block", "Facebook")], 9
    )
    assert [(line.mark, line.number, line.text) for line in shown] == [
        (SAME, 3, "The ferry leaves at nine."),
        (REMOVED, 5, "Get link"),
        (REMOVED, 6, "Facebook"),
        (SAME, 8, "The pier is closed."),
    ]


def test_removed_lines_are_shown_where_the_text_is_not_known() -> None:
    shown = lines_in_place("", [(4, "x.y", "Get link"), (9, "x.y", "Email")], 1)
    assert shown == [Line(REMOVED, 5, "Get link", "x.y"), Line(SKIPPED, 0, "and 1 more")]


@settings(deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_the_marked_lines_make_both_texts(before: Any, after: Any) -> None:
    """Short lines are shown whole, so the changed ones can be counted."""
    shown = diff_texts(before, after, 1000)
    kept = [line for line in shown if line.mark in {REMOVED, ADDED}]
    assert bool(kept) == (before != after)
    removed = sum(line.mark == REMOVED for line in kept)
    added = sum(line.mark == ADDED for line in kept)
    assert added - removed == after.count("\n") - before.count("\n")


@settings(deadline=None)
@given(st.text(max_size=300), st.integers(30, 120))
def test_no_line_is_wider_than_the_terminal_and_no_control_is_left(text: Any, width: Any) -> None:
    drawn = draw(
        [Line(REMOVED, 1, line, "a.rule") for line in (shown for shown, _ in [excerpts(text, None)])], 3, width
    )
    assert all(character.isprintable() or character in "\n\t" for character in drawn.plain)


def test_wrapped_lines_hang_below_their_beginning() -> None:
    drawn = draw([Line(REMOVED, 7, "word " * 20, "a.rule")], 3, 40).plain.rstrip("\n").split("\n")
    assert drawn[0].startswith("   7 - word")
    assert all(line.startswith(" " * 7 + "word") or "a.rule" in line for line in drawn[1:])
    assert max(map(len, drawn)) <= 40
