"""The registry of lines that sites put around their texts, read from data files.

A file holds one platform: what each of its strings is for (`strings`), and the lines themselves by language. Lines
under `languages` count as `strings` says, those under `ambiguous` have other uses in their language, those under
`unverified` were not seen on a page. Both of the latter count only beside other hits, and of them only phrases add to
the evidence: single words occur in lists of vocabulary.

    {"platform": "blogger", "source": "...",
     "strings": {"get-link": {"role": "share", "strength": "strong", "position": "tail", "anchoring": "line"}},
     "languages": {"en": {"get-link": ["Get link"]}}, "ambiguous": {}, "unverified": {}}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final, Literal, NamedTuple

from pydantic import Field

from corpusmill.transforms.kernels.boilerplate.lines.folded_lines import AFFIX_LETTERS, MAX_KEY_BYTES
from corpusmill.transforms.kernels.boilerplate.lines.folding import fold_line
from corpusmill.transforms.kernels.settings import Settings

Role = Literal[
    "advertisement", "brand", "byline", "chrome", "comment-action", "comment-form", "cookie", "counter", "credit",
    "email", "error-page", "feed", "image", "label", "legal", "more", "navigation", "newsletter", "permalink",
    "print", "profile", "read-on", "related", "section", "share", "site", "wall",
]  # fmt: skip
Strength = Literal["strong", "weak"]
Position = Literal["any", "tail", "page"]
Anchoring = Literal["line", "prefix", "suffix", "slot"]

GAP: Final = "…"
"""In a rule that is matched by how a line begins or ends: anything, or the end of a sentence."""


class StringRule(Settings):
    """What one string of a platform is for."""

    role: Role
    strength: Strength = "weak"
    position: Position = "any"
    anchoring: Anchoring = "line"


class RuleFile(Settings):
    """One file of rules, as parsed from JSON or YAML."""

    platform: str
    source: str
    strings: dict[str, StringRule]
    languages: dict[str, dict[str, list[str]]] = Field(default_factory=dict)
    ambiguous: dict[str, dict[str, list[str]]] = Field(default_factory=dict)
    unverified: dict[str, dict[str, list[str]]] = Field(default_factory=dict)


class LineRule(NamedTuple):
    """One line that a site puts around a text.

    Attributes:
        id: `platform.string.language`, e.g. `blogger.get-link.en`.
        text: The line, or how it begins or ends if `anchoring` is `prefix` or `suffix`, or what precedes a mark
            if it is `slot`; digits stand for any digits, an ellipsis inside for anything.
        position: `any`: a strong line is removed wherever it is; `tail`: alone only at the end of a document, elsewhere
            beside other hits; `page`: counts only where a page has nothing but such lines.
        verified: Under `languages`: without other use in its language, or weak.
    """

    id: str
    platform: str
    language: str
    text: str
    role: Role
    strength: Strength
    position: Position
    anchoring: Anchoring
    verified: bool
    source: str


def parse_rule_file(content: Mapping[str, object]) -> list[LineRule]:
    """Return the lines of one rule file.

    Args:
        content: The parsed file.

    Raises:
        ValueError: A key is unknown or missing, or a language uses a string that `strings` does not describe.
    """
    file = RuleFile.model_validate(content)
    found = []
    for part, certain in ((file.languages, True), (file.ambiguous, False), (file.unverified, False)):
        for language, strings in part.items():
            for name, lines in strings.items():
                rule = file.strings.get(name)
                if rule is None:
                    raise ValueError(
                        f"rule file of platform {file.platform!r}: language {language!r} has lines for {name!r}, which "
                        f"`strings` does not describe; add it there (known: {', '.join(sorted(file.strings))})"
                    )
                for line in lines:
                    least = AFFIX_LETTERS if rule.anchoring in {"prefix", "suffix"} else 1
                    folded = fold_line(line)  # a ligature spells several letters
                    size = max(len(line.encode()), len(folded.encode()))
                    if "\n" in line or len(folded) < least or size > MAX_KEY_BYTES:
                        raise ValueError(
                            f"rule file of platform {file.platform!r}: {line!r} ({name}, {language}) must be one line "
                            f"with at least {least} letters or digits and at most {MAX_KEY_BYTES} bytes, spelled out"
                        )
                    found.append(
                        LineRule(
                            f"{file.platform}.{name}.{language}", file.platform, language, line, rule.role,
                            rule.strength, rule.position, rule.anchoring, certain, file.source,
                        )
                    )  # fmt: skip
    return found


@cache
def built_in_rules() -> tuple[LineRule, ...]:
    """Return the lines that the package knows, by file name and order in the file."""
    folder = resources.files("corpusmill.transforms.kernels.boilerplate") / "rules"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".json")), key=lambda f: f.name)
    return tuple(rule for file in files for rule in parse_rule_file(json.loads(file.read_text(encoding="utf-8"))))
