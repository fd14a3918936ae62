"""Looking at a finished output: explain, sample, ids, diff, on the demo."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from corpusmill.cli import app
from corpusmill.reports.comparison import compare
from corpusmill.reports.corpus import read_manifest
from corpusmill.reports.document_history import gather_story, render_story
from corpusmill.reports.lookup import find_document
from corpusmill.reports.selecting import sample_rows
from tests.support import rows, run_corpus, write_jsonl

pytestmark = pytest.mark.beam

runner = CliRunner()


@pytest.fixture
def demo(demo_output: Path) -> Path:
    return demo_output


def look(*arguments: object, code: int = 0, text: str | None = None) -> str:
    result = runner.invoke(app, list(map(str, arguments)), input=text)
    assert result.exit_code == code, result.output + str(result.exception)
    return result.stdout if code == 0 else result.stderr


def story(out: Any, identifier: str, width: int | None = None) -> str:
    (row,) = find_document(str(out), identifier)
    return render_story(gather_story(str(out), read_manifest(str(out)), row), width).plain


def test_explain_shows_changes_as_a_diff_and_removed_lines_in_their_place(demo: Path) -> None:
    shown = look("explain", demo, "blog/kites").split("\n")
    assert "     1 - Forty kites over the sea wall πŸ’₯πŸ’₯πŸ’₯" in shown
    assert "     1 + Forty kites over the sea wall 💥💥💥" in shown
    at = next(k for k, line in enumerate(shown) if "boilerplate.site-line" in line)
    assert shown[at].strip() == "10 - Get link  boilerplate.site-line"
    assert shown[at - 2].strip().startswith("7   If you want to come next year")


@pytest.mark.parametrize("width", [60, 120])
def test_no_line_of_a_story_is_wider_than_the_terminal(demo: Path, width: int) -> None:
    for row in rows(demo, "audit"):
        if row["id"]:
            text = render_story(gather_story(str(demo), read_manifest(str(demo)), row), width)
            assert max(line.cell_len for line in text.split("\n")[1:]) <= width


def test_a_story_without_its_source_says_so_and_shows_the_removed_lines(tmp_path: Path) -> None:
    inputs = write_jsonl(
        tmp_path / "in.jsonl",
        [
            {
                "id": "a",
                "text": "Tea &amp; cake at the pier, and then the rain came.\n\nGet link\nFacebook\nPinterest\nEmail",
            }
        ],
    )
    run_corpus(inputs, tmp_path / "out")
    inputs.unlink()
    shown = story(tmp_path / "out", "a")
    assert "encoding.decode-entities: 1 place" in shown
    assert "its source is not there as it was" in shown
    assert "- Get link  boilerplate.s" in shown


def test_explain_escapes_controls_in_texts_and_respects_no_color(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "Rope \x1b[2J &amp; sail.\n\nGet link \x1b]0;owned\x07\nFacebook\nGet link"
    run_corpus(write_jsonl(tmp_path / "in.jsonl", [{"id": "a", "text": text}]), tmp_path / "out")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    console = Console(force_terminal=True, width=60)
    with console.capture() as captured:
        console.print(
            render_story(
                gather_story(
                    str(tmp_path / "out"),
                    read_manifest(str(tmp_path / "out")),
                    *find_document(str(tmp_path / "out"), "a"),
                ),
                60,
            )
        )
    colours = [code for code in ("\x1b[31", "\x1b[32", "\x1b[2J", "\x1b]0;") if code in captured.get()]
    assert not colours
    assert "<U+001B>" in captured.get()


def test_explain_needs_a_document_or_a_text(demo: Path) -> None:
    assert "explain needs an output folder and an id" in look("explain", demo, code=2)
    assert "leave one out" in look("explain", demo, "blog/kites", "--text", "x", code=2)


PAGE = "Fish &amp; chips on the pier\n\nWe met at the pier and it rained all day, so we stayed.\n\nGet link\nFacebook\n"


def test_explain_text_says_what_would_happen_with_the_defaults() -> None:
    shown = look("explain", "--text", "-", text=PAGE)
    assert "it would be kept: 105 characters read" in shown
    assert "1 + Fish & chips on the pier" in shown
    assert "5 - Get link  boilerplate.site-line" in shown


def test_explain_text_takes_the_learned_lines_and_the_settings_of_the_run(demo: Path, tmp_path: Path) -> None:
    menu = "Leave a comment\nTides and sailings\nLost and found\nBoats to give away\nHow we print\nWrite to the pier"
    talk = (
        "A wet day on the quay, and nobody minded the rain. We sat in the shed and mended nets until the tide turned."
    )
    url = "https://piergazette.example/a-wet-day"
    shown = look("explain", demo, "--text", "-", "--url", url, text=f"{talk}\n\n{menu}")
    assert "How we print  boilerplate.learned-line" in shown
    assert "learned-line" not in look("explain", "--text", "-", "--url", url, text=f"{talk}\n\n{menu}")
    run_corpus(write_jsonl(tmp_path / "in.jsonl", [{"text": talk}]), tmp_path / "out", "filter.min_chars=40")
    assert "dropped by the rule filter.too-short" in look("explain", tmp_path / "out", "--text", "-", text="Too short.")


def test_explain_text_asks_the_quality_rules_of_the_run(tmp_path: Path) -> None:
    talk = "We sat in the shed and mended nets until the tide turned, and that was the end of a long day with no fish."
    source = write_jsonl(tmp_path / "in.jsonl", [{"text": talk, "grade": 3}])
    sets = ("filter.presets=[gopher]", "filter.gopher.min_words=9", "input.keep_columns={grade: int64}")
    run_corpus(source, tmp_path / "out", *sets, 'filter.columns={grade: ">= 3"}')
    verdict = "it would be dropped by the rule quality.gopher-min-words (2 < 9)"
    assert verdict in look("explain", tmp_path / "out", "--text", "-", text="Too short.")
    assert "it would be kept" in look("explain", tmp_path / "out", "--text", "-", text=talk)


def test_a_sample_is_the_same_for_the_same_seed_and_another_for_another(demo: Path) -> None:
    manifest = read_manifest(str(demo))
    draws = [[row["id"] for row in sample_rows(str(demo), manifest, "kept", 5, seed)] for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]
    audit = [row["id"] for row in rows(demo, "audit")]
    assert sorted(draws[0], key=audit.index) == draws[0]


def test_every_document_can_be_drawn_about_equally_often(demo: Path) -> None:
    """Of 30 kept documents 10 are drawn 300 times: each 100 times, and 5 standard deviations are 41."""
    manifest = read_manifest(str(demo))
    counts = dict.fromkeys((row["id"] for row in rows(demo, "audit") if row["decision"] == "kept"), 0)
    for seed in range(300):
        for row in sample_rows(str(demo), manifest, "kept", 10, seed):
            counts[row["id"]] += 1
    assert len(counts) == 30
    assert all(abs(count - 100) <= 41 for count in counts.values())


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("dedup.near", 4),
        ("dedup", 8),
        ("rejected", 3),
        ("filter.empty", 1),
        ("encoding.repair-mojibake", 7),
        (None, 44),
    ],
)
def test_a_sample_is_of_documents_under_the_reason(demo: Path, reason: str | None, expected: int) -> None:
    drawn = sample_rows(str(demo), read_manifest(str(demo)), reason, 100, 0)
    audit = rows(demo, "audit")
    under: dict[str | None, Callable[[dict[str, Any]], bool]] = {
        None: lambda _: True,
        "dedup": lambda row: row["decision"] == "duplicate",
        "rejected": lambda row: row["decision"] == "rejected",
        "encoding.repair-mojibake": lambda row: "encoding.repair-mojibake" in {r["rule"] for r in row["repairs"] or ()},
    }
    wanted: Callable[[dict[str, Any]], bool] = under.get(reason, lambda row: bool(row["reason"] == reason))
    assert drawn == [row for row in audit if wanted(row)]
    assert reason == "encoding.repair-mojibake" or len(drawn) == expected


def test_sample_prints_text_reason_source_and_partner_and_json_holds_all_of_the_text(demo: Path) -> None:
    shown = look("sample", demo, "--reason", "dedup.near", "-n", "20")
    assert "blog/kites-rewritten\n  dedup.near, similarity 0.8952, from " in shown
    assert "  kept: blog/kites: Forty kites over the sea wall 💥💥💥" in shown
    found = json.loads(look("sample", demo, "--reason", "dedup", "-n", "20", "--json"))
    assert len(found) == 8
    by_id = {row["id"]: row["text"] for row in rows(demo, "removed")}
    assert {row["id"]: row["text"] for row in found} == by_id
    kept = {row["id"]: row["text"] for row in rows(demo, "corpus")}
    assert all(row["partner_text"] == kept[row["partner_id"]] for row in found)


def test_sample_names_the_reasons_that_there_are(demo: Path) -> None:
    assert "there are kept, duplicate, filtered, rejected, boilerplate" in look(
        "sample", demo, "--reason", "no", code=2
    )


def test_ids_finds_parts_and_patterns_and_names_near_ones(demo: Path) -> None:
    assert look("ids", demo, "KITES-C") == f"blog/kites-copy  dedup.exact  {rows(demo, 'audit')[0]['source']}\n"
    assert [line.split()[0] for line in look("ids", demo, "blog/k*").splitlines()] == [
        "blog/kites",
        "blog/kites-copy",
        "blog/kites-rewritten",
    ]
    assert "… and 2 more" in look("ids", demo, "kites", "-n", "1")
    assert "near ones are 'blog/kites'" in look("ids", demo, "blog/kytes", code=2)
    assert look("ids", demo, "blog.kites", code=2)  # a dot is a dot
    assert json.loads(look("ids", demo, "kites", "--json"))["total"] == 3


@pytest.fixture(scope="module")
def two_outputs(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("two")
    inputs = write_jsonl(
        folder / "in.jsonl",
        [
            {"id": "short", "text": "Rope."},
            {"id": "entity", "text": "Tea &amp; cake on the pier in the rain."},
            {"id": "sound", "text": "The ferry leaves at nine from the pier."},
            {"id": "copy", "text": "The ferry leaves at nine from the pier."},
        ],
    )
    run_corpus(inputs, folder / "a", "normalize.enabled=false", "filter.min_chars=10")
    run_corpus(inputs, folder / "b", "dedup.enabled=false", "filter.max_chars=38")
    return folder / "a", folder / "b"


@pytest.mark.parametrize("part_rows", [1, 1000])
def test_diff_tells_what_was_gained_lost_and_changed_by_rule(two_outputs: Any, part_rows: int) -> None:
    first, second = ((str(out), read_manifest(str(out))) for out in two_outputs)
    found = compare(first, second, examples=5, part_rows=part_rows)
    named = {
        kind: {rule: [row["id"] for row in examples] for rule, examples in rules.items()}
        for kind, rules in found.examples.items()
    }
    assert named == {
        "gained": {"filter.too-short": ["short"]},
        "lost": {"filter.too-long": ["sound"]},
        "changed": {"encoding.decode-entities": ["entity"]},
        "removed for another reason": {"dedup.exact -> filter.too-long": ["copy"]},
    }
    assert found.counts == {"gained": 1, "lost": 1, "changed": 1, "removed for another reason": 1}
    assert found.documents == {"both": 4, "first only": 0, "second only": 0}


def test_an_output_does_not_differ_from_itself_and_inputs_that_one_has_not_are_named(
    demo: Path, two_outputs: Any
) -> None:
    assert "No document differs." in look("diff", demo, demo)
    shown = look("diff", two_outputs[0], demo)
    assert "0 documents in both inputs, 4 in the first only, 44 in the second only" in shown
    assert "not in the input" in shown
    assert json.loads(look("diff", two_outputs[0], two_outputs[1], "--json"))["gained"]["rules"] == {
        "filter.too-short": 1
    }
