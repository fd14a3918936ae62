"""Forms beside which, or in which, a site puts its boxes: no line of a form may be removed, by rules or by learning."""

from collections.abc import Callable, Iterator

import pytest

from tests.sites import FIXED, TEMPLATES, TEXT, Page, Writer
from tests.transforms.kernels.boilerplate.test_sites import clean, learn

PAGES = 8


def poem(w: Writer) -> list[str]:
    """Verse with the words of a share bar."""
    lines = [w.sentence()[:34].rsplit(" ", 1)[0] for _ in range(8)]
    return [*lines[:4], "Like this", lines[4], "Share", lines[5], "Like this", lines[6], "Follow", lines[7]]


def exam(w: Writer) -> list[str]:
    """Questions, answers, the places for name and marks."""
    return ["Name", "Class", f"1. {w.sentence()[:50]}", "a) yes", "b) no", "Answer", "Total", *map(str, range(1, 9))]


def minutes(w: Writer) -> list[str]:
    """The points of a meeting."""
    return ["Present", w.pick(["Ida Falk", "Emil Krog"]), "1. Matters arising", "None", "2. Letters", w.paragraph(1)]


def timetable(w: Writer) -> list[str]:
    """Times, and where to ask."""
    times = [f"{w.number(10, 23)}:{w.number(10, 59)}" for _ in range(5)]
    return ["Monday to Friday", "Harbour", *times, "Notes", "A: on school days", "Help", "Contact", "Tickets"]


def reference(w: Writer) -> list[str]:
    """A function, with parameters, code and other functions."""
    form = [w.paragraph(1), "Parameters", "name", "string", "Returns", "None", "Example", "share(post);", "See also"]
    return [*form, "Share", "Follow", "print(1)", "open(2)", "read(2)", "Support", "Deprecated"]


def buttons(w: Writer) -> list[str]:
    """The buttons and menus of a window."""
    known = ["Share", "Copy link", "Print", "Reply", "File", "Edit", "View", "Log in", "Log out", "Sign up", "Home"]
    return [w.paragraph(1), "Buttons", *known, w.paragraph(1)]


def patch(w: Writer) -> list[str]:
    """Lines of an interface that a patch changes."""
    known = ["-Home", "+Start", "-Share", "+Share this", "-Log in", "+Sign in", "-Leave a Reply", "+Leave a comment"]
    return [w.paragraph(1), "@@ -1,6 +1,6 @@", *known, w.paragraph(1)]


def report(w: Writer) -> list[str]:
    """A heading that sites have as well, and ways to write."""
    return [w.paragraph(1), "Disclaimer", "The figures are estimates.", "Email", "Post", "Telephone", w.paragraph(1)]


def prices(w: Writer) -> list[str]:
    """A table, month by month."""
    months = "August July June May April March February January".split()
    cells = [cell for month in months for cell in (f"{month} 2012", f"{w.number(10, 90)}.5")]
    return ["Month", "Price", *cells, "Source: own survey", w.paragraph(1)]


def property_for_sale(w: Writer) -> list[str]:
    """Fields and their values."""
    fields = ["Rooms", str(w.number(2, 9)), "Price", "240,000 euros", "Heating", "Oil", "Contact", "Agent", "Photos"]
    return [w.paragraph(1), *fields, "12", "Print", "Floor plan"]


FORMS: dict[str, Callable[[Writer], list[str]]] = {
    form.__name__: form
    for form in (poem, exam, minutes, timetable, reference, buttons, patch, report, prices, property_for_sale)
}
BOXES = {
    "nothing": [],
    "share bar": ["Share", "Facebook", "Twitter", "Pinterest"],
    "share block": ["Get link", "Facebook", "X", "Pinterest", "Email", "Other Apps"],
    "advertisement": ["Advertisement", "Story continues below"],
    "newsletter": ["Sign up for our newsletter", "Your email address", "Subscribe"],
    "teaser": ["Read also: The weir of the north"],
}

KNOWN = {("courier-timetable-share-block", line) for line in ("Contact", "Tickets")}
"""What is still lost: where no line of a page is long, its byline may be taken for the text."""


def site(form: str, box: str, template: str | None) -> Iterator[Page]:
    """Yield pages of a form with a box in the middle, bare or in a template."""
    name = f"{template or 'bare'}-{form}-{box.replace(' ', '-')}"
    titles = [Writer(f"{name}/title/{k}").title(k) for k in range(PAGES)]
    for k, title in enumerate(titles):
        lines = FORMS[form](Writer(f"{name}/{k}"))
        half = len(lines) // 2
        inside = ["", *BOXES[box], ""] if BOXES[box] else []
        body = [(line, TEXT) for line in ("", *lines[:half])] + [(line, FIXED) for line in inside]
        body += [(line, TEXT) for line in lines[half:]]
        others = [titles[(k + step) % PAGES] for step in (1, 2, 3, 4)]
        made = TEMPLATES[template](Writer(f"{name}/site/{k}"), title, others, body) if template else body
        yield Page(
            f"{name}-{k}", f"https://{name}.example/{k}", title, name, made if template else [(title, TEXT), *body]
        )


@pytest.mark.parametrize("box", BOXES)
def test_forms_lose_nothing_beside_the_boxes_of_a_site(box: str) -> None:
    templates = [None, *TEMPLATES]
    pages = [
        page
        for at, form in enumerate(FORMS)
        for template in {None, templates[1 + at % len(TEMPLATES)]}
        for page in site(form, box, template)
    ]
    gone = clean(pages, learn(pages))
    lost = {
        (page.site, line)
        for page, own in zip(pages, gone, strict=True)
        for k, (line, mark) in enumerate(page.lines)
        if mark == TEXT and (k in own or -1 - k in own)
    }
    assert lost <= KNOWN


def test_months_of_a_table_stay_where_the_archive_beside_it_has_the_same_months() -> None:
    months = [f"{month} 2012" for month in "October September August July June May April March February".split()]
    pages = []
    for k in range(PAGES):
        w = Writer(f"archive/{k}")
        table = [cell for month in months[:8] for cell in (month, f"{w.number(10, 90)}.5")]
        text = ["Month", "Price", *table, w.paragraph(1)]
        furniture = ["Leave a Reply", "Post Comment", "Archives", *months]
        lines = [("Skip to content", FIXED), (w.title(k), TEXT), *((line, TEXT) for line in text)]
        lines += [(line, FIXED) for line in furniture]
        pages.append(Page(str(k), f"https://archive.example/{k}", w.title(k), "archive", lines))
    for page, own in zip(pages, clean(pages, learn(pages)), strict=True):
        gone = {line if line >= 0 else -1 - line for line in own}
        assert gone == {k for k, (_, mark) in enumerate(page.lines) if mark == FIXED}
