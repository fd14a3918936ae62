"""Write the tables of docs/filters.md anew, from the registry of rules and the examples that the tests use.

Run from the top of the repository: `python -m tests.tools.make_filter_docs`.
"""

import json

from corpusmill.transforms.kernels.quality.rules import RULES, QualityRule
from corpusmill.transforms.kernels.quality.settings import PRESETS, QualitySettings
from tests.support import ROOT

PAGE = ROOT / "docs" / "filters.md"
EXAMPLES = json.loads((ROOT / "tests" / "cases" / "quality_examples.json").read_text("utf-8"))
_LONGEST = 90


def text_of(parts: list[tuple[str, int]]) -> str:
    """Return an example as a text: strings and how often each is there."""
    return "".join(text * times for text, times in parts)


def _shown(parts: list[tuple[str, int]]) -> str:
    found = []
    for text, times in parts:
        plain = text.strip("\n").replace("\n", " ⏎ ").strip()
        short = plain if len(plain) <= _LONGEST else plain[: plain.rindex(" ", 0, _LONGEST)] + " …"
        found.append(f"{short.replace('|', chr(92) + '|')}{f' (× {times:,})' if times > 1 else ''}")
    return " ".join(found)


def _row(rule: QualityRule) -> str:
    limit = rule.limit(QualitySettings(presets=PRESETS))
    sign = "<" if rule.below else ">"
    key = f"`filter.{rule.section}.{rule.key}`"
    example = EXAMPLES[rule.id]
    what = f"{rule.what}{' ‡' if rule.spaces else ''}"
    cells = (f"`{rule.id}`", what, f"{key}: {sign} {limit:,g}", _shown(example["dropped"]), _shown(example["kept"]))
    return f"| {' | '.join(cells)} |"


def table(preset: str) -> str:
    """Return the table of the rules of a preset."""
    own = [rule for rule in RULES if rule.preset == preset]
    source = f"Source: {own[0].source}."
    head = [
        "| rule | measures | dropped if | an example that is dropped | and one that stays |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([source, "", *head, *map(_row, own)])


def written(page: str) -> str:
    """Return the page with the tables as they should be."""
    for preset in PRESETS:
        begin, end = f"<!-- rules of {preset} -->\n", "<!-- end -->"
        before, _, rest = page.partition(begin)
        page = before + begin + table(preset) + "\n" + end + rest.partition(end)[2]
    return page


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), encoding="utf-8")
