"""The floors of the house: kernels <- transforms <- pipeline, no arrow upward, no cycle."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PIPELINE, TRANSFORMS = ROOT / "pipeline", ROOT / "transforms"
KERNELS = sorted((TRANSFORMS / "kernels").rglob("*.py"))
SOURCES = sorted(path for top in (PIPELINE, TRANSFORMS) for path in top.rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = ("corpusmill", *parts[1:]) if parts[0] == "pipeline" else ("corpusmill", *parts)
    return ".".join(parts).removesuffix(".__init__")


MODULES = {module_name(path): path for path in SOURCES}


def imports_of(path: Path, *, at_import: bool = False) -> set[str]:
    """Return the modules of the project that a file imports; all, or those imported when it is."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = list(tree.body) if at_import else list(ast.walk(tree))
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else str(node.module) for name in names}
    return found & set(MODULES)


def floor_of(module: str) -> int:
    if module.startswith("corpusmill.transforms.kernels"):
        return 0
    return 1 if module.startswith("corpusmill.transforms") else 2


def test_every_module_has_its_test_file_at_the_same_place() -> None:
    modules = [path.relative_to(ROOT) for path in SOURCES if not path.name.startswith("__")]
    missing = [path for path in modules if not (ROOT / "tests" / path.with_name(f"test_{path.name}")).is_file()]
    assert sorted(map(Path.as_posix, missing)) == []


def test_importing_all_kernels_does_not_import_beam() -> None:
    names = [name for name in MODULES if floor_of(name) == 0 and not name.endswith("__main__")]
    program = "import importlib, sys\n" + "".join(f"importlib.import_module({name!r})\n" for name in names)
    program += "assert not [m for m in sys.modules if m.split('.')[0] == 'apache_beam'], 'a kernel imports Beam'\n"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_kernel_has_no_clock_no_random_and_no_builtin_hash(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    imported |= {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not imported & {"random", "time", "uuid", "secrets", "apache_beam"}
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert "hash" not in called


@pytest.mark.parametrize("module", MODULES)
def test_no_module_imports_from_a_floor_above(module: str) -> None:
    above = [name for name in imports_of(MODULES[module]) if floor_of(name) > floor_of(module)]
    assert not above


def test_no_imports_go_in_a_circle() -> None:
    arrows = {module: imports_of(path, at_import=True) - {module} for module, path in MODULES.items()}
    done: set[str] = set()
    while ready := {module for module, needs in arrows.items() if module not in done and needs <= done}:
        done |= ready
    assert not sorted(set(arrows) - done)


def test_every_package_is_installed() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    packages = {name for name in MODULES if MODULES[name].name == "__init__.py"}
    assert packages - set(settings["packages"]) == set()
