"""Emoji, as whole grapheme clusters (UAX #29, UTS #51): runs shortened, or all of them taken out or described."""

from __future__ import annotations

import re
from functools import cache
from itertools import groupby

import emoji
import regex

from corpusmill.transforms.kernels.cleaning.rules import Change, Rule, counting_rule
from corpusmill.transforms.kernels.cleaning.whitespace import BLANKS
from corpusmill.transforms.kernels.unicode.charsets import coarse_class, having, points, python_class, re2_class

RUN_KEPT = 3
KEYCAP = "\N{COMBINING ENCLOSING KEYCAP}"
EMOJI_STYLE = "\N{VARIATION SELECTOR-16}"
JOINER = "\N{ZERO WIDTH JOINER}"

# Flags are named because `\X` counts back over the whole run of indicators, for each pair again.
_CLUSTER = regex.compile(r"\p{Regional_Indicator}{1,2}[\u200d\ufe0e\ufe0f\p{Emoji_Modifier}\p{Mn}\p{Me}]*|\X")
_SHOWN_AS_EMOJI = regex.compile(r"\p{Emoji_Presentation}")
_INDICATOR = regex.compile(r"\p{Regional_Indicator}")
_PICTOGRAPH = regex.compile(r"\p{Extended_Pictographic}")

FIRST_PICTURE = 0x2600
"""The block Miscellaneous Symbols; emoji below it are signs, arrows and shapes (UTS #51: text by default)."""
FIRST_SIGN = 0x203C
"""The double exclamation mark: nothing of what Western text is made of is in runs from here on."""
COUNTING_PIECES = points("⬛⬜🟥🟧🟨🟩🟦🟪🟫▪▫◾◽◼◻🔴🟠🟡🟢🔵🟣🟤⚫⚪")
"""Squares and circles draw bars and game boards: the length of their runs is the message."""
RATING_STARS = points("⭐🌟")
LONGEST_RATING = 10


@cache
def _members() -> frozenset[int]:
    """Every character that can be part of an emoji cluster, ASCII aside."""
    ascii_points = frozenset(range(0x80))
    return (
        having(r"[\p{Emoji}\p{Extended_Pictographic}\p{Emoji_Component}]")
        | points(JOINER, EMOJI_STYLE, KEYCAP, range(0xE0020, 0xE0080))
    ) - ascii_points


@cache
def _stretch() -> re.Pattern[str]:
    return re.compile(
        f"(?:[0-9#*](?=\ufe0f?{KEYCAP}))?[{python_class(_members())}]+(?:[0-9#*]\ufe0f?{KEYCAP}|[{python_class(_members())}]+)*"
    )


def is_emoji(cluster: str) -> bool:
    """Return whether a grapheme cluster shows as an emoji: by default, or on request (VS16, joiner, keycap, flag)."""
    if KEYCAP in cluster:
        return cluster[0] in "0123456789#*"
    if _INDICATOR.match(cluster):
        return bool(_INDICATOR.match(cluster, 1))
    if _SHOWN_AS_EMOJI.match(cluster):
        return True
    return bool(_PICTOGRAPH.match(cluster)) and (EMOJI_STYLE in cluster or JOINER in cluster)


def _collapsible(cluster: str, length: int) -> bool:
    first = ord(cluster[0])
    if first in COUNTING_PIECES or KEYCAP in cluster:
        return False
    if first in RATING_STARS and length <= LONGEST_RATING:
        return False
    # Hearts and suns mean the same without the selector that makes them colourful.
    return is_emoji(cluster) or (first >= FIRST_PICTURE and cluster in emoji.EMOJI_DATA)


def collapse_runs(least: int) -> Rule:
    """Runs of `least` or more of the same emoji become `RUN_KEPT`."""
    member = f"[{coarse_class(_members())}]"
    long_stretch = re.compile(f"{member}{member}{{{least - 1},}}")
    signs = frozenset(point for point in _members() if point < FIRST_SIGN)

    def apply(text: str) -> tuple[str, int]:
        count = 0

        def collapse(match: re.Match[str]) -> str:
            nonlocal count
            parts = []
            for cluster, group in groupby(_CLUSTER.findall(match.group())):
                length = sum(1 for _ in group)
                if length >= least and _collapsible(cluster, length):
                    count += 1
                    length = RUN_KEPT
                parts.append(cluster * length)
            return "".join(parts)

        return long_stretch.sub(collapse, text), count

    return counting_rule(
        "symbols.collapse-emoji-run",
        apply,
        "The sixth fire says no more than the third.",
        proof=(f"[{re2_class(_members())}]{{{least}}}",),
        coarse=rf"[{re2_class(signs)}\x{{{FIRST_SIGN:x}}}-\x{{10ffff}}]{{{least}}}",
    )


def _replace_clusters(text: str, replace: dict[str, str] | None) -> tuple[str, int]:
    """Replace each emoji by its name, or (None) by nothing, with one of the spaces around it."""
    pieces: list[str] = []
    count = 0
    position = 0
    for match in _stretch().finditer(text):
        kept = []
        gone = 0
        for cluster in _CLUSTER.findall(match.group()):
            if not is_emoji(cluster):
                kept.append(cluster)
            elif replace is None:
                gone += 1
            else:
                kept.append(name_of(cluster, replace["language"]))
                gone += kept[-1] != cluster
        if not gone:
            continue
        count += gone
        start, end = match.span()
        if not kept:
            before = text[start - 1] if start else "\n"
            after = text[end] if end < len(text) else "\n"
            if after in BLANKS and (before in BLANKS or before == "\n"):
                end += 1
        pieces += [text[position:start], *kept]
        position = end
    return "".join([*pieces, text[position:]]), count


def name_of(cluster: str, language: str = "en") -> str:
    """Return the CLDR short name of an emoji in colons (`:collision:`), the emoji itself where it has none."""
    data = emoji.EMOJI_DATA.get(cluster) or emoji.EMOJI_DATA.get(cluster.replace(EMOJI_STYLE, ""), {})
    name = data.get(language) or data.get("en") or cluster
    return str(name)


def strip_all() -> Rule:
    """All emoji are taken out."""
    return counting_rule(
        "symbols.strip-emoji",
        lambda text: _replace_clusters(text, None),
        "The configuration wants no emoji.",
        among=_members(),
    )


def describe_all(language: str) -> Rule:
    """All emoji become their names."""
    emoji.config.load_language(language)
    return counting_rule(
        "symbols.describe-emoji",
        lambda text: _replace_clusters(text, {"language": language}),
        "The configuration wants emoji as words.",
        among=_members(),
    )


def cap_mixed_runs(most: int) -> Rule:
    """Of a run of emoji without anything between them, the first `most` stay."""
    member = f"[{coarse_class(_members())}]"
    long_stretch = re.compile(f"{member}{member}{{{most},}}")

    def apply(text: str) -> tuple[str, int]:
        count = 0

        def cap(match: re.Match[str]) -> str:
            nonlocal count
            clusters = _CLUSTER.findall(match.group())
            if len(clusters) <= most or not all(map(is_emoji, clusters)):
                return match.group()
            count += 1
            return "".join(clusters[:most])

        return long_stretch.sub(cap, text), count

    return counting_rule(
        "symbols.cap-emoji-run",
        apply,
        "The configuration bounds runs of emoji.",
        proof=(f"[{re2_class(_members())}]{{{most + 1}}}",),
    )


def strip_orphans() -> Rule:
    """Regional indicators without a partner are taken out."""
    indicator = f"[{chr(0x1F1E6)}-{chr(0x1F1FF)}]"
    run = re.compile(f"(?<!{indicator})((?:{indicator}{indicator})*){indicator}(?!{indicator})")
    return counting_rule(
        "symbols.strip-regional-indicator",
        lambda text: run.subn(r"\1", text),
        "Half a flag is no letter that anybody reads.",
        proof=(r"[\x{1f1e6}-\x{1f1ff}]",),
    )


def emojize_shortcodes() -> Rule:
    """Shortcodes that are known (`:fire:`) become emoji."""
    rule = "symbols.emojize-shortcode"
    code = re.compile(r"(?<![\w:]):([a-z][a-z0-9_+-]{1,60}):(?![\w:])")

    def apply(text: str) -> list[Change]:
        count = 0

        def look_up(match: re.Match[str]) -> str:
            nonlocal count
            found = str(emoji.emojize(match.group(), language="alias"))
            count += found != match.group()
            return found

        after = code.sub(look_up, text)
        return [Change(rule, after, count)] if count else []

    return Rule(rule, apply, "The configuration wants shortcodes as emoji.", proof=(":[a-z][a-z0-9_+-]*:",), ascii=True)
