"""The floors of the house: kernels <- transforms <- pipeline, no arrow upward, no cycle."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.support import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PIPELINE, TRANSFORMS = ROOT / "pipeline", ROOT / "transforms"
SOURCES = sorted(path for top in (PIPELINE, TRANSFORMS) for path in top.rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = ("corpusmill", *parts[1:]) if parts[0] == "pipeline" else ("corpusmill", *parts)
    return ".".join(parts).removesuffix(".__init__")


MODULES = {module_name(path): path for path in SOURCES}
SOURCE_TEXTS = {module: path.read_text(encoding="utf-8") for module, path in MODULES.items()}


def imports_of(source: str, *, at_import: bool = False) -> set[str]:
    """Return the modules of the project that a module imports; all, or those imported when it is."""
    tree = ast.parse(source)
    nodes = list(_when_imported(tree)) if at_import else list(ast.walk(tree))
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "a relative import, which hides what is imported"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else str(node.module) for name in names}
    return found & set(MODULES)


def _when_imported(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs when a module is imported: all but the bodies of functions, and what is for type checkers."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and ast.unparse(child.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            continue
        yield child
        yield from _when_imported(child)


def floor_of(module: str) -> int:
    if module.startswith("corpusmill.transforms.kernels"):
        return 0
    return 1 if module.startswith("corpusmill.transforms") else 2


def upward(arrows: Mapping[str, set[str]]) -> list[str]:
    """Return the imports from a floor above."""
    return [f"{one} -> {other}" for one, needs in arrows.items() for other in needs if floor_of(other) > floor_of(one)]


def in_circles(arrows: Mapping[str, set[str]]) -> list[str]:
    """Return the modules that import each other, however long the way, and those that import them."""
    done: set[str] = set()
    while ready := {module for module, needs in arrows.items() if module not in done and needs - {module} <= done}:
        done |= ready
    return sorted(set(arrows) - done)


FORBIDDEN = {"random", "time", "uuid", "secrets", "apache_beam", "tempfile", "shutil", "subprocess", "socket"}
"""Modules that no kernel imports."""
FORBIDDEN_CALLS = {"hash", "open", "input", "print"}
FORBIDDEN_METHODS = {"now", "utcnow", "today", "urandom", "getenv"}


def impurities(source: str) -> set[str]:
    """Return the names by which a module reads clocks, chance, files or the environment."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names} & FORBIDDEN
        elif isinstance(node, ast.ImportFrom):
            found |= {(node.module or "").split(".")[0]} & FORBIDDEN
        elif isinstance(node, ast.Attribute):
            found |= {node.attr} & {"environ"}
        if isinstance(node, ast.Call):
            called = node.func
            found |= {called.id} & FORBIDDEN_CALLS if isinstance(called, ast.Name) else set()
            found |= {called.attr} & FORBIDDEN_METHODS if isinstance(called, ast.Attribute) else set()
    return found


def test_every_module_has_its_test_file_at_the_same_place() -> None:
    modules = [path.relative_to(ROOT) for path in SOURCES if not path.name.startswith("__")]
    tests = {path: ROOT / "tests" / path.with_name(f"test_{path.name}") for path in modules}
    assert [path.as_posix() for path, test in tests.items() if not test.is_file()] == []
    empty = [path.as_posix() for path, test in tests.items() if "def test_" not in test.read_text(encoding="utf-8")]
    assert empty == []


def test_importing_all_kernels_does_not_import_beam() -> None:
    names = [name for name in MODULES if floor_of(name) == 0 and not name.endswith("__main__")]
    program = "import importlib, sys\n" + "".join(f"importlib.import_module({name!r})\n" for name in names)
    program += "assert not [m for m in sys.modules if m.split('.')[0] == 'apache_beam'], 'a kernel imports Beam'\n"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


def test_kernels_have_no_clock_no_chance_no_files_and_no_builtin_hash() -> None:
    found = {name: impurities(SOURCE_TEXTS[name]) for name in MODULES if floor_of(name) == 0}
    assert {name: names for name, names in found.items() if names} == {}


def test_what_a_kernel_may_not_do_is_found() -> None:
    for line in ("import random", "from time import sleep", "hash('a')", "open('a')", "datetime.now()", "os.environ"):
        assert impurities(line)
        assert impurities(f"def f():\n    {line}")
    assert not impurities("import numpy\nlen('a')\nself.opened('a')")


def test_no_module_imports_from_a_floor_above() -> None:
    assert upward({module: imports_of(source) for module, source in SOURCE_TEXTS.items()}) == []
    kernel, transform, stage = (
        "corpusmill.transforms.kernels.hashing",
        "corpusmill.transforms.layout",
        "corpusmill.config",
    )
    assert upward({kernel: {transform}, transform: {kernel}, stage: {kernel, transform}}) == [
        f"{kernel} -> {transform}"
    ]
    assert upward({transform: {stage}}) == [f"{transform} -> {stage}"]
    assert imports_of("def f():\n    from corpusmill import config") == {stage}


def test_no_imports_go_in_a_circle() -> None:
    assert in_circles({module: imports_of(source, at_import=True) for module, source in SOURCE_TEXTS.items()}) == []
    assert in_circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": {"e"}, "f": {"e"}}) == ["a", "b", "c", "d"]
    for wrapped in ("try:\n    {}\nexcept ImportError:\n    pass", "if True:\n    {}", "class A:\n    {}"):
        assert imports_of(wrapped.format("import corpusmill.config"), at_import=True) == {"corpusmill.config"}
    for later in ("def f():\n    {}", "if TYPE_CHECKING:\n    {}"):
        assert imports_of(later.format("import corpusmill.config"), at_import=True) == set()


def test_every_package_is_installed() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    packages = {name for name in MODULES if MODULES[name].name == "__init__.py"}
    assert packages - set(settings["packages"]) == set()
