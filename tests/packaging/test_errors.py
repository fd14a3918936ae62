"""Every message for the person who gave the command is in a golden file, and names a value and what to do.

A new error fails `test_every_message_is_in_the_golden_file` until its message is added to `tests/golden/errors.txt`:
that is the moment to read it as somebody who meets it. `python -m tests.packaging.test_errors` writes the file anew.
"""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.packaging.test_layers import MODULES
from tests.support import ROOT

GOLDEN = ROOT / "tests" / "golden" / "errors.txt"
BASES = {"CorpusmillError"}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}


def error_classes() -> set[str]:
    """Names of the classes below `CorpusmillError`."""
    found = set(BASES)
    while True:
        more = {
            node.name
            for tree in TREES.values()
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef) and {base.id for base in node.bases if isinstance(base, ast.Name)} & found
        }
        if more <= found:
            return found
        found |= more


def template(node: ast.expr) -> str | None:
    """Write an expression as a message with {places}; None if it is no text, but a value that was made elsewhere."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = (
            str(part.value) if isinstance(part, ast.Constant) else "{" + ast.unparse(part.value) + "}"
            for part in node.values
            if isinstance(part, ast.Constant | ast.FormattedValue)
        )
        return "".join(parts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = template(node.left), template(node.right)
        return None if left is None or right is None else left + right
    return None


def messages() -> Iterator[str]:
    """`Class: message` of every error that is made with its message in place."""
    classes = error_classes()
    for name in sorted(TREES):
        for node in ast.walk(TREES[name]):
            if isinstance(node, ast.Call) and node.args:
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                message = template(node.args[0]) if called in classes else None
                if message is not None:
                    yield f"{called}: {' '.join(message.split())}"


MESSAGES = sorted(set(messages()))

VALUE = re.compile(r"\{[^}]+\}")
SAYS_WHAT_TO_DO = re.compile(
    r"(?:[;:.?,(]|\bor|--) ?(?:and )?(?:please )?(?:give|name|set|see|add|leave|make|use|run|report|move|bring|check|"
    r"copy|remove|split|rename|convert|correct|download|filter|restore|start|write|pip install|put|quote|"
    r"export|there are|it has|it needs|such as|on this machine|a run with|"
    r"the same command|are there|can this|which a run only|engines are)\b"
    r"|\{(?:remedy|hint|without|tail|known|_AGAIN)\}|--\w+=value|such as|, as in ",
    re.IGNORECASE,
)
WRAPPED = re.compile(
    r"^[^:]+: (?:--against: |\{key\}: |input |Beam does not accept an option: |"
    r"Dataflow would refuse the job: )?\{\w+\}$"
)
"""The message of another error, with what it is about before it."""
WITHOUT_VALUE = {
    "ConfigError: --against needs the duplicate stage: leave dedup.enabled true",
    "EngineMissingError: Flink does not run; start it: corpusmill engine flink start",
    "EngineMissingError: this system has no /proc: engines are started on Linux only",
    "InputError: no input: give at least one --input PATTERN",
    "OptionError: --num_workers is for remote engines; on this machine it is --set run.workers=N",
    "UsageError: explain needs an output folder and an id, as in corpusmill explain out ID, or --text FILE",
}
"""Something is missing, so that there is no value to name."""
NOT_FOR_PEOPLE_TO_MEND = (
    "AccountingError: the shard ",
    "LostElementsError: the engine has lost ",
    "OutputError: cannot write to the output ",
)
"""Faults of the engine, after which the run says what it has removed, or of the system, whose message follows."""


def test_every_message_is_in_the_golden_file() -> None:
    known = GOLDEN.read_text(encoding="utf-8").splitlines()
    assert sorted(set(MESSAGES) ^ set(known)) == []
    assert known == sorted(known)


def test_messages_are_found_at_all() -> None:
    assert {"UsageError", "DataRefusedError", "ConfigError", "OutputError"} <= error_classes()
    assert len(MESSAGES) > 90


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_names_a_value(message: str) -> None:
    assert VALUE.search(message) or message in WITHOUT_VALUE


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_says_what_to_do(message: str) -> None:
    assert SAYS_WHAT_TO_DO.search(message) or WRAPPED.match(message) or message.startswith(NOT_FOR_PEOPLE_TO_MEND)


@pytest.mark.parametrize("message", ["OutputError: {path} is bad", "ConfigError: it is not good"])
def test_a_message_without_a_remedy_would_be_found(message: str) -> None:
    assert not SAYS_WHAT_TO_DO.search(message)
    assert not WRAPPED.match(message)


if __name__ == "__main__":
    GOLDEN.write_text("".join(f"{line}\n" for line in MESSAGES), encoding="utf-8")
