"""Findings of kernels as Beam counters, and as the `repairs` column of a batch.

Counters inflate when a bundle is retried; exact totals come from the columns.
"""

from __future__ import annotations

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.metrics import Metrics

from corpusmill.transforms.kernels.findings import Findings
from corpusmill.transforms.kernels.schema import REPAIRS_TYPE, repairs_of


def count_findings(transform: type[beam.PTransform], findings: Findings) -> None:
    """Add the findings to the counters `<transform>/<rule id>`."""
    for rule, count in findings.by_rule().items():
        Metrics.counter(transform, rule).inc(count)


def merge_repairs(repairs: pa.ListArray, findings: Findings) -> pa.ListArray:
    """Return a `repairs` column with the findings added; rows without findings stay as they are.

    Args:
        repairs: Of type `REPAIRS_TYPE`, one row for each row that the findings speak of.
        findings: Counts to add; the entries of a changed row are ordered by rule id.
    """
    if not len(findings):
        return repairs
    changed: dict[int, dict[str, int]] = {}
    for row, rule, count in findings:
        if row not in changed:
            changed[row] = {item["rule"]: item["count"] for item in repairs[row].as_py() or ()}
        changed[row][rule] = changed[row].get(rule, 0) + count
    merged = pa.array([repairs_of(counts) for counts in changed.values()], REPAIRS_TYPE)
    places = np.arange(len(repairs), dtype=np.int64)
    places[list(changed)] = len(repairs) + np.arange(len(changed), dtype=np.int64)
    return pa.concat_arrays([repairs, merged]).take(pa.array(places))
