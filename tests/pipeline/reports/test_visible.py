import pytest

from corpusmill.reports.visible import visible, visible_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, with é and 💥", "plain, with é and 💥"),
        ("a\x1b[2Jb", "a<U+001B>[2Jb"),
        ("a\tb\r", "a\tb<U+000D>"),
        ("in\u200bvisible \u202e", "in<U+200B>visible <U+202E>"),
        ("a\nb", "a<U+000A>b"),
    ],
)
def test_what_a_terminal_would_obey_is_spelled(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_lines_stay_lines() -> None:
    assert visible_lines("a\n\x07\n") == "a\n<U+0007>\n"
