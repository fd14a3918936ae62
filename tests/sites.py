"""Whole sites for the tests: templates around articles and around texts that have a form of their own.

Each page is a list of lines with a mark: `TEXT` for what the text says, `FIXED` for what the site puts on its pages
word for word, `VARYING` for its lines of which a part changes. All sites, names and sentences are made up.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

TEXT, FIXED, VARYING, BLANK = "text", "fixed", "varying", "blank"

Line = tuple[str, str]

_WHO = "the miller|our neighbour|a young surveyor|the ferryman|the choir|the old baker|two engineers|the council".split(
    "|"
)
_DID = "repaired|measured|remembered|painted|sold|described|carried|questioned|counted|rebuilt|inspected".split("|")
_WHAT = (
    "the sluice gate|a wooden bridge|the long wall|an empty barn|the northern road|a box of letters|the clock".split(
        "|"
    )
)
_WHEN = "before the harvest|in the wet spring of that year|while it was still dark|after the fair|last winter".split(
    "|"
)
_WHY = (
    "because nobody else would|as the law demanded|although the money had run out|so that the boats could pass".split(
        "|"
    )
)
_TOPIC = "Sluices Orchards Lanterns Ferries Bakeries Bridges Harvests Choirs Kilns Meadows Weirs Looms Mills".split()
_TURN = "of the north|without a keeper|in bad weather|for beginners|at the border|under repair|on the hill".split("|")
_NAMES = "Ida Falk|Tomas Birk|Rosa Lind|Emil Krog|Nora Vass|Pavel Horn|Lucie Martel|Deniz Aksu".split("|")
_MONTHS = "January February March April May June July August September October November December".split()


class Writer:
    """Writes text from a seed."""

    def __init__(self, seed: str) -> None:
        self.rng = random.Random(seed)

    def sentence(self) -> str:
        """Return a sentence of some length."""
        pick = self.rng.choice
        words = f"{pick(_WHO)} {pick(_DID)} {pick(_WHAT)} {pick(_WHEN)}, {pick(_WHY)}"
        words += f", and {pick(_WHO)} {pick(_DID)} {pick(_WHAT)}"
        return words[0].upper() + words[1:] + "."

    def paragraph(self, sentences: int = 3) -> str:
        """Return a long line."""
        return " ".join(self.sentence() for _ in range(sentences))

    def title(self, number: int) -> str:
        """Return a title that no other page of the site has."""
        return f"{_TOPIC[number % len(_TOPIC)]} {_TURN[number // len(_TOPIC) % len(_TURN)]}"

    def number(self, low: int, high: int) -> int:
        """Return a number."""
        return self.rng.randint(low, high)

    def pick(self, values: list[str]) -> str:
        """Return one of some values."""
        return self.rng.choice(values)


@dataclass
class Page:
    """A page of a site."""

    id: str
    url: str
    title: str
    site: str
    lines: list[Line] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(line for line, _ in self.lines)

    def marked(self, mark: str) -> list[str]:
        """Return the lines with a mark."""
        return [line for line, own in self.lines if own == mark]


def _lines(mark: str, *lines: str) -> list[Line]:
    return [(line, mark if line else BLANK) for line in lines]


# Texts with a form of their own. Each gets a writer and the number of the page, and returns title and lines.


def article(w: Writer, number: int) -> tuple[str, list[str]]:
    """A text without a form."""
    lines: list[str] = []
    for _ in range(w.number(4, 7)):
        lines += ["", w.paragraph(w.number(2, 4))]
    return w.title(number), lines


def recipe(w: Writer, number: int) -> tuple[str, list[str]]:
    """Ingredients with weights, times, steps that many recipes share."""
    title = f"{w.title(number)} pie"
    lines = ["", f"Preparation time: {w.number(5, 60)} minutes", f"Serves {w.number(2, 8)}", "Difficulty: easy", ""]
    lines += [
        "Ingredients",
        *(f"{w.number(2, 40) * 10} g {w.pick(['almonds', 'plums', 'flour', 'butter'])}" for _ in "1234"),
    ]
    lines += ["1 pinch of salt", "2 eggs", "", "Method", "Heat the oven to 180 °C.", "Grease the tin.", w.paragraph(2)]
    return title, [
        *lines,
        "Leave to cool.",
        "Serve warm.",
        "",
        "Notes",
        "None.",
        "Photos",
        "Tips",
        "Keeps for two days.",
    ]


def law(w: Writer, number: int) -> tuple[str, list[str]]:
    """Chapters and articles."""
    lines = ["", "Chapter I", "General provisions"]
    for k in range(1, 6):
        lines += ["", f"Article {k}", w.paragraph(w.number(1, 3))]
        if k == 3:
            lines += ["", "Chapter II", "Final provisions"]
    return f"Act No. {number} on {w.title(number).lower()}", [
        *lines,
        "",
        "Entry into force",
        "This Act enters into force on publication.",
    ]


def leaflet(w: Writer, number: int) -> tuple[str, list[str]]:
    """Warnings that all leaflets have, word for word."""
    lines = ["", "Read all of this leaflet before you start.", "Keep this leaflet.", "", "What is in this leaflet"]
    lines += ["1. What it is", "2. Before you use it", "3. How to use it", "", w.paragraph(), "", "Do not use it"]
    lines += [
        "if you are allergic to it",
        "if the seal is broken",
        "",
        w.paragraph(),
        "",
        "Side effects",
        "None known",
        "Very rare",
        "",
    ]
    lines += [
        "How to store it",
        "Keep out of the reach of children.",
        "Contact",
        "Ask your pharmacist.",
        "Further information",
        "Questions and answers",
    ]
    return f"Salve {w.title(number).lower()} {w.number(5, 50)} mg", lines


def job(w: Writer, number: int) -> tuple[str, list[str]]:
    """A job advertisement, with the words of an interface."""
    lines = [
        "",
        w.paragraph(),
        "",
        "Your tasks",
        w.sentence()[:60],
        "Location",
        "Remote",
        "",
        "Your profile",
        "University degree",
    ]
    lines += [
        "Driving licence",
        "",
        "We offer",
        "30 days of leave",
        "Flexible hours",
        "About us",
        w.paragraph(2),
        "Contact",
    ]
    return f"{w.title(number)}: keeper (m/f/d)", [
        *lines,
        "Ida Falk",
        "Phone",
        "How to apply",
        "We look forward to hearing from you",
    ]


def manual(w: Writer, number: int) -> tuple[str, list[str]]:
    """An entry of a manual, with code and fixed answers."""
    lines = [
        "",
        w.paragraph(),
        "",
        "Parameters",
        "name: string",
        "value: number",
        "",
        "Returns",
        "None.",
        "",
        "Example",
    ]
    lines += [
        "```python",
        "import mill",
        f"mill.grind({number})",
        "```",
        "",
        "Throws",
        "TypeError",
        "",
        "Download",
        "Help",
    ]
    return f"mill.function_{number}()", [*lines, "See also", "Errors", "Types", "Support", "License", "MIT"]


def interview(w: Writer, number: int) -> tuple[str, list[str]]:
    """The same questions to everybody, short answers."""
    asked = [
        "Where do you live?",
        "What did you want to be?",
        "Tea or coffee?",
        "What makes you laugh?",
        "Your favourite word?",
    ]
    lines = [line for question in asked for line in ("", question, w.sentence()[: w.number(40, 120)])]
    return f"Five questions for {w.title(number).lower()}", [
        *lines,
        "",
        "What next?",
        "Like this.",
        "Share your thoughts",
        "Reply",
    ]


def changelog(w: Writer, number: int) -> tuple[str, list[str]]:
    """Nothing but short lines, and answers that are often the same."""
    lines = [
        "",
        "Added",
        w.sentence()[:50],
        "Changed",
        w.sentence()[:60],
        "Fixed",
        "Typos in the manual",
        "Crash on exit",
    ]
    return f"Version {number}.0", [*lines, "", "Known issues", "None", "Security", "None"]


def event(w: Writer, number: int) -> tuple[str, list[str]]:
    """A concert, with opening hours and prices."""
    lines = [
        "",
        w.paragraph(2),
        "",
        "Location",
        "Town hall",
        "Tickets",
        f"Adults {w.number(5, 20)} euros",
        "Children free",
        "Video",
    ]
    return f"Concert: {w.title(number)}", [
        *lines,
        "Opening hours",
        "Monday to Friday",
        "Calendar",
        "Every year in May",
        "Photos",
        "Contact",
    ]


FORMS: dict[str, Callable[[Writer, int], tuple[str, list[str]]]] = {
    "recipe": recipe, "law": law, "leaflet": leaflet, "job": job, "manual": manual, "interview": interview,
    "changelog": changelog, "event": event,
}  # fmt: skip


# Templates. Each gets a writer, the page's title, titles of other pages, and the text's lines.


def courier(w: Writer, title: str, others: list[str], body: list[Line]) -> list[Line]:
    """An English newspaper."""
    section = w.pick(["Town", "Valley", "Markets"])
    date = f"{w.number(1, 28)} {w.pick(_MONTHS)} {w.number(2012, 2024)}, {w.number(10, 23)}:{w.number(10, 59)}"
    head = _lines(
        FIXED,
        "Skip to content",
        "Millbrook Courier",
        "Sign in",
        "My account",
        "Town",
        "Valley",
        "Markets",
        "Obituaries",
        "Subscribe",
    )
    head += [*_lines(VARYING, f"Courier / {section} / {title}"), ("", BLANK), (title, TEXT)]
    head += [*_lines(VARYING, f"Published {date}", f"By {w.pick(_NAMES)}, Valley Correspondent"), ("", BLANK)]
    tail = [("", BLANK), *_lines(VARYING, f"Tags: {w.pick(['weir', 'oats'])}, {w.pick(['fair', 'flood'])}")]
    tail += _lines(FIXED, "Share this article", "Facebook", "Twitter", "Copy link")
    tail += [
        *_lines(VARYING, f"{w.number(2, 90)} comments"),
        *_lines(FIXED, "More from the Courier"),
        *_lines(VARYING, *others[:3]),
    ]
    tail += _lines(
        FIXED,
        "The Weir: our letter on Fridays",
        "Your e-mail address",
        "Sign up",
        "About the Courier",
        "Our newsroom",
        "Place a notice",
    )
    tail += _lines(FIXED, "Privacy policy", "Terms of use", "© Millbrook Courier Printing Works")
    return [*head, *_with_advertisement(body, "Advertisement", "Story continues below"), *tail]


def dorfblatt(w: Writer, title: str, others: list[str], body: list[Line]) -> list[Line]:
    """A German village paper."""
    head = _lines(
        FIXED,
        "Zum Inhalt springen",
        "Dorfblatt Oberau",
        "Startseite",
        "Vereine",
        "Höfe",
        "Termine",
        "Anmelden",
        "Suche",
    )
    head += [("", BLANK), (title, TEXT), ("", BLANK)]
    tail = [("", BLANK), *_lines(FIXED, "Beitrag teilen", "Drucken"), *_lines(VARYING, f"{w.number(2, 40)} Kommentare")]
    tail += _lines(FIXED, "Mehr aus Oberau") + _lines(VARYING, *others[:4])
    tail += _lines(
        FIXED,
        "Newsletter abonnieren",
        "Neues vom Dorf einmal im Monat",
        "Impressum",
        "Datenschutz",
        "Nach oben",
        "Gedruckt in Oberau",
    )
    return [*head, *_with_advertisement(body, "Anzeige"), *tail]


def gazette(w: Writer, title: str, others: list[str], body: list[Line]) -> list[Line]:
    """A French weekly with a share bar between the paragraphs."""
    head = _lines(
        FIXED, "Aller au contenu", "La Gazette du Moulin", "Accueil", "Villages", "Marchés", "Se connecter", "S'abonner"
    )
    head += [("", BLANK), (title, TEXT), ("", BLANK)]
    tail = [
        ("", BLANK),
        *_lines(FIXED, "Partager", "Facebook", "WhatsApp", "Imprimer", "Laisser un commentaire", "Lire aussi"),
    ]
    tail += _lines(VARYING, *others[:3])
    tail += _lines(
        FIXED,
        "Les plus lus du Moulin",
        "Mentions légales",
        "Politique de confidentialité",
        "Tous droits réservés",
        "Imprimé au bord de l'eau",
    )
    tail += _lines(VARYING, f"{w.number(2, 9)} avis de lecteurs")
    return [*head, *body, *tail]


TEMPLATES = {"courier": courier, "dorfblatt": dorfblatt, "gazette": gazette}


def _with_advertisement(body: list[Line], *label: str) -> list[Line]:
    """Put a label between the second and the third paragraph of an article."""
    long = [k for k, (line, _) in enumerate(body) if len(line) > 200]
    if len(long) < 3:
        return body
    return [*body[: long[1] + 1], ("", BLANK), *_lines(FIXED, *label), *body[long[1] + 1 :]]


def share_bar(body: list[Line]) -> list[Line]:
    """Put a share bar into the middle of a form, at a blank line."""
    blank = [k for k, (line, _) in enumerate(body) if not line]
    if len(blank) < 2:
        return body
    at = blank[len(blank) // 2]
    return [*body[:at], *_lines(FIXED, "", "Share", "Facebook", "Twitter", "Pinterest"), *body[at:]]


def site(template: str | None, form: str, pages: int, *, bar: bool = False, articles: int = 0) -> list[Page]:
    """Return the pages of a site.

    Args:
        template: Name of a template, None for texts without furniture.
        form: Name of a form, or `article`.
        pages: How many.
        bar: Whether a share bar is in the middle of each text.
        articles: How many articles the site has besides, in the same template.
    """
    name = f"{template or 'plain'}-{form}{'-bar' if bar else ''}{'-half' if articles else ''}"
    kinds = [article] * articles + [FORMS.get(form, article)] * pages
    texts = [kind(Writer(f"{name}/{k}"), k) for k, kind in enumerate(kinds)]
    found = []
    for k, (title, lines) in enumerate(texts):
        body = _lines(TEXT, *lines)
        if bar:
            body = share_bar(body)
        w = Writer(f"{name}/template/{k}")
        others = [texts[j][0] for j in w.rng.sample([j for j in range(len(texts)) if j != k], min(4, len(texts) - 1))]
        made = TEMPLATES[template](w, title, others, body) if template else [(title, TEXT), *body]
        found.append(Page(f"{name}-{k}", f"https://{name}.example/{k:04d}", title, name, made))
    return found


def sites() -> Iterator[list[Page]]:
    """Yield sites of every kind: articles, forms, forms in templates, with share bars inside, half articles."""
    for template in TEMPLATES:
        yield site(template, "article", 24)
        for k, form in enumerate(FORMS):
            yield site(template, form, 20)
            yield site(template, form, 10, bar=True)
            if k % 2 == 0:
                yield site(template, form, 10, articles=14)
    for form in FORMS:
        yield site(None, form, 20)
        yield site(None, form, 20, bar=True)


def wrap(page: Page, width: int = 72) -> Page:
    """Return a page with its long lines broken at a width."""
    import textwrap  # noqa: PLC0415

    lines = [
        (part, mark)
        for line, mark in page.lines
        for part in ([line] if len(line) <= width else textwrap.wrap(line, width, break_long_words=False))
    ]
    return Page(page.id, page.url, page.title, f"wrapped-{page.site}", lines)
