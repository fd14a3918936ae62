"""A function fits on a screen and a module holds one idea."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.support import ROOT

MAX_FUNCTION_LINES = 60
MAX_MODULE_LINES = 350

SOURCES = sorted(path for top in ("pipeline", "transforms", "configs") for path in (ROOT / top).rglob("*.py"))


def long_modules(paths: list[Path]) -> dict[str, int]:
    """Return `file` -> lines of the modules over the limit."""
    lines = {path.as_posix(): path.read_text(encoding="utf-8").count("\n") for path in paths}
    return {name: count for name, count in lines.items() if count > MAX_MODULE_LINES}


def long_functions(paths: list[Path]) -> dict[str, int]:
    """Return `file: function` -> lines of the functions over the limit, from `def` to their last line."""
    found = {}
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MAX_FUNCTION_LINES:
                    found[f"{path.as_posix()}: {node.name}"] = lines
    return found


def test_modules_are_short() -> None:
    assert long_modules(SOURCES) == {}


def test_functions_are_short() -> None:
    assert long_functions(SOURCES) == {}


def test_what_is_too_long_is_found(tmp_path: Path) -> None:
    """Methods and asynchronous functions count as well; what is as long as the limit is not too long."""
    body = "    x = 1\n" * (MAX_FUNCTION_LINES - 1)
    path = tmp_path / "long.py"
    path.write_text(
        f"def fits():\n{body}\ndef long():\n{body}    x = 1\n\n"
        f"class Thing:\n    async def method(self):\n{body.replace('    ', '        ')}        x = 1\n"
        + "\n"
        * MAX_MODULE_LINES
    )
    assert long_functions([path]) == {
        f"{path.as_posix()}: {name}": MAX_FUNCTION_LINES + 1 for name in ("long", "method")
    }
    assert list(long_modules([path])) == [path.as_posix()]
    path.write_text("\n" * MAX_MODULE_LINES)
    assert long_modules([path]) == {}
