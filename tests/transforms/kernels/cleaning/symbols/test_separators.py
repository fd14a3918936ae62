import pytest

from corpusmill.transforms.kernels.cleaning.rules import Rule
from corpusmill.transforms.kernels.cleaning.symbols.separators import separators


def after(rule: Rule, text: str) -> str:
    changes = list(rule.apply(text))
    return changes[-1].text if changes else text


@pytest.mark.parametrize("line", ["◆◇◆◇◆◇", "━━━━━━━━", "✿ ✿ ✿", "➖➖➖➖➖"])
def test_a_line_of_ornaments_gives_way_to_what_is_asked_for(line: str) -> None:
    text = f"One.\n{line}\nTwo."
    assert after(separators(3, "", ascii_lines=False), text) == "One.\n\nTwo."
    assert after(separators(3, "***", ascii_lines=False), text) == "One.\n***\nTwo."
    assert after(separators(100, "", ascii_lines=False), text) == text


def test_a_pattern_of_ascii_symbols_has_a_least_length_of_its_own() -> None:
    rule = separators(100, "", ascii_lines=False)
    assert after(rule, "One.\n-=-=-=-=-=-\nTwo.") == "One.\n\nTwo."
    assert after(rule, "One.\n-=-=-=\nTwo.") == "One.\n-=-=-=\nTwo."


@pytest.mark.parametrize(
    "text",
    [
        "One.\n★★★☆☆\nTwo.",
        "Title\n=====\nText\n-----",
        "Name    Value\n──────  ──────\nx       1",
        "┏━━━┓\n┃ a ┃\n┗━━━┛",
        "gains / issues\n──────────────\nlosses / issues",
        "```\n★★★★★★★★\n```",
    ],
)
def test_ratings_headings_tables_and_code_stay(text: str) -> None:
    assert after(separators(3, "", ascii_lines=False), text) == text


def test_lines_of_ascii_symbols_count_on_request() -> None:
    text = "a\n\n+ + + +\n\nb"
    assert after(separators(3, "", ascii_lines=False), text) == text
    assert after(separators(3, "", ascii_lines=True), text).replace("\n", "") == "ab"
