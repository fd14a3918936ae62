import pytest

from corpusmill.transforms.kernels.cleaning.rules import Rule
from corpusmill.transforms.kernels.cleaning.symbols import invisible


def changed(rule: Rule, text: str) -> tuple[str, int]:
    changes = list(rule.apply(text))
    return (changes[-1].text, changes[-1].count) if changes else (text, 0)


@pytest.mark.parametrize(
    ("rule", "text", "after", "count"),
    [
        (invisible.order_marks(), "b\ufeffo\u2060m", "bom", 2),
        (invisible.soft_hyphens(), "syl\u00adla\u00adble", "syllable", 2),
        (invisible.soft_hyphens(), "1939\u00ad1945", "1939-1945", 1),
        (invisible.soft_hyphens(), "hyphen\u00ad\nated", "hyphenated", 1),
        (invisible.zero_width(), "in\u200bvis\u200cible", "invisible", 2),
        (invisible.zero_width(), "می\u200c\u200cروم", "می\u200cروم", 1),
        (invisible.variation_selectors(), "x\ufe0f and ❤\ufe0f\ufe0f", "x and ❤\ufe0f", 2),
        (invisible.tags(), "see\U000e0053\U000e0045 this", "see this", 1),
        (invisible.bidi_controls("unpaired"), "file\u202efdp.exe", "filefdp.exe", 1),
        (invisible.bidi_controls("unpaired"), "אב \u202bג\u202c \u202e", "אב \u202bג\u202c ", 1),
        (invisible.bidi_controls("strip"), "א\u2067b\u2069", "אb", 2),
    ],
)
def test_residue_is_removed_and_counted(rule: Rule, text: str, after: str, count: int) -> None:
    assert changed(rule, text) == (after, count)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (invisible.zero_width(), "نمی\u200cدانم and ខ្ញុំ\u200bស្រឡាញ់ and 👩\u200d👦"),
        (invisible.variation_selectors(), "☎\ufe0f and ☂\ufe0e"),
        (invisible.tags(), "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"),
        (invisible.bidi_controls("unpaired"), "מחיר: \u200e50\u200f \u2068note\u2069"),
    ],
)
def test_what_a_script_or_an_emoji_needs_stays(rule: Rule, text: str) -> None:
    assert changed(rule, text) == (text, 0)


def test_scripts_are_told_apart() -> None:
    assert ord("ن") in invisible.joining()
    assert ord("a") not in invisible.joining()
    assert ord("ខ") in invisible.spaceless()
    assert ord("漢") not in invisible.spaceless()
    assert invisible.pictographs() < invisible.ends_of_pictographs()
