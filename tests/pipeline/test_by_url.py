"""Documents of one address: one stays, whatever the texts are."""

from pathlib import Path
from typing import Any

import pytest

from corpusmill.config import ConfigError, load_config
from corpusmill.runs.refilter import refilter
from corpusmill.runs.rethreshold import rethreshold
from tests.support import check_accounts, decisions, rows, run_corpus, write_jsonl

SETS = (
    "boilerplate.enabled=false",
    "input.url_column=url",
    "input.keep_columns={seen: timestamp}",
    "dedup.threshold=0.7",
    "filter.min_chars=9",
)


def _page(name: str, url: str | None, text: str, seen: str = "2024-01-01") -> dict[str, Any]:
    return {"id": name, "url": url, "text": text, "seen": seen}


def _records() -> list[dict[str, Any]]:
    pier = "The pier was mended in spring with planks from the old mill and the gate was painted green by the boys"
    fog = "Fog kept every boat in the harbour until noon and the market had neither fish nor talk on that Tuesday"
    return [
        _page("old", "http://www.harbour.example/pier/", "The pier is closed. More will follow soon.", "2024-03-01"),
        _page("short", "https://harbour.example/pier#top", "Gone", "2024-09-01"),
        _page("new", "https://harbour.example/pier?utm_source=mail&x=1", pier, "2024-05-01"),
        _page("other", "https://harbour.example/pier?day=2", f"{pier} again.", "2024-06-01"),
        _page("none", None, fog),
        _page("copy", "https://harbour.example/fog", f"{fog}!", "2024-02-02"),
        _page(
            "late", "https://harbour.example/fog/", "Nobody wrote about the weather of this week so far.", "2024-02-01"
        ),
        _page("no address", "https://", "A note that nobody has put anywhere at all."),
        _page("nor this", "https://", "Another note of which nobody knows the place."),
    ]


@pytest.mark.beam
@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("first", {"old": None, "new": "old", "copy": "none", "late": "none"}),
        ("newest seen", {"old": "new", "new": None, "other": "new", "copy": "none", "late": "none"}),
    ],
)
def test_one_document_of_an_address_stays_by_the_policy(
    tmp_path: Path, policy: str, expected: dict[str, str | None]
) -> None:
    inputs = write_jsonl(tmp_path / "in.jsonl", _records())
    sets = (*SETS, f"dedup.by_url={policy}")
    manifest = run_corpus(inputs, tmp_path / "out", *sets)
    found = decisions(tmp_path / "out")
    check_accounts(tmp_path / "out", 9)
    assert {name: found[name][2] for name in expected} == expected
    gone = {"old", "new", "late"} & {name for name, partner in expected.items() if partner}
    assert {name for name, (_, reason, _) in found.items() if reason == "dedup.url"} == gone
    assert manifest["reasons"]["dedup.url"] == len(gone)
    assert found["copy"][1] == "dedup.near"
    # What a filter drops keeps nobody from staying, and what has no address is no duplicate by it.
    assert found["short"][1] == "filter.too-short"
    assert found["no address"][0] == found["nor this"][0] == "kept"
    audit = {row["id"]: row for row in rows(tmp_path / "out", "audit")}
    assert all((audit[name]["similarity"] is None) == (name in gone) for name in expected if audit[name]["partner_id"])
    assert {row["id"] for row in rows(tmp_path / "out", "removed")} >= gone
    if policy == "first":
        with pytest.raises(ConfigError, match=r"made with dedup\.by_url.*run it again with the other threshold"):
            rethreshold(str(tmp_path / "out"), 0.9, "x")
        with pytest.raises(ConfigError, match=r"made with dedup\.by_url.*run it again with the other limits"):
            refilter(str(tmp_path / "out"), [], "x")
        parts = [write_jsonl(tmp_path / f"{k}.jsonl", [record]) for k, record in enumerate(_records())]
        run_corpus(parts, tmp_path / "parts", *sets, "run.workers=2")
        assert decisions(tmp_path / "parts") == found


@pytest.mark.beam
def test_a_page_whose_document_an_earlier_corpus_has_goes_for_that_one(tmp_path: Path) -> None:
    old = _page("earlier", "https://elsewhere.example/pier", _records()[2]["text"])
    run_corpus(write_jsonl(tmp_path / "old.jsonl", [old]), tmp_path / "old", *SETS)
    again = _page("again", "https://harbour.example/pier#end", "The same page holds nothing but a long note today.")
    inputs = write_jsonl(tmp_path / "in.jsonl", [_records()[2], again, _records()[4]])
    run_corpus(inputs, tmp_path / "out", *SETS, "dedup.by_url=first", against=(tmp_path / "old",))
    check_accounts(tmp_path / "out", 3)
    found = {
        row["id"]: (row["reason"], row["partner_id"], row["partner_corpus"]) for row in rows(tmp_path / "out", "audit")
    }
    assert found == {
        "new": ("dedup.exact", "earlier", str(tmp_path / "old")),
        "again": ("dedup.url", "earlier", str(tmp_path / "old")),
        "none": (None, None, None),
    }


def test_policies_are_checked_with_their_key() -> None:
    with pytest.raises(ConfigError, match=r"dedup\.by_url: by_url: 'newst x' is not one of first"):
        load_config(None, ["dedup.by_url=newst x"])
    with pytest.raises(ConfigError, match=r"dedup\.by_url looks at the column 'seen'.*\{seen: timestamp\}"):
        load_config(None, ["dedup.by_url=newest seen"])
