"""Whole runs with personal data: what is written, counted and explained, and what is nowhere."""

import json
from pathlib import Path

import pytest

import corpusmill
from corpusmill.config import load_config
from corpusmill.reports.explain import clean_text
from tests.support import check_accounts, repairs, rows, run_corpus, write_jsonl

SENTENCE = "The ferry crosses the river every twenty minutes until the last train has left the other bank of it. "
MASK = "personal_data.mask=[email, phone]"


@pytest.mark.beam
def test_a_run_masks_before_it_compares_and_writes_no_value_down(tmp_path: Path) -> None:
    records = [
        {"id": "a", "text": f"{SENTENCE}Write to ann@harbour.org.\nShare on Facebook\nTweet"},
        {"id": "b", "text": f"{SENTENCE}Write to bo.the.second@harbour.org.\nShare on Facebook\nTweet"},
        {"id": "c", "text": f"Pay to DE89 3704 0044 0532 0130 00. {SENTENCE}"},
        {"id": "d", "text": "Nothing but tides & winds, version 45.60.3.4."},
        {"id": "e", "text": "Tel. 020 7946 0958 ann&#64;harbour.org"},
    ]
    source = write_jsonl(tmp_path / "in.jsonl", records)
    out = tmp_path / "out"
    manifest = run_corpus(source, out, MASK, "personal_data.drop=[iban]")
    check_accounts(out, 5)
    audit = {row["id"]: row for row in rows(out, "audit")}
    assert audit["b"]["decision"] == "duplicate"
    assert audit["b"]["similarity"] == 1.0
    assert (audit["c"]["decision"], audit["c"]["reason"]) == ("filtered", "personal-data.iban")
    assert repairs(audit["e"])["personal-data.phone"] == 1
    texts = {row["id"]: row["text"] for row in rows(out, "corpus")}
    assert texts["d"] == records[3]["text"]
    assert texts["e"] == "Tel. <PHONE> <EMAIL>"
    assert manifest["repairs"]["personal-data.email"] == 3
    assert manifest["reasons"]["personal-data.iban"] == 1
    for folder in ("corpus", "audit", "removed"):
        written = json.dumps(rows(out, folder), default=str)
        assert "harbour.org" not in written
        assert "3704 0044" not in written


@pytest.mark.beam
def test_without_the_key_the_corpus_is_the_same_as_ever(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "in.jsonl", [{"id": "a", "text": "Write to ann@harbour.org."}])
    run_corpus(source, tmp_path / "out")
    assert [row["text"] for row in rows(tmp_path / "out", "corpus")] == ["Write to ann@harbour.org."]
    assert not rows(tmp_path / "out", "audit")[0]["repairs"]


def test_explaining_a_text_and_cleaning_many_agree() -> None:
    text = "Write to ann&#64;harbour.org"
    config = load_config(None, [MASK])
    cleaned, steps = clean_text(text, config)
    assert cleaned == "Write to <EMAIL>"
    assert [step.rule for step in steps][1] == "personal-data.email"
    personal_data = {"mask": ["email", "phone"]}
    many = list(corpusmill.clean_many([text, "calm"], personal_data=personal_data))
    assert [str(result) for result in many] == [cleaned, "calm"]
    assert corpusmill.clean(text, personal_data=personal_data).text == cleaned
