"""The layout of outputs: every name is spelled in one place, and no two things share a path."""

import ast
from pathlib import Path

import pytest

from corpusmill.transforms.layout import OWN, Output, State, is_part_name, part_name, shards_of_receipt
from tests.support import ROOT

SOURCES = [
    path
    for top in ("pipeline", "transforms")
    for path in sorted((ROOT / top).rglob("*.py"))
    if path != ROOT / "transforms" / "layout.py"
]


def _spelled(tree: ast.AST) -> list[int]:
    """Lines that join a literal name to a path of an output."""
    joins = {"join", "folder", "file", "staged"}
    owners = {"storage", "os"}
    found = []
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in joins):
            continue
        owner = node.func.value
        if node.func.attr == "join" and not (isinstance(owner, ast.Name) and owner.id in owners):
            continue  # joins texts
        if any(isinstance(argument, ast.Constant | ast.JoinedStr) for argument in node.args):
            found.append(node.lineno)
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_other_module_spells_a_name_of_the_output(path: Path) -> None:
    assert _spelled(ast.parse(path.read_text(encoding="utf-8"))) == []


def test_the_check_sees_a_name_that_is_spelled() -> None:
    assert _spelled(ast.parse('a = storage.join(output, "audit", name)\nb = Output(x).file("pairs", y)')) == [1, 2]


def test_all_working_files_have_paths_of_their_own_inside_of_the_state_folder() -> None:
    state = Output("out").state
    files = [state.inputs, state.todo, state.staged_before, state.earlier_shards, state.refusal, state.findings]
    files += [state.first_documents, state.accounts, state.staged("00003-000000-last.parquet"), state.index(3)]
    files += [state.computed_index(3, part_name(0, 1)), state.bands(3), state.packs(3), state.pairs(3)]
    files += [state.duplicates(3), state.receipt(3, 7), state.index(3, "final_index")]
    assert len(set(files)) == len(files)
    assert all(path.startswith(f"{state.path}/") for path in files)


def test_all_that_a_run_writes_is_known_as_its_own() -> None:
    output = Output("out")
    assert {output.manifest, output.learned_lines, output.report, output.lock, output.state.path} < set(output.own)
    assert len(output.own) == len(OWN)


def test_names_of_shards_and_receipts_are_read_as_they_are_written() -> None:
    assert is_part_name(part_name(12, 345))
    assert not is_part_name("part-1.parquet")
    receipt = State("s").receipt(3, 70000).rsplit("/", 1)[-1]
    assert shards_of_receipt(receipt) == 70000
    assert shards_of_receipt("notes.json") is None
