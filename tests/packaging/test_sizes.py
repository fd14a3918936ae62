"""A function fits on a screen and a module holds one idea."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.support import ROOT

MAX_FUNCTION_LINES = 60
MAX_MODULE_LINES = 350

SOURCES = sorted(path for top in ("pipeline", "transforms", "configs") for path in (ROOT / top).rglob("*.py"))

LONG_MODULES = {
    "transforms/kernels/boilerplate/matching/rule_table.py": "one table of rules with its parser",
    "transforms/kernels/boilerplate/strip.py": "the order of all finders",
    "transforms/kernels/cleaning/mojibake/wide_search/lattice.py": "one search over readings of a run",
    "transforms/kernels/cleaning/mojibake/lossy/lossy_repair.py": "one search for bytes that were lost",
    "transforms/kernels/cleaning/mojibake/repair.py": "the order of all repairs",
    "transforms/kernels/cleaning/mojibake/wide_search/search.py": "one search over chains of charsets",
    "transforms/kernels/cleaning/mojibake/lossy/wordwise.py": "one search, word by word",
}
"""Modules that are longer, and why; the list only shrinks."""

LONG_FUNCTIONS = {
    "transforms/kernels/cleaning/whitespace.py: whitespace_rules": "a registry: one entry for each rule",
}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def _long_functions(path: Path) -> set[str]:
    """Return `file: function` of the functions over the limit, from `def` to their last line."""
    return {
        f"{_name(path)}: {node.name}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > MAX_FUNCTION_LINES
    }


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_module_is_short(path: Path) -> None:
    assert _lines(path) <= MAX_MODULE_LINES or _name(path) in LONG_MODULES


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_functions_are_short(path: Path) -> None:
    assert _long_functions(path) <= set(LONG_FUNCTIONS)
