"""Which documents lines are learned from: enough of every host, never more than a budget.

A line that a site puts on every page is found in a few hundred of its pages as well as in all of them. So a large host
gives a sample, and a corpus of very many hosts gives a sample of its hosts, each of them whole. What is in the sample
depends on the names of documents and hosts alone, so it is the same however the corpus is cut and ordered.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.transforms.kernels.arrays import Bools
from corpusmill.transforms.kernels.hashing import digest128

HOSTS_SCHEMA = pa.schema(
    [pa.field("host", pa.string(), nullable=False), pa.field("documents", pa.int64(), nullable=False)]
)
_SPAN = 1 << 64


@dataclass(frozen=True)
class SamplePlan:
    """Which documents are in the sample.

    Attributes:
        host_bound: Hosts whose hash lies below this (of 2^64) give documents.
        document_bounds: Large host -> its documents whose hash lies below this are in the sample.
        nameless: Whether documents without an address are those of one host; else they are in no sample.
    """

    host_bound: int
    document_bounds: dict[str, int]
    nameless: bool = False


def count_hosts(hosts: pa.Array, *, nameless: bool = False) -> pa.RecordBatch:
    """Count the documents of each host.

    Args:
        hosts: string column of n hosts; empty ones are of documents without an address.
        nameless: Whether these count as one host.

    Returns:
        Rows of `HOSTS_SCHEMA`, by host.
    """
    counted = pc.value_counts(hosts if nameless else hosts.filter(pc.not_equal(hosts, "")))
    batch = pa.RecordBatch.from_arrays([counted.field("values"), counted.field("counts")], schema=HOSTS_SCHEMA)
    return batch.sort_by("host")


def plan_sample(counts: pa.Table, *, host_documents: int, documents: int) -> SamplePlan:
    """Plan a sample.

    Args:
        counts: Rows of `HOSTS_SCHEMA` from all parts of the corpus.
        host_documents: Documents wanted of one host, about.
        documents: Documents wanted in all, about.
    """
    totals = counts.group_by("host").aggregate([("documents", "sum")])
    sizes = totals["documents_sum"].to_numpy()
    large = sizes > host_documents
    names = totals["host"].filter(pa.array(large)).to_pylist()
    bounds = {name: _SPAN * host_documents // int(size) for name, size in sorted(zip(names, sizes[large], strict=True))}
    expected = int(np.minimum(sizes, host_documents).sum())
    nameless = bool(pc.any(pc.equal(totals["host"], "")).as_py())
    return SamplePlan(_SPAN if expected <= documents else _SPAN * documents // expected, bounds, nameless)


def in_sample(hosts: pa.Array, ids: pa.Array, plan: SamplePlan) -> Bools:
    """Return which documents are in the sample.

    Args:
        hosts: string column of n hosts.
        ids: string column of n document ids.
        plan: The plan.

    Returns:
        bool, shape (n,).
    """
    encoded = hosts.dictionary_encode()
    names = encoded.dictionary.to_pylist()
    chosen = np.array([_hash(name) < plan.host_bound if name else plan.nameless for name in names], bool)
    number = encoded.indices.to_numpy()
    mask: Bools = chosen[number] if len(names) else np.zeros(len(hosts), bool)
    for index, name in enumerate(names):
        bound = plan.document_bounds.get(name)
        if bound is not None and chosen[index]:
            rows = np.flatnonzero(number == index)
            # One call for each document of a large host: the hash of a name has no column form.
            mask[rows] = [_hash(identifier) < bound for identifier in ids.take(pa.array(rows)).to_pylist()]
    return mask


def _hash(name: str) -> int:
    return int.from_bytes(digest128(name.encode("utf-8"))[:8], "little")
