import pytest

from corpusmill.transforms.kernels.cleaning.rules import Rule
from corpusmill.transforms.kernels.cleaning.symbols import emoji_clusters as emoji

FAMILY = "👨\u200d👩\u200d👧"


def after(rule: Rule, text: str) -> str:
    changes = list(rule.apply(text))
    return changes[-1].text if changes else text


@pytest.mark.parametrize(
    ("cluster", "wanted"), [("🎈", True), (FAMILY, True), ("❤\ufe0f", True), ("❤", False), ("5", False), ("🇫🇷", True)]
)
def test_a_cluster_is_an_emoji_if_it_is_shown_as_one(cluster: str, wanted: bool) -> None:
    assert emoji.is_emoji(cluster) == wanted


@pytest.mark.parametrize("cluster", ["🎈", FAMILY, "👏🏾", "🇯🇵", "❤"])
def test_long_runs_of_one_cluster_become_three(cluster: str) -> None:
    rule = emoji.collapse_runs(6)
    assert after(rule, f"a {cluster * 6} b") == f"a {cluster * 3} b"
    assert after(rule, f"a {cluster * 5} b") == f"a {cluster * 5} b"


@pytest.mark.parametrize("text", ["🟩" * 9, "⭐" * 10, "5\ufe0f\u20e3" * 6])
def test_pieces_stars_and_keys_that_count_something_stay(text: str) -> None:
    assert after(emoji.collapse_runs(6), text) == text


def test_emoji_are_named_removed_and_bounded_as_whole_clusters() -> None:
    assert after(emoji.describe_all("en"), f"a {FAMILY} b") == "a :family_man_woman_girl: b"
    assert after(emoji.strip_all(), f"a {FAMILY} b 🇫🇷.") == "a b ."
    assert after(emoji.cap_mixed_runs(2), f"🎈{FAMILY}🎁 x") == f"🎈{FAMILY} x"
    assert after(emoji.strip_orphans(), "🇫🇷🇩 x") == "🇫🇷 x"


def test_known_shortcodes_become_emoji() -> None:
    assert after(emoji.emojize_shortcodes(), "so :fire: and :nosuchname:") == "so 🔥 and :nosuchname:"
