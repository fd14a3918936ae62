"""The lines that sites put around their texts, in the form in which columns of texts are matched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import regex

from corpusmill.transforms.kernels.arrays import Bools, Int64s, UInt8s, UInt64s
from corpusmill.transforms.kernels.boilerplate.lines.folded_lines import AFFIX_LETTERS, LONG_AFFIX_LETTERS
from corpusmill.transforms.kernels.boilerplate.lines.folding import fold_line
from corpusmill.transforms.kernels.boilerplate.lines.lines import KeySet, Lines, line_affixes, line_keys
from corpusmill.transforms.kernels.boilerplate.matching.rule_files import GAP, LineRule, Role, built_in_rules

# Bits of what a line of text matches.
STRONG: Final = 1  # a line with no other use
ANYWHERE: Final = 2  # strong, and is removed wherever it is alone
BRAND: Final = 4
SHARE: Final = 8  # an entry or heading of a share block that is not a brand
EMAIL: Final = 16
WEAK: Final = 32
PAGE: Final = 64  # what a server says in the place of an article
MAX_AFFIXED_LETTERS: Final = 160  # of a line that is matched by how it begins or ends
AFFIX: Final = 128  # matched by how it begins or ends
FORM: Final = 256  # comment form
ACTION: Final = 512  # is under every comment
SECTION: Final = 2048  # heads a list that a site puts after its text
UNSURE: Final = 1024  # a phrase that would be strong, but was not seen on a page or has other uses in its language
INNER: Final = 4096  # an interface line that is inside texts as well: it says little about what lies behind it
FREE: Final = 8192  # of a role that no text has: as proof of a site's interface it counts like a strong line
SITE: Final = 16384  # names what only a site has: its first page, its login, its terms
LETTER: Final = 32768  # of a box that is inside texts as well: for a newsletter, or titles to read on

# What precedes a mark and something that changes, and what that is.
TITLE_SLOT: Final = 1  # "Read more: TITLE"
NAME_SLOT: Final = 2  # "Photo: NAME"
TAIL_SLOT: Final = 3  # "Filed under: WORDS", after the text only
PATH_SLOT: Final = 5  # "Home > BOATS"
WEAK_SLOT: Final = 4  # "Source: NAME", after the text and beside another line of the site only

INNER_ROLES: Final[frozenset[Role]] = frozenset({"advertisement", "brand", "email", "image", "print", "share"})
"""Roles whose lines are inside texts, too: what acts on a part of the text or shows it (share bars, "Print", "Jump to
recipe", "Add to cart", players of videos), and labels of advertisements. Behind them the text may go on."""

TEXT_FREE_ROLES: Final[frozenset[Role]] = frozenset(
    {
        "advertisement", "comment-action", "comment-form", "cookie", "counter", "email", "newsletter", "print", "share",
    }
)  # fmt: skip
"""Roles that no text has: a page that holds one of its lines has an interface."""

_WORDED_ROLES: Final[frozenset[Role]] = frozenset({"comment-action", "comment-form", "cookie", "print"})
"""Those of them whose single words texts have as well."""

_LAST_SENTENCE = regex.compile(r"[.!?…。！？)»”\]]\s*[\[(]?\s*([\p{L}\p{M}\p{N}' ]{4,40})[^\p{L}\p{N}]*$")
_WORDS = regex.compile(r"[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}'’-]*")
_THAI = regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_SCRIPTS = [regex.compile(rf"\p{{{name}}}") for name in ("Han", "Hiragana", "Katakana")]
_TEASER_LETTERS: Final = 70  # of a sentence with "Read more" after it
_THAI_PHRASE: Final = 12  # letters; these scripts do not part words
_HAN_PHRASE: Final = 4
_NAME_LETTERS: Final = 4  # of a site that may be beside another one in a form; "X" does not: "Twitter / X"
_KNOWN_LINES: Final = 1 << 14  # of which it is kept how they begin and end


def is_advertisement(bits: npt.NDArray[np.uint16]) -> Bools:
    """Return which lines, given as what they match, label an advertisement."""
    found: Bools = (bits & (INNER | FREE) == INNER | FREE) & (bits & (BRAND | SHARE | EMAIL) == 0)
    return found


class Affixes:
    """Which lines may match by how they begin or end: those with the first or last letters of a rule.

    Eight letters where the rule has as many: four are common ("this", "-ting"), and each line that passes costs a call.
    """

    def __init__(self, prefixes: Sequence[str], suffixes: Sequence[str]) -> None:
        self._sets: list[tuple[str, KeySet]] = []
        for side, name, affixes in ((0, "head", prefixes), (1, "tail", suffixes)):
            for long in (False, True):
                chosen = [text for text in affixes if (len(fold_line(text)) >= LONG_AFFIX_LETTERS) == long]
                if chosen:
                    found = line_affixes(chosen, long=long)[side]
                    self._sets.append(("long_" + name if long else name, KeySet(found)))

    def may_match(self, lines: Lines, wanted: Int64s) -> Bools:
        """Return which of these lines may match."""
        found = np.zeros(len(wanted), bool)
        for name, keys in self._sets:
            found |= keys.holds(getattr(lines, name)[wanted])
        return found


@dataclass(frozen=True)
class RuleTable:
    """Rules in the form in which columns are matched.

    Attributes:
        keys: Line keys of the rules for whole lines.
        bits: uint16, what each of these keys stands for, in their order.
        forms: Folded line -> bits, for lines that run several strings together.
        heads: Of the lines that may match by how they begin or end.
        page_heads: Of those that count only where a page has nothing but such lines.
        prefixes: First letters -> folded beginnings with these letters, longest first, and their bits.
        suffixes: Last letters -> folded ends, likewise.
        share_forms: First two letters -> the forms that share blocks are made of, longest first, and their bits.
        stems: Line keys of what precedes a mark and something that changes.
        slots: uint8, what changes after each of these, in their order.
        read_on: Line keys of what sends the reader on to other texts.
        spoken: Line keys of the rules that end in a full stop.
    """

    keys: KeySet
    bits: npt.NDArray[np.uint16]
    forms: dict[str, int]
    heads: Affixes
    page_heads: Affixes
    prefixes: dict[str, list[tuple[str, int]]]
    suffixes: dict[str, list[tuple[str, int]]]
    share_forms: dict[str, list[tuple[str, int]]]
    stems: KeySet
    slots: UInt8s
    read_on: KeySet
    spoken: KeySet

    def match(self, keys: UInt64s) -> npt.NDArray[np.uint16]:
        """Return the bits of each line key, 0 where no rule has it."""
        bits = np.zeros(len(keys), np.uint16)
        found, at = self.keys.find(keys)
        bits[found] = self.bits[at]
        return bits

    def match_affixes(self, lines: Lines, wanted: Int64s, *, pages: bool = False) -> npt.NDArray[np.uint16]:
        """Return the bits of how some lines begin and end, 0 where no rule has it.

        Args:
            lines: The lines of the batch.
            wanted: Which of them.
            pages: Look for what is in the place of an article, instead of all else.
        """
        bits = np.zeros(len(wanted), np.uint16)
        found = (self.page_heads if pages else self.heads).may_match(lines, wanted)
        for k in np.flatnonzero(found & (lines.size[wanted] <= MAX_AFFIXED_LETTERS)).tolist():
            bits[k] = self._affix_bits(lines.visible(int(wanted[k])))
        return bits

    @cached_property
    def _affix_bits(self) -> Callable[[str], int]:
        """`match_affix`, keeping what it found: a site has the same lines on all its pages."""
        return lru_cache(maxsize=_KNOWN_LINES)(self.match_affix)

    def match_affix(self, line: str) -> int:
        """Return the bits of the longest known beginning and the longest known end of a line.

        What is known with a colon after it ("Tags:") matches only before a colon, what is known in parentheses
        ("(Score:2)") only in them, what is known after an ellipsis ("… Read more") only after the end of a sentence,
        and of what has an ellipsis inside ("Photo by … on Unsplash") both parts must be there.
        """
        folded, before_colon = fold_line(line), fold_line(line.replace("：", ":").partition(":")[0])
        in_parentheses = fold_line(line.rpartition("(")[2]) if line.rstrip().endswith(")") else ""
        begins = [
            bits
            for part, bits in self.prefixes.get(folded[:AFFIX_LETTERS], ())
            if (_begins(folded, part) if part[-1] != ":" else before_colon == part[:-1] != folded)
        ]
        ends = [
            bits
            for part, bits in self.suffixes.get(folded[-AFFIX_LETTERS:], ())
            if (_ends(folded, part, line) if part[0] != "(" else in_parentheses == part[1:])
        ]
        return (begins[0] if begins else 0) | (ends[0] if ends else 0)


def _begins(folded: str, part: str) -> bool:
    """Return whether a folded line begins with the first part of a rule and ends with the second, if there is one."""
    begin, gap, end = part.partition(GAP)
    return folded.startswith(begin) and (not gap or (folded.endswith(end) and len(folded) > len(begin) + len(end)))


def _ends(folded: str, part: str, line: str) -> bool:
    """Return whether a line ends with a rule; after the end of a sentence, if the rule says so."""
    if part[0] != GAP:
        return folded.endswith(part) and len(folded) > len(part)
    if len(folded) > _TEASER_LETTERS:
        return False
    last = _LAST_SENTENCE.search(line)
    return last is not None and fold_line(last.group(1)) == part[1:]


@lru_cache(maxsize=8)
def rule_table(
    disabled: tuple[str, ...] = (), extra: tuple[LineRule, ...] = (), trusted: str | None = None
) -> RuleTable:
    """Return the rules in the form in which columns are matched.

    Args:
        disabled: Platforms, strings (`blogger.get-link`) and lines (`blogger.get-link.en`) to leave out.
        extra: Rules of the user, beside the built-in ones.
        trusted: A platform whose lines all count as verified, for texts that are known to come from it.
    """
    off = frozenset(disabled)
    rules = [
        rule._replace(verified=True) if rule.platform == trusted else rule
        for rule in (*built_in_rules(), *extra)
        if not off & {rule.platform, rule.id, rule.id.rpartition(".")[0]}
    ]
    return _table(rules)


def _table(rules: Iterable[LineRule]) -> RuleTable:
    forms: dict[str, int] = {}
    prefixes: dict[str, int] = {}
    suffixes: dict[str, int] = {}
    stems: dict[str, int] = {}
    read_on: list[str] = []
    spoken: list[str] = []
    for rule in rules:
        folded, bits = fold_line(rule.text), _bits(rule)
        if folded.isdigit():
            continue  # "404" alone: every number and every date would be one
        if rule.role == "read-on" and rule.anchoring == "line":
            read_on.append(folded)
        if rule.text.endswith((".", "?", "。")):
            spoken.append(folded)
        if rule.anchoring == "slot":
            stems[folded] = max(stems.get(folded, 0), _slot(rule))
        elif rule.role == "site" and ".home." in rule.id:
            stems.setdefault(folded, PATH_SLOT)
            forms[folded] = forms.get(folded, 0) | bits
        elif rule.anchoring != "line":
            affixes = prefixes if rule.anchoring == "prefix" else suffixes
            if rule.anchoring == "prefix":
                folded = _with_gap(rule.text, folded)
            elif rule.text.lstrip().startswith("("):
                folded = "(" + folded
            elif rule.text.startswith(GAP):
                folded = GAP + folded
            affixes[folded] = affixes.get(folded, 0) | bits | (AFFIX if bits != PAGE else 0)
        else:
            forms[folded] = forms.get(folded, 0) | bits
    keys = line_keys(list(forms))
    values = np.array(list(forms.values()), np.uint16)
    stem_keys = line_keys(list(stems))
    names = {form for form, bits in forms.items() if bits & BRAND and len(form) >= _NAME_LETTERS}
    of_share_blocks = {
        form: bits
        for form, bits in forms.items()
        if bits & (STRONG | UNSURE | BRAND | SHARE | EMAIL) and not (bits & BRAND and _is_pair(form, names))
    }
    return RuleTable(
        KeySet(keys), values[np.argsort(keys)], forms,
        Affixes([text.partition(GAP)[0] for text, bits in prefixes.items() if bits & (STRONG | WEAK)], list(suffixes)),
        Affixes([text for text, bits in prefixes.items() if bits & PAGE], []),
        _by_letters(prefixes, slice(AFFIX_LETTERS)), _by_letters(suffixes, slice(-AFFIX_LETTERS, None)),
        _by_letters(of_share_blocks, slice(2)),
        KeySet(stem_keys), np.array(list(stems.values()), np.uint8)[np.argsort(stem_keys)], KeySet(line_keys(read_on)),
        KeySet(line_keys(spoken)),
    )  # fmt: skip


def _is_pair(form: str, names: Set[str]) -> bool:
    """Return whether a form is the names of two sites ("Facebook Twitter"), which are told apart by themselves."""
    return any(form[:at] in names and form[at:] in names for at in range(_NAME_LETTERS, len(form)))


def _with_gap(text: str, folded: str) -> str:
    """Return how the beginning of a line is known: with a colon after it, or with the end that it needs."""
    if text.rstrip().endswith((":", "：")):
        return folded + ":"
    begin, gap, end = text.partition(GAP)
    return fold_line(begin) + GAP + fold_line(end) if gap and fold_line(end) else folded


def _is_phrase(text: str) -> bool:
    """Return whether a line is more than one word: single words occur in lists of vocabulary in any language."""
    if len(_WORDS.findall(text)) > 1:
        return True
    folded = fold_line(text)
    if _THAI.search(folded):
        return len(folded) >= _THAI_PHRASE
    kinds = sum(1 for script in _SCRIPTS if script.search(folded))
    return (kinds > 1 or _SCRIPTS[0].search(folded) is not None) and len(folded) >= _HAN_PHRASE


def _by_letters(affixes: dict[str, int], part: slice) -> dict[str, list[tuple[str, int]]]:
    groups: dict[str, list[tuple[str, int]]] = {}
    for folded in sorted(affixes, key=lambda text: (-len(text), text)):
        groups.setdefault(folded[part], []).append((folded, affixes[folded]))
    return groups


def _is_free(rule: LineRule) -> bool:
    """Return whether no text has a line.

    A counter without a number ("Notes") and a weak word of a form or under a comment ("Name", "Edit", "Print") are
    words like others.
    """
    if rule.role == "counter" and not any(char.isdigit() for char in rule.text):
        return False
    if rule.role in _WORDED_ROLES and rule.strength == "weak" and not _is_phrase(rule.text):
        return False
    return rule.role in TEXT_FREE_ROLES and rule.anchoring == "line" and rule.verified


def _slot(rule: LineRule) -> int:
    if rule.position == "tail":
        return TAIL_SLOT if rule.strength == "strong" else WEAK_SLOT
    return TITLE_SLOT if rule.role == "read-on" else NAME_SLOT


def _bits(rule: LineRule) -> int:
    if rule.position == "page":
        return PAGE
    bits = WEAK
    if rule.strength == "strong":
        bits = STRONG | (ANYWHERE if rule.position == "any" else 0)
        if not rule.verified:
            bits = WEAK | (UNSURE if _is_phrase(rule.text) else 0)
    if rule.anchoring == "slot":
        bits = WEAK
    return (
        bits
        | (BRAND if rule.role == "brand" else 0)
        | (SHARE if rule.role in {"share", "print"} else 0)
        | (EMAIL if rule.role == "email" else 0)
        | (FORM if rule.role == "comment-form" else 0)
        | (ACTION if rule.role == "comment-action" else 0)
        | (SECTION if rule.role == "section" else 0)
        | (PAGE if rule.role in {"cookie", "wall", "error-page"} else 0)
        | (INNER if rule.role in INNER_ROLES else 0)
        | (FREE if _is_free(rule) else 0)
        | (SITE if rule.role == "site" else 0)
        | (LETTER if rule.role == "newsletter" else 0)
    )
