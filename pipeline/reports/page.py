"""The report of a finished run as one HTML page that needs nothing beside it."""

from __future__ import annotations

import functools
import importlib.resources
import math
import os
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from corpusmill.config import Config
from corpusmill.reports.figures import counted, human_bytes, percent
from corpusmill.reports.page_data import MIN_LOSS_CHARS, SIMILARITY_BINS, PageData, gather_page
from corpusmill.reports.summary import is_alarming, shared_part
from corpusmill.reports.visible import visible
from corpusmill.runs.nesting import refuse_inside_output
from corpusmill.runs.output_folder import OutputError
from corpusmill.transforms import storage
from corpusmill.transforms.layout import Output

if TYPE_CHECKING:
    import jinja2

_LANGUAGES = 40
"""Languages that are shown one by one."""
_DECISION_WORDS = {
    "rejected": "could not be read",
    "filtered": "dropped by a filter",
    "duplicate": "removed as duplicates",
    "kept": "kept",
}


def render_page(output: str) -> str:
    """Return the report of a finished run as HTML.

    Args:
        output: Output folder of a finished run.

    Raises:
        corpusmill.reports.corpus.CorpusError: It is not one.
    """
    return _template().render(context_of(gather_page(output)))


@functools.cache
def _template() -> jinja2.Template:
    import jinja2  # noqa: PLC0415  (a tenth of a second that other commands need not pay)

    template = importlib.resources.files("corpusmill.reports").joinpath("page.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, finalize=_shown
    )
    environment.filters |= {"number": "{:,}".format, "bytes": human_bytes, "percent": percent, "counted": counted}
    return environment.from_string(template)


def write_page(output: str, state: str) -> str:
    """Write the report of a finished run beside its manifest, and return its path.

    Args:
        output: Output folder of a finished run.
        state: Folder for working files, on the same filesystem.
    """
    path = Output(output).report
    html = render_page(output)
    with storage.open_atomic(path, state) as stream:
        stream.write(html.encode("utf-8", "backslashreplace"))
    return path


def refuse_other_file(path: str) -> None:
    """Make sure that no file but another report is replaced by one.

    Raises:
        OutputError: There is one, or the page would lie among the files of a run.
    """
    refuse_inside_output(path)
    if os.path.isfile(path) and os.path.getsize(path):
        with storage.open_read(path) as stream:
            if _TITLE not in stream.read(_HEAD_BYTES):
                raise OutputError(f"{path!r} already exists and is no report of corpusmill; name another file")


_TITLE = b"<title>corpusmill: "
"""What tells a report, and is near its beginning."""
_HEAD_BYTES = 1 << 10


def _shown(value: object) -> object:
    """Write the controls in a text of a document as code points; markup of the template stays."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return "\n".join(map(visible, value.split("\n")))
    return value


def context_of(page: PageData) -> dict[str, Any]:
    """Return what the template asks for."""
    manifest = page.manifest
    documents = manifest["documents"]
    reasons: dict[str, int] = manifest["reasons"]
    chars_in = max(manifest["chars"]["in"], 1)
    funnel = [
        {"words": words, "documents": documents[name], "share": documents[name] / max(documents["in"], 1)}
        | {"chars": page.chars[name], "char_share": page.chars[name] / chars_in, "decision": name}
        for name, words in _DECISION_WORDS.items()
    ]
    rules = {**manifest["repairs"], **manifest["lines_removed"], **reasons}
    return {
        "page": page,
        "manifest": manifest,
        "funnel": funnel,
        "min_loss_chars": MIN_LOSS_CHARS,
        "rules": sorted(rules.items(), key=lambda item: (item[0].split(".")[0], -item[1], item[0])),
        "units": _units(manifest),
        "lengths": _lengths(page),
        "similarities": _bars(
            [f"{k / SIMILARITY_BINS:.2f} to {(k + 1) / SIMILARITY_BINS:.2f}" for k in range(SIMILARITY_BINS)],
            page.similarities.tolist(),
        ),
        "scores": _scores(manifest.get("scores", {})),
        "statistics": _statistics(manifest.get("statistics", {})),
        "languages": _languages(manifest.get("languages", {})),
        "benchmarks": manifest.get("decontamination", []),
        "alarming": [_alarming(family) for family in manifest["families"] if is_alarming(family)],
        "changed": changed_settings(manifest["config"]),
        "encodings": page.encodings.most_common(),
    }


def _alarming(family: dict[str, Any]) -> dict[str, Any]:
    """A family that is worth a look, with the lines that its texts share."""
    about, *lines, remedy = shared_part(family) or ["Its texts share no line.", ""]
    return family | {"about": about, "lines": lines, "remedy": remedy}


def _units(manifest: dict[str, Any]) -> dict[str, str]:
    """Rule id -> what its number counts."""
    units = dict.fromkeys(manifest["repairs"], "places")
    units |= dict.fromkeys(manifest["lines_removed"], "lines")
    return units | dict.fromkeys(manifest["reasons"], "documents")


def _bars(labels: Sequence[str], counts: Sequence[int]) -> list[dict[str, Any]]:
    """Rows of a bar chart from the first bar that is not empty to the last."""
    filled = [place for place, count in enumerate(counts) if count]
    if not filled:
        return []
    largest = max(counts)
    return [
        {"label": labels[place], "count": counts[place], "width": 100 * counts[place] / largest}
        for place in range(filled[0], filled[-1] + 1)
    ]


def _lengths(page: PageData) -> list[dict[str, Any]]:
    labels = [f"{0 if place == 0 else 2 ** (place - 1):,} to {2**place - 1:,}" for place in range(len(page.lengths_in))]
    return _pairs_of_bars(labels, page.lengths_in.tolist(), page.lengths_out.tolist())


def _pairs_of_bars(labels: Sequence[str], before: Sequence[int], after: Sequence[int]) -> list[dict[str, Any]]:
    """Rows of a chart of two bars a row, from the first row that is not empty to the last."""
    filled = [place for place in range(len(before)) if before[place] or after[place]]
    if not filled:
        return []
    largest = max(*before, *after)
    return [
        {
            "label": labels[place],
            "before": before[place],
            "after": after[place],
            "width": 100 * before[place] / largest,
            "after_width": 100 * after[place] / largest,
        }
        for place in range(filled[0], filled[-1] + 1)
    ]


def _scores(scores: dict[str, dict[str, list[Any]]]) -> list[dict[str, Any]]:
    """The histogram of each score, before and after what the scores drop."""
    found = []
    for name, histogram in scores.items():
        edges, documents = histogram["from"], histogram["documents"]
        labels = [*(_between(low, high) for low, high in pairwise(edges)), f"{edges[-1]:,} or more"] if edges else []
        rows = _pairs_of_bars(labels, documents, histogram["stay"])
        if rows:
            found.append({"name": name, "documents": sum(documents), "stay": sum(histogram["stay"]), "rows": rows})
    return found


_SHOWN_VALUES = 40
_NAMES = {"rule": "Rules", "language": "Languages", "source": "Sources", "host": "Hosts"}


def _statistics(statistics: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Tables by rule, language, source and host: the largest values, then all others, then documents without one."""
    tables = []
    for name, title in _NAMES.items():
        found = statistics.get(name)
        if not found or not found["top"]:
            continue
        rows = [{**row, "label": row["value"]} for row in found["top"][:_SHOWN_VALUES]]
        hidden = found["top"][_SHOWN_VALUES:]
        others = found["others"]
        if more := len(hidden) + others["values"]:
            rows.append({**_added([*hidden, others]), "label": f"{more:,} others"})
        if found["without"]["documents"]["in"]:
            rows.append({**found["without"], "label": "kept" if name == "rule" else "without"})
        tables.append({"title": title, "rows": rows, "tokens": any("tokens" in row for row in rows)})
    return tables


def _added(rows: list[dict[str, Any]]) -> dict[str, Any]:
    sums = {
        part: {name: sum(row[part][name] for row in rows) for name in rows[0][part]} for part in ("documents", "chars")
    }
    tokens = [row["tokens"] for row in rows if "tokens" in row]
    return {**sums, **({"tokens": sum(tokens)} if tokens else {})}


def _between(low: float, high: float) -> str:
    """Name a bin: numbers are counted up to the one before the next bin, shares up to it."""
    if isinstance(low, int):
        return f"{low:,}" if high == low + 1 else f"{low:,} to {int(high) - 1:,}"
    return f"{low:.2f} to {high:.2f}"


def _languages(languages: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    """Languages, the most frequent first, with documents before and after what the scores drop."""
    order = sorted(languages, key=lambda code: (-languages[code]["documents"], code))[:_LANGUAGES]
    documents, stay = ([languages[code][name] for code in order] for name in ("documents", "stay"))
    rows = _pairs_of_bars(order, documents, stay)
    rest = [languages[code] for code in languages if code not in set(order)]
    if rest:
        more = {name: sum(counts[name] for counts in rest) for name in ("documents", "stay")}
        label = f"{len(rest):,} more"
        rows.append({"label": label, "before": more["documents"], "after": more["stay"], "width": 0, "after_width": 0})
    return rows


def changed_settings(config: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the keys of a configuration whose values are not the defaults, with the values."""
    return list(_changed(config, Config().model_dump(mode="json"), ""))


def _changed(own: dict[str, Any], default: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in own.items():
        other = default.get(key, math.nan)
        if isinstance(value, dict) and isinstance(other, dict) and other:
            found += _changed(value, other, f"{prefix}{key}.")
        elif value != other:
            found.append((f"{prefix}{key}", str(value)))
    return found
