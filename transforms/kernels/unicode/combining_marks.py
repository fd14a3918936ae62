"""Sets of combining marks, shared by the rules that count them."""

from __future__ import annotations

from functools import cache

from corpusmill.transforms.kernels.unicode.charsets import CodePoints, having, outline_class, points, re2_class


@cache
def marks() -> CodePoints:
    """Combining marks that stack: nonspacing and enclosing ones without selectors and the keycap.

    Of the Basic Multilingual Plane, where those of living scripts are: `re` is slow on ranges beyond it.
    """
    keycap = points("\N{COMBINING ENCLOSING KEYCAP}")
    return (having(r"[\p{Mn}\p{Me}--\p{Variation_Selector}]") & points(range(0x10000))) - keycap


@cache
def shared_marks() -> CodePoints:
    """Those of them that belong to no script, or to Latin, Greek or Cyrillic."""
    return having(r"[\p{Inherited}\p{Latin}\p{Greek}\p{Cyrillic}]") & marks()


@cache
def nonstarters() -> CodePoints:
    """Characters that normalization puts in order (canonical combining class above 0)."""
    return having(r"\P{Canonical_Combining_Class=0}")


@cache
def mark_pair() -> str:
    """Return an RE2 pattern that is found wherever two marks are adjacent: a cheap first proof of several rules."""
    members = re2_class(marks() | nonstarters())
    return f"[{members}][{members}]"


@cache
def outline_of_marks() -> str:
    """Return a short RE2 pattern that is found wherever two marks, or a letter and a mark that stacks, may be."""
    return f"[{outline_class(marks() | nonstarters())}]"
