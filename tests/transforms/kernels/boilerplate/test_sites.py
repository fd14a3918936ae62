"""Whole sites through rules and learning: what is the site's goes, and nothing that a text says."""

from collections import Counter
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from corpusmill.transforms.kernels.boilerplate import BoilerplateSettings, strip_column
from corpusmill.transforms.kernels.boilerplate.learning.apply import Before, apply_learned
from corpusmill.transforms.kernels.boilerplate.learning.learn import learn_table, titles_of
from corpusmill.transforms.kernels.boilerplate.learning.learned_table import LearnedTable
from corpusmill.transforms.kernels.boilerplate.learning.line_statistics import (
    documents_of,
    line_statistics,
    merge_statistics,
)
from corpusmill.transforms.kernels.boilerplate.learning.second_look import look_again
from corpusmill.transforms.kernels.schema import REMOVED_LINES_TYPE
from tests.sites import FIXED, FORMS, TEMPLATES, TEXT, Page, site, wrap

DEFAULT = BoilerplateSettings()


def learn(pages: list[Page], size: int = 1000) -> pa.Table:
    """Learn from pages in batches of some size."""
    columns = [pa.array([getattr(page, name) for page in pages], pa.string()) for name in ("text", "url", "title")]
    batches = [[column[k : k + size] for column in columns] for k in range(0, len(pages), size)]
    first = merge_statistics([line_statistics(text, url, DEFAULT, titles=title) for text, url, title in batches])
    table = LearnedTable(pa.concat_tables([learn_table(first, DEFAULT), titles_of(first)]))
    again = [look_again(text, url, table, DEFAULT, titles=title) for text, url, title in batches]
    return learn_table(merge_statistics([documents_of(first), *again]), DEFAULT)


def clean(pages: list[Page], table: pa.Table) -> list[set[int]]:
    """Return the lines of each page that learning takes; those that rules take do not count."""
    text, url, title = (
        pa.array([getattr(page, name) for page in pages], pa.string()) for name in ("text", "url", "title")
    )
    ruled = strip_column(text, DEFAULT, titles=title, urls=url)
    lists: list[list[dict[str, object]] | None] = [None] * len(pages)
    for row, line, rule, removed in ruled.removed:
        lists[row] = [*(lists[row] or []), {"line": line, "rule": rule, "text": removed}]
    changed = pa.array([rows is not None for rows in lists])
    before = Before(pc.if_else(changed, text, None), pa.array(lists, REMOVED_LINES_TYPE))
    found = apply_learned(ruled.text, url, table, DEFAULT, titles=title, before=before)
    gone: list[set[int]] = [set() for _ in pages]
    for own in found.removed:
        assert own.line not in {other["line"] for other in lists[own.row] or ()}
        gone[own.row].add(own.line)
    for own in ruled.removed:
        gone[own.row].add(-1 - own.line)
    return gone


def hurt(pages: list[Page], gone: list[set[int]]) -> Counter[str]:
    return Counter(
        page.lines[line][0]
        for page, own in zip(pages, gone, strict=True)
        for line in own
        if line >= 0 and page.lines[line][1] == TEXT
    )


def fixed_share(pages: list[Page], gone: list[set[int]]) -> float:
    marks = [
        (line in own or -1 - line in own)
        for page, own in zip(pages, gone, strict=True)
        for line, (_, mark) in enumerate(page.lines)
        if mark == FIXED
    ]
    return sum(marks) / len(marks)


@pytest.mark.parametrize("bar", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_forms_lose_nothing_whether_a_share_bar_stands_in_them_or_not(form: str, bar: bool) -> None:
    pages = site(None, form, 20, bar=bar)
    assert hurt(pages, clean(pages, learn(pages))) == {}


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("form", FORMS)
def test_forms_inside_furniture_lose_nothing_and_the_furniture_goes(template: str, form: str) -> None:
    for pages in (site(template, form, 20), site(template, form, 10, bar=True), site(template, form, 10, articles=14)):
        gone = clean(pages, learn(pages))
        assert hurt(pages, gone) == {}
        assert fixed_share(pages, gone) >= 0.9


@pytest.mark.parametrize("template", TEMPLATES)
def test_articles_lose_their_furniture_whether_hard_wrapped_or_not(template: str) -> None:
    for pages in (site(template, "article", 24), [wrap(page) for page in site(template, "article", 24)]):
        gone = clean(pages, learn(pages))
        assert hurt(pages, gone) == {}
        assert fixed_share(pages, gone) >= 0.94


def test_what_other_sites_have_behind_their_interface_stays_in_a_form() -> None:
    others = [page for template in TEMPLATES for page in site(template, "job", 12)]
    pages = site(None, "job", 12)
    table = learn([*others, *pages])
    assert hurt(pages, clean(pages, table)) == {}


def test_the_table_says_why_a_line_counts_as_proven() -> None:
    rows = {row["sample"]: row for row in learn(site("courier", "recipe", 20)).to_pylist() if row["kind"] == "line"}
    assert rows["About the Courier"]["enclosed"] == 1.0
    assert rows["Ingredients"]["enclosed"] == 0.0
    assert rows["Serves 2"]["varies"]
    assert not rows["2 eggs"]["varies"]


def test_what_is_learned_does_not_depend_on_how_the_pages_are_cut() -> None:
    pages = [*site("courier", "recipe", 12), *site("dorfblatt", "article", 12), *site(None, "law", 12)]
    whole = learn(pages)
    assert whole.equals(learn(pages, 7))
    assert whole.equals(learn(pages[::-1], 5))
    gone = clean(pages, whole)
    edges = [0, 1, 9, 20, len(pages)]
    assert gone == [own for a, b in pairwise(edges) for own in clean(pages[a:b], whole)]


def test_a_host_whose_pages_show_no_interface_teaches_nothing() -> None:
    (row,) = learn(site(None, "law", 20)).to_pylist()
    assert (row["host"], row["kind"], row["sample"]) == ("plain-law.example", "plain", "")


def test_what_other_sites_teach_is_not_for_a_site_that_shows_no_interface() -> None:
    others = [page for template in TEMPLATES for page in site(template, "article", 12)]
    plain = site(None, "interview", 8)
    for page in [*others, *plain]:  # what is furniture elsewhere is the end of a text here
        page.lines += [("Tell us what you saw", TEXT), (f"Printed in {page.site}", TEXT)]
    table = learn([*others, *plain])
    assert any(row["host"] is None and row["sample"] == "Tell us what you saw" for row in table.to_pylist())
    assert hurt(plain, clean(plain, table)) == {}


def test_a_timetable_before_the_titles_of_other_pages_is_the_text() -> None:
    pages = site("courier", "article", 20)
    for k, page in enumerate(pages):
        text = [f"{place} {6 + k % 9}:{10 + k}" for place in ("Harbour", "Market", "Church", "School", "Mill")]
        lines = ["Mondays to Fridays", "Valid from 1 May", *text, "Not on public holidays", "Tickets from the driver"]
        first, *_, last = (n for n, (line, mark) in enumerate(page.lines) if mark == TEXT and len(line) > 200)
        page.lines[first : last + 1] = [(line, TEXT) for line in lines]
    assert hurt(pages, clean(pages, learn(pages))) == {}


def test_a_box_for_a_newsletter_in_a_form_proves_nothing_of_what_follows() -> None:
    box = ["Sign up for our newsletter", "Enter your email address", "Subscribe now"]
    for template in (None, "gazette"):
        pages = site(template, "recipe", 20)
        for page in pages:
            last = max(n for n, (line, mark) in enumerate(page.lines) if mark == TEXT and line)
            rest = [(line, TEXT) for line in ("Per serving", f"{len(page.title)}00 kcal", "Enjoy your meal")]
            page.lines[last + 1 : last + 1] = [*((line, FIXED) for line in box), *rest]
        assert hurt(pages, clean(pages, learn(pages))) == {}


@pytest.mark.parametrize("form", FORMS)
def test_a_title_that_no_column_tells_stays_between_menu_and_text(form: str) -> None:
    pages = site("courier", form, 20)
    for page in pages:
        page.title = ""
    assert hurt(pages, clean(pages, learn(pages))) == {}


@pytest.mark.parametrize("form", FORMS)
def test_forms_without_blank_lines_lose_nothing(form: str) -> None:
    pages = site("gazette", form, 20, bar=True)
    for page in pages:
        page.lines = [line for line in page.lines if line[0]]
    assert hurt(pages, clean(pages, learn(pages))) == {}


@pytest.mark.parametrize("before", [True, False])
def test_a_heading_that_an_advertisement_touches_on_every_page_stays(before: bool) -> None:
    heading, label = ("On the second day", TEXT), ("Advertisement", FIXED)
    pages = site("courier", "article", 20)
    for page in pages:
        first = next(k for k, (line, mark) in enumerate(page.lines) if mark == TEXT and len(line) > 200)
        page.lines[first + 1 : first + 1] = [heading, label] if before else [label, heading]
    gone = clean(pages, learn(pages))
    assert hurt(pages, gone) == {}
    assert fixed_share(pages, gone) >= 0.94
