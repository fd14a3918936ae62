"""Reading splits: files to batches of documents; what cannot be read becomes rejected rows of the same stream."""

from __future__ import annotations

from dataclasses import dataclass, field

import apache_beam as beam
import pyarrow as pa

import corpusmill.transforms.coders  # noqa: F401  (registers the coder of the output)
from corpusmill.transforms.kernels.reading.settings import InputSettings
from corpusmill.transforms.reading.read_split import read_marked
from corpusmill.transforms.reading.splits import Split


@dataclass
class ReadDocuments(beam.PTransform):
    """Read splits into batches of documents.

    Put a `beam.Reshuffle` before it if the splits come straight from a `beam.Create`: engines read them in one task
    otherwise.

    Input: `Split` elements, as `corpusmill.inputs.plan.plan_splits` makes them.

    Output: `pa.RecordBatch` of `document_schema(settings.kept_types())`, each marked with its position in the split
    (`corpusmill.transforms.kernels.schema.batch_position`); a split without records gives one empty batch.

    Guarantees: every record of the inputs is one row, with the key (split, row); what cannot be read is a row with
    `decision` = `rejected`, a `reason` and an `error`.

    Attributes:
        settings: Columns and limits.
    """

    settings: InputSettings = field(default_factory=InputSettings)

    def expand(self, splits: beam.PCollection[Split]) -> beam.PCollection[pa.RecordBatch]:
        """Wire the transform."""
        return splits | "Read" >> beam.FlatMap(read_marked, self.settings).with_output_types(pa.RecordBatch)
