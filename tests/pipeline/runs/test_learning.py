import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console
from typer.testing import CliRunner

from corpusmill.cli import app
from corpusmill.config import ConfigError
from corpusmill.reports.summary import print_summary
from tests.support import DEFAULTS, check_accounts, rows, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

HEAD = ["Skip to content", "The Daily Lantern", "Subscribe to our evening letter", "Weather and tides"]
TAIL = ["Leave a comment", "More from the Lantern", "About our newsroom", "Tip line and letters", "Terms of our paper"]
NOUNS = "ship road bridge lamp orchard kettle violin ladder harbour stove garden window".split()
VERBS = "carried mended painted counted forgot measured lost sold borrowed copied hid drew".split()


def _story(number: int) -> str:
    """A paragraph that shares no five words in a row with another story."""
    words = [f"{NOUNS[(number * 5 + k * 7) % 12]}{number} {VERBS[(number * 3 + k * 5) % 12]} the" for k in range(30)]
    return " ".join(words).capitalize() + "."


def _pages(n: int, host: str) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{host}/{k}",
            "url": f"https://{host}/{k}",
            "title": f"Story number {k} of the {NOUNS[k % 12]}",
            "text": "\n".join([*HEAD, f"Story number {k} of the {NOUNS[k % 12]}", "", _story(k), "", *TAIL]),
        }
        for k in range(n)
    ]


def _texts(out: Path) -> dict[str, str]:
    return {row["id"]: row["text"] for row in rows(out, "corpus")}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with twelve pages of a site and five of others, and the output of a plain run."""
    folder = tmp_path_factory.mktemp("learning")
    plain = [{"id": f"plain/{k}", "url": f"https://s{k}.example/", "text": _story(k + 100)} for k in range(5)]
    run_corpus(write_jsonl(folder / "in.jsonl", _pages(12, "paper.example") + plain), folder / "out")
    return folder


def test_lines_of_a_site_are_learned_and_taken_out_and_written_down(place: Path) -> None:
    texts = _texts(place / "out")
    for k in range(12):
        assert _story(k) in texts[f"paper.example/{k}"]
        assert not [line for line in [*HEAD, *TAIL] if line in texts[f"paper.example/{k}"]]
    assert all(texts[f"plain/{k}"] == _story(k + 100) for k in range(5))
    learned = pq.read_table(place / "out" / "learned_lines.parquet").to_pylist()
    assert set(TAIL) <= {row["sample"] for row in learned}
    check_accounts(place / "out", 17)


def test_what_was_cut_for_a_benchmark_does_not_come_back_with_learned_lines(tmp_path: Path) -> None:
    item = "How many sacks of grain did the miller of the upper village owe to his brother in the wet year?"
    pages = _pages(12, "paper.example")
    pages[5]["text"] = pages[5]["text"].replace(_story(5), f"{_story(5)}\n\nQuiz: {item}\n\nThe end.")
    benchmark = write_jsonl(tmp_path / "quiz.jsonl", [{"question": item}])
    sets = (f"decontaminate.files=['{benchmark}']", "decontaminate.action=cut")
    manifest = run_corpus(write_jsonl(tmp_path / "in.jsonl", pages), tmp_path / "out", *sets)
    assert {"boilerplate.site-line", "boilerplate.learned-line", "decontaminate.overlap"} <= set(
        manifest["lines_removed"]
    )
    text = _texts(tmp_path / "out")["paper.example/5"]
    assert _story(5) in text
    assert "sacks of grain" not in text
    assert not [line for line in [*HEAD, *TAIL] if line in text]


def test_copies_of_one_page_teach_nothing(tmp_path: Path) -> None:
    page = _pages(1, "paper.example")[0]
    run_corpus(
        write_jsonl(tmp_path / "in.jsonl", [{**page, "id": str(k)} for k in range(12)]),
        tmp_path / "out",
        "dedup.enabled=false",
    )
    removed = [line for row in rows(tmp_path / "out", "audit") for line in row["removed_lines"] or ()]
    assert {line["rule"] for line in removed} == {"boilerplate.site-line"}
    assert pq.read_table(tmp_path / "out" / "learned_lines.parquet").num_rows == 0


def test_what_is_learned_does_not_depend_on_the_splits(place: Path, tmp_path: Path) -> None:
    run_corpus(place / "in.jsonl", tmp_path / "out", "input.split_bytes=1024", "input.batch_bytes=1024")
    one, many = (pq.read_table(folder / "out" / "learned_lines.parquet") for folder in (place, tmp_path))
    assert one.equals(many)
    assert _texts(place / "out") == _texts(tmp_path / "out")


def test_a_table_can_be_learned_edited_and_given_back(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", _pages(12, "paper.example"))
    table = str(tmp_path / "lines.parquet")
    result = CliRunner().invoke(app, ["boilerplate", "learn", str(DEFAULTS), "--input", str(inputs), "--output", table])
    assert result.exit_code == 0, result.output
    assert "About our newsroom" in result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "lines.parquet"]
    learned = pq.read_table(table)
    kept = [row for row in learned.to_pylist() if row["sample"] != "About our newsroom"]
    pq.write_table(pa.Table.from_pylist(kept, learned.schema), table)
    run_corpus(inputs, tmp_path / "out", f"boilerplate.learned.table={table}")
    texts = _texts(tmp_path / "out")
    assert all("About our newsroom" in text for text in texts.values())
    assert not any("Tip line and letters" in text for text in texts.values())


def test_learning_does_not_replace_a_file_unless_told_to(tmp_path: Path) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", _pages(3, "paper.example"))
    (tmp_path / "lines.parquet").write_bytes(b"precious")
    command = [
        "boilerplate",
        "learn",
        str(DEFAULTS),
        "--input",
        str(inputs),
        "--output",
        str(tmp_path / "lines.parquet"),
    ]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 2
    assert "--overwrite" in result.stderr
    assert (tmp_path / "lines.parquet").read_bytes() == b"precious"
    assert CliRunner().invoke(app, [*command, "--overwrite"]).exit_code == 0


@pytest.mark.parametrize(
    ("table", "message"),
    [(None, "cannot read"), (b"not parquet", "not a Parquet file"), (pa.table({"line": ["a"]}), "no column 'host'")],
)
def test_a_bad_table_is_named(tmp_path: Path, table: Any, message: str) -> None:
    path = tmp_path / "lines.parquet"
    if isinstance(table, bytes):
        path.write_bytes(table)
    elif table is not None:
        pq.write_table(table, path)
    inputs = write_jsonl(tmp_path / "in.jsonl", _pages(1, "paper.example"))
    with pytest.raises(ConfigError, match=message):
        run_corpus(inputs, tmp_path / "out", f"boilerplate.learned.table={path}")


def test_a_rule_file_of_the_users_own_is_obeyed_and_belongs_to_the_identity_of_the_run(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "platform: gazette\nsource: the Gazette's own pages\n"
        "strings:\n  footer: {role: credit, strength: strong, position: tail, anchoring: line}\n"
        "languages:\n  en:\n    footer: [Printed on Mondays in the old mill]\n"
    )
    text = f"{_story(1)}\n\n{_story(2)}\n\nPrinted on Mondays in the old mill"
    inputs = write_jsonl(tmp_path / "in.jsonl", [{"id": "a", "text": text}])
    run_corpus(inputs, tmp_path / "out", f"boilerplate.rule_files=['{rules}']")
    assert "Printed on" not in _texts(tmp_path / "out")["a"]
    rules.write_text(rules.read_text().replace("credit", "footer"))
    with pytest.raises(ConfigError, match=r"rules.yaml: strings.footer.role: Input should be .*'credit'"):
        run_corpus(inputs, tmp_path / "other", f"boilerplate.rule_files=['{rules}']")
    rules.write_text("platform: [")
    with pytest.raises(ConfigError, match="rule_files"):
        run_corpus(inputs, tmp_path / "other", f"boilerplate.rule_files=['{rules}']")


def _summary(out: Path) -> str:
    console = Console(record=True, width=200, file=io.StringIO())
    print_summary(console, json.loads((out / "manifest.json").read_text()), str(out))
    return console.export_text()


def test_without_addresses_nothing_is_learned_which_the_summary_says(tmp_path: Path) -> None:
    pages = [{name: value for name, value in page.items() if name != "url"} for page in _pages(12, "paper.example")]
    inputs = write_jsonl(tmp_path / "in.jsonl", pages)
    run_corpus(inputs, tmp_path / "none")
    assert pq.read_table(tmp_path / "none" / "learned_lines.parquet").num_rows == 0
    assert "No lines were learned from 12 documents without an address (input.url_column: url)" in _summary(
        tmp_path / "none"
    )
    run_corpus(inputs, tmp_path / "one", "boilerplate.learned.one_host=true")
    assert not any("Tip line and letters" in text for text in _texts(tmp_path / "one").values())
    assert "No lines were learned" not in _summary(tmp_path / "one")
    assert {row["host"] for row in pq.read_table(tmp_path / "one" / "learned_lines.parquet").to_pylist()} == {""}


def test_rules_are_evidence_though_they_take_their_lines_out_before(place: Path) -> None:
    removed = [line for row in rows(place / "out", "audit") for line in row["removed_lines"] or ()]
    assert {"boilerplate.learned-line", "boilerplate.site-line"} <= {line["rule"] for line in removed}
    for page in _pages(1, "paper.example"):
        (row,) = [row for row in rows(place / "out", "audit") if row["id"] == page["id"]]
        lines = page["text"].split("\n")
        assert all(lines[line["line"]] == line["text"] for line in row["removed_lines"])
