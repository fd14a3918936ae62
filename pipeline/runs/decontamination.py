"""What a run found of each benchmark, counted from the audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pyarrow.compute as pc

from corpusmill.inputs.benchmarks import Benchmarks
from corpusmill.transforms import storage
from corpusmill.transforms.kernels.schema import FILTERED
from corpusmill.transforms.layout import AUDIT, Output

_EXAMPLES = 5


def count_overlaps(output: str, names: Iterable[str], benchmarks: Benchmarks) -> list[dict[str, Any]]:
    """Count, benchmark by benchmark, what the audit says of overlaps.

    Args:
        output: The output folder.
        names: Names of the files of the audit.
        benchmarks: The benchmarks of the run.

    Returns:
        For each benchmark, in order: its name; `items`, `short`, `common`, `ngrams`, `common_ngrams` and
        `common_examples`, which say what was looked for; `found`, its items of which a document holds a part;
        `documents`, these documents, and `dropped`, those of them that were; `top_items`, the items most of them hold.
    """
    found: dict[str, Counter[str]] = {report.benchmark: Counter() for report in benchmarks.reports}
    documents: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    for name in names:
        with storage.open_parquet(Output(output).file(AUDIT, name)) as parquet:
            for group in range(parquet.num_row_groups):
                table = parquet.read_row_group(group, columns=["decision", "overlaps"], use_threads=False)
                for row in table.filter(pc.is_valid(table["overlaps"])).to_pylist():
                    own = {overlap["benchmark"] for overlap in row["overlaps"]}
                    documents.update(own)
                    dropped.update(own if row["decision"] == FILTERED else ())
                    for overlap in row["overlaps"]:
                        found[overlap["benchmark"]][overlap["item"]] += 1
    return [
        {
            "benchmark": report.benchmark,
            "items": report.items,
            "short": report.short,
            "common": report.common,
            "ngrams": report.ngrams,
            "common_ngrams": report.common_ngrams,
            "common_examples": list(report.examples),
            "found": len(found[report.benchmark]),
            "documents": documents[report.benchmark],
            "dropped": dropped[report.benchmark],
            "top_items": [
                {"item": item, "documents": n}
                for item, n in sorted(found[report.benchmark].items(), key=lambda pair: (-pair[1], pair[0]))[:_EXAMPLES]
            ],
        }
        for report in benchmarks.reports
    ]
