"""Another corpus from a finished run with a higher threshold, from its verified pairs and one pass over its texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpusmill.config import Config, ConfigError
from corpusmill.runs.finished_shards import FinishedShard, complete_index
from corpusmill.runs.pair_decisions import Removals, decide
from corpusmill.runs.remake import Order, check, config_of, make, read_finished
from corpusmill.transforms.duplicates.pair_files import NEAR as NEAR_PAIR


def rethreshold(output: str, threshold: float, target: str, *, overwrite: bool = False) -> dict[str, Any]:
    """Write the corpus that a run would have given with a higher threshold, and return its manifest.

    Args:
        output: Output folder of a finished run that kept its pairs (`output.pairs`).
        threshold: The new threshold, not below the run's own.
        target: The new output folder; it gets all that a run writes, so that it can be used in the same ways.
        overwrite: Replace what is there.

    Raises:
        ConfigError: The run did not keep its pairs, or the threshold is too low.
        OutputError: There is something else in `target`, or it is, contains or lies in `output`.
        AccountingError: The files of the run do not agree with each other.
    """
    manifest = _read_manifest(output)
    config = _config_of(manifest, threshold)
    order = Order("rethreshold", output, target, manifest, config)
    order.origin.update({"of": output, "threshold": order.keyed_at})
    check(order)
    return make(order, lambda: _Higher(order), overwrite=overwrite)


@dataclass(frozen=True)
class _Higher:
    """The decisions with a higher threshold.

    Attributes:
        order: What is to be made.
    """

    order: Order

    @cached_property
    def removals(self) -> Removals:
        """The duplicates."""
        return decide(self.order.read_pairs(), self.order.config.dedup.threshold)

    @property
    def keeps_nothing(self) -> bool:
        """Whether no document is kept: only if the run has kept none."""
        return False

    @staticmethod
    def decide(rows: pa.Table, first: int) -> pa.Table:
        """Leave all other decisions as they are."""
        del first
        return rows

    def index(self, decided: pa.Table, index: pa.Table, first: int) -> pa.Table:
        """Compute the index of the documents that are duplicates no more."""
        del first
        return complete_index(decided, index, self.order.keyed_by, self.order.keyed)

    def pairs(self, shard: FinishedShard, first: int, end: int) -> Iterator[pa.Table]:
        """Yield the pairs that are verified at the threshold."""
        del first, end
        for pairs in shard.pairs():
            similar = pc.greater_equal(pairs["with_operators"], self.order.config.dedup.threshold)
            yield pairs.filter(pc.or_(pc.not_equal(pairs["kind"], NEAR_PAIR), similar))

    @staticmethod
    def figures() -> dict[str, Any]:
        """Return nothing: all figures follow from the documents."""
        return {}


def _read_manifest(output: str) -> dict[str, Any]:
    manifest = read_finished(output, "the other threshold")
    settings = manifest["config"]
    if not settings["dedup"]["enabled"]:
        raise ConfigError(
            f"{output!r} was made without the duplicate stage; run it again with --set dedup.enabled=true and the "
            "threshold that you want"
        )
    return manifest


def _config_of(manifest: dict[str, Any], threshold: float) -> Config:
    own = manifest["config"]["dedup"]["threshold"]
    if not own <= threshold <= 1:
        again = f"for a lower one run it again with --set dedup.threshold={threshold:g}"
        remedy = again if 0 < threshold < own else "give one in between"
        raise ConfigError(
            f"the threshold {threshold:g} is not between {own:g}, for which the run has verified its pairs, and 1; "
            f"{remedy}"
        )
    config = config_of(manifest)
    return config.model_copy(update={"dedup": config.dedup.model_copy(update={"threshold": threshold})})
