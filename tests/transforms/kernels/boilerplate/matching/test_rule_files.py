"""Files of rules: what is in the package is well formed, and what a user gives is checked."""

import pytest

from corpusmill.transforms.kernels.boilerplate.lines.folded_lines import AFFIX_LETTERS
from corpusmill.transforms.kernels.boilerplate.lines.folding import fold_line
from corpusmill.transforms.kernels.boilerplate.matching.rule_files import built_in_rules, parse_rule_file

FILE = {
    "platform": "mine",
    "source": "my own pages",
    "strings": {
        "tell": {"role": "share", "strength": "strong", "position": "any"},
        "filed": {"role": "label", "anchoring": "prefix"},
    },
    "languages": {"en": {"tell": ["Tell the village"], "filed": ["Kept in drawer"]}},
    "unverified": {"eo": {"tell": ["Rakontu al la vilaĝo"]}},
}


def test_every_built_in_rule_is_well_formed() -> None:
    rules = built_in_rules()
    assert len(rules) > 6000
    for rule in rules:
        assert "\n" not in rule.text
        assert rule.source
        assert len(fold_line(rule.text)) >= (1 if rule.anchoring in {"line", "slot"} else AFFIX_LETTERS)
        assert rule.strength == "weak" or rule.role != "brand"


def test_a_line_that_goes_wherever_it_stands_is_no_single_common_word() -> None:
    rules = [r for r in built_in_rules() if r.anchoring == "line" and r.verified]
    alone = [r.text for r in rules if r.strength == "strong" and r.position == "any"]
    assert len(alone) > 300
    latin = [text for text in alone if text.isascii()]
    assert all(len(text.split()) > 1 or len(text) >= 10 for text in latin), latin


def test_wordpress_is_known_in_more_than_fifty_languages() -> None:
    assert len({r.language for r in built_in_rules() if r.platform == "wordpress"}) > 50


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"languages": {"en": {"shout": ["Hey"]}}}, "'shout'.*known: filed, tell"),
        ({"languages": {"en": {"tell": ["two\nlines"]}}}, "one line"),
        ({"languages": {"en": {"filed": ["in"]}}}, "at least 4"),
        ({"languages": {"en": {"tell": ["long " * 60]}}}, "256 bytes"),
        ({"languages": {"en": {"tell": ["\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 12]}}}, "spelled out"),
        ({"colour": "red"}, "colour"),
        ({"strings": {"tell": {"role": "song"}}}, "role"),
    ],
)
def test_faulty_rule_files_are_refused_with_the_reason(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_rule_file({**FILE, **change})


def test_a_rule_knows_its_id_and_whether_it_was_seen_on_a_page() -> None:
    file = {**FILE, "ambiguous": {"de": {"tell": ["Weitersagen"]}}}
    found = {rule.id: (rule.text, rule.role, rule.verified, rule.source) for rule in parse_rule_file(file)}
    assert found == {
        "mine.tell.en": ("Tell the village", "share", True, "my own pages"),
        "mine.filed.en": ("Kept in drawer", "label", True, "my own pages"),
        "mine.tell.de": ("Weitersagen", "share", False, "my own pages"),
        "mine.tell.eo": ("Rakontu al la vilaĝo", "share", False, "my own pages"),
    }


def test_a_file_of_lines_in_no_language_has_no_rules() -> None:
    assert parse_rule_file({**FILE, "languages": {}, "unverified": {}}) == []
