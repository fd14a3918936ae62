"""What the tests of whole runs share."""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from rich.console import Console

from corpusmill.config import load_config
from corpusmill.request import Request
from corpusmill.runs.execute import run

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "configs" / "demo"
DEFAULTS = ROOT / "configs" / "default.yaml"


def write_jsonl(path: Path, records: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


def run_corpus(
    inputs: Path | str | list[Path] | list[str],
    out: Path,
    *sets: str,
    beam: tuple[str, ...] = (),
    overwrite: bool = False,
    against: tuple[Path, ...] = (),
) -> dict[str, Any]:
    """Run in this process and return the manifest."""
    patterns = [str(pattern) for pattern in (inputs if isinstance(inputs, list) else [inputs])]
    request = Request(load_config(None, sets), patterns, str(out), beam, overwrite, [str(path) for path in against])
    return run(request, Console(file=io.StringIO()))


def rows(out: Path, folder: str) -> list[dict[str, Any]]:
    return [row for path in sorted((out / folder).glob("*.parquet")) for row in pq.read_table(path).to_pylist()]


def decisions(out: Path) -> dict[str, tuple[Any, ...]]:
    return {row["id"]: (row["decision"], row["reason"], row["partner_id"]) for row in rows(out, "audit")}


def digests(out: Path, *folders: str) -> dict[str, str]:
    """Relative path -> hash of its bytes."""
    paths = [path for folder in folders for path in sorted((out / folder).glob("*"))]
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def check_accounts(out: Path, documents: int) -> None:
    """Every document is in the audit once, and the files agree with it."""
    audit = rows(out, "audit")
    assert len(audit) == documents
    by_decision = {
        kind: [row for row in audit if row["decision"] == kind]
        for kind in ("kept", "duplicate", "filtered", "rejected")
    }
    assert sum(map(len, by_decision.values())) == documents
    assert [row["id"] for row in rows(out, "corpus")] == [row["id"] for row in by_decision["kept"]]
    assert [row["id"] for row in rows(out, "rejected")] == [row["id"] for row in by_decision["rejected"]]
    kept = {row["id"] for row in by_decision["kept"]}
    assert all(row["partner_id"] in kept for row in by_decision["duplicate"] if row["partner_corpus"] is None)
    assert all(row["reason"] is None for row in by_decision["kept"])
    assert all(row["reason"] for kind in ("duplicate", "filtered", "rejected") for row in by_decision[kind])


def repairs(row: dict[str, Any]) -> dict[str, int]:
    """Rule id -> places changed, of a row of the audit."""
    return {item["rule"]: item["count"] for item in row["repairs"] or ()}
