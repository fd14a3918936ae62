import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from corpusmill.reports.page import render_page, write_page
from tests.support import run_corpus, write_jsonl

pytestmark = pytest.mark.beam

VOID = {"meta", "br"}
OPTIONAL_END = {"p"}


class Checker(HTMLParser):
    """Every element is closed in order, and nothing loads or runs anything."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "action"}]
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def demo(demo_output: Path) -> str:
    return str(demo_output)


def check(html: str) -> Checker:
    checker = Checker()
    checker.feed(html)
    assert not checker.open
    assert not checker.tags & {"script", "link", "img", "iframe", "object", "form"}
    assert all(address.startswith("#") for address in checker.addresses)
    return checker


def test_the_page_holds_the_accounts_the_rules_and_samples_of_what_they_did(demo: str) -> None:
    html = render_page(demo)
    check(html)
    assert "44 documents in = 30 kept + 8 removed as duplicates + 3 dropped by a filter + 3 could not be read." in html
    assert "<ins>+ Forty kites over the sea wall 💥💥💥</ins>" in html
    assert "Boats to give away" in html
    assert "Pairs nearest to the threshold" in html


def test_sections_that_are_linked_are_there(demo: str) -> None:
    html = render_page(demo)
    for target in check(html).addresses:
        assert f'id="{target[1:]}"' in html


def test_scores_languages_and_benchmarks_are_those_of_the_manifest(tmp_path: Path) -> None:
    benchmark = write_jsonl(tmp_path / "b.jsonl", [{"id": "<q>1", "question": " ".join(f"word{n}" for n in range(20))}])
    records = [{"text": f"The ferry number {n} left the quay before the rain, and it was late. " * n} for n in range(9)]
    records.append({"text": " ".join(f"word{n}" for n in range(20))})
    sets = ("filter.presets=[gopher]", "language.enabled=true", f"decontaminate.files=['{benchmark}']")
    manifest = run_corpus(write_jsonl(tmp_path / "in.jsonl", records), tmp_path / "out", *sets)
    html = render_page(str(tmp_path / "out"))
    assert {"languages", "scores", "benchmarks"} <= {target[1:] for target in check(html).addresses}
    for name, histogram in manifest["scores"].items():
        scored, left = sum(histogram["documents"]), sum(histogram["stay"])
        assert f"<code>{name}</code><span>{scored:,} scored, {left:,} left</span>" in html
    words = manifest["scores"]["gopher_words"]
    place = next(k for k, count in enumerate(words["documents"]) if count)
    low, high = words["from"][place], words["from"][place + 1] - 1
    row = f'{low} to {high}</th><td class="n">{words["documents"][place]}</td><td class="n">{words["stay"][place]}</td>'
    assert f'<th scope="row" class="bin">{row}' in html
    english = manifest["languages"]["eng"]
    assert f'eng</th><td class="n">{english["documents"]}</td><td class="n">{english["stay"]}</td>' in html
    assert "<code>&lt;q&gt;1</code> 1</td>" in html


def test_markup_and_controls_in_documents_are_shown_as_text(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script> \x1b]0;title\x07 </pre></details> {{ 7 * 7 }}"
    text = f"{evil}\n\nA sentence about rope that is long enough to stay.\n\nGet link\nFacebook\nX\nPinterest\nEmail\n"
    records = [{"id": f"<b>{k}</b>{evil}", "text": text + str(k)} for k in range(3)]
    run_corpus(write_jsonl(tmp_path / "in" / "<i>evil.jsonl", records), tmp_path / "out")
    html = render_page(str(tmp_path / "out"))
    check(html)
    assert "<b>0" not in html
    assert "\x1b" not in html
    assert "49" not in re.findall(r"\{\{.*?\}\}", html)


def test_an_empty_corpus_has_a_page(tmp_path: Path) -> None:
    run_corpus(write_jsonl(tmp_path / "in.jsonl", [{"no": "text"}]), tmp_path / "out", "input.max_rejected_share=1")
    html = render_page(str(tmp_path / "out"))
    check(html)
    assert "No rule found anything." not in html
    assert "read.no-text" in html


def test_the_page_is_written_beside_the_manifest(demo: str, tmp_path: Path) -> None:
    path = write_page(demo, str(tmp_path))
    assert Path(path).read_text(encoding="utf-8") == render_page(demo)
