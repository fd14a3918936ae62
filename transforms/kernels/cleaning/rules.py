"""What a normalization rule is: a named pure function on one text, and a proof that it would change nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from corpusmill.transforms.kernels.arrays import Bools
from corpusmill.transforms.kernels.unicode.charsets import CodePoints, coarse_class, re2_class


@dataclass(frozen=True)
class Change:
    """What a rule made of a text.

    Attributes:
        rule: Rule id.
        text: The whole text after the change; equal to the text before it where the rule only flags.
        count: Number of places.
        detail: Evidence in words.
    """

    rule: str
    text: str
    count: int
    detail: str = ""


@dataclass(frozen=True)
class Rule:
    """A step of normalization.

    At least one of `proof` and `suspects` is given.

    Attributes:
        id: Stable rule id.
        apply: Text -> the changes it makes, in order; no element where it changes nothing.
        why: One sentence of explanation.
        proof: RE2 patterns, from cheap to exact. A text in which one of them finds nothing is left alone by `apply`.
        coarse: RE2 pattern that is found wherever the first proof is, for proofs of thousands of characters: they are
            compiled anew for each column, which takes longer than to search a megabyte.
        suspects: The same as a function on a column: row -> `apply` might change it. For proofs that are not a pattern;
            asked after `proof`.
        ascii: Whether an ASCII text can be changed.
        inert: A change by this rule gives no other rule anything to do that its proof did not see before the change.
        apply_all: The same as `apply` on several texts at once, where that is faster.
        costly: It takes much longer than others, so long texts are shown to it in the first passes only.
    """

    id: str
    apply: Callable[[str], Iterable[Change]]
    why: str
    proof: tuple[str, ...] = ()
    coarse: str = ""
    suspects: Callable[[pa.StringArray], Bools] | None = None
    ascii: bool = False
    inert: bool = False
    apply_all: Callable[[Sequence[str]], list[list[Change]]] | None = None
    costly: bool = False

    def run(self, texts: Sequence[str]) -> Iterable[Iterable[Change]]:
        """Apply the rule to some texts, together where that is faster."""
        return self.apply_all(texts) if self.apply_all else map(self.apply, texts)


def counting_rule(  # noqa: PLR0913 (the fields of a rule)
    rule: str,
    function: Callable[[str], tuple[str, int]],
    why: str,
    *,
    among: CodePoints | None = None,
    proof: tuple[str, ...] | None = None,
    coarse: str = "",
    suspects: Callable[[pa.StringArray], Bools] | None = None,
    ascii: bool = False,  # noqa: A002 (the name of the field)
    inert: bool = False,
) -> Rule:
    """Return the rule that does what a function text -> (text, places changed) does.

    Args:
        rule: Rule id.
        function: What the rule does.
        why: One sentence of explanation.
        among: Characters without which it does nothing; a text is searched for them first.
        proof: See `Rule`; by default that one of these characters is there.
        coarse: See `Rule`.
        suspects: See `Rule`.
        ascii: See `Rule`.
        inert: See `Rule`.
    """
    present = re.compile(f"[{coarse_class(among)}]") if among else None

    def apply(text: str) -> list[Change]:
        if present is not None and not present.search(text):
            return []
        after, count = function(text)
        return [Change(rule, after, count)] if after != text else []

    if proof is None:
        proof = (f"[{re2_class(among)}]",) if among else ()
    return Rule(rule, apply, why, proof, coarse, suspects, ascii, inert)


def in_one(rule: str, members: Sequence[Rule], proof: str) -> Rule:
    """Join rules that seldom have anything to do into one, so that their proofs are searched together.

    Its changes carry the ids of the members.

    Args:
        rule: Rule id of the whole.
        members: The rules, in order.
        proof: RE2 pattern that is found wherever the proof of one of them is.
    """

    def apply(text: str) -> list[Change]:
        changes: list[Change] = []
        for member in members:
            if text.isascii() and not member.ascii:
                continue
            made = list(member.apply(text))
            changes += made
            text = made[-1].text if made else text
        return changes

    return Rule(
        rule,
        apply,
        " ".join(member.why for member in members),
        (proof,),
        ascii=any(member.ascii for member in members),
        inert=all(member.inert for member in members),
    )
