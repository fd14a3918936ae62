import pyarrow as pa

from corpusmill.transforms.kernels.reading.decode import Decoded
from corpusmill.transforms.kernels.reading.rows import EXCERPT_CHARS, Rejection, Rows, excerpt_of
from corpusmill.transforms.kernels.schema import KEPT, REJECTED, document_schema

KINDS = {"year": pa.int64()}


def rows_of(*texts: str | None) -> Rows:
    rows = Rows()
    for number, text in enumerate(texts):
        if text is None:
            rows.append_rejection("in.txt", number, f"x{number}", Rejection("read.bad-json", "correct it", "{"))
        else:
            rows.append_text(f"{text}.txt", Decoded(text, "cp1252", (("read.invalid-bytes", 2),)))
    return rows


def test_a_batch_has_the_schema_of_documents_and_says_what_was_read() -> None:
    batch = rows_of("Tea", None).to_batch(3, 10, KINDS)
    assert batch.schema.equals(document_schema(KINDS))
    kept, rejected = batch.to_pylist()
    assert (kept["split"], kept["row"], kept["decision"], kept["encoding"]) == (3, 10, KEPT, "cp1252")
    assert kept["chars_in"] == 3
    assert kept["repairs"] == [{"rule": "read.invalid-bytes", "count": 2}]
    assert (rejected["decision"], rejected["reason"], rejected["text"], rejected["encoding"]) == (
        REJECTED,
        "read.bad-json",
        None,
        None,
    )
    assert (rejected["row"], rejected["chars_in"], rejected["year"]) == (11, 0, None)


def test_rows_put_together_are_those_of_both() -> None:
    one, other = rows_of("Tea", None), rows_of(None, "Rain")
    other.kept = {"year": [pa.array([2023, 2024])]}
    both = rows_of("Tea", None)
    both.extend(other)
    parts = [one.to_batch(0, 0, KINDS), other.to_batch(0, 2, KINDS)]
    whole = pa.Table.from_batches(parts).combine_chunks()
    assert pa.Table.from_batches([both.to_batch(0, 0, KINDS)]).equals(whole)
    assert both.size == one.size + other.size


def test_an_excerpt_is_printable_and_short() -> None:
    assert excerpt_of(b"a\x00\x01b\xff\n") == "a·b\\xff·"
    assert len(excerpt_of(b"x" * 5000)) == EXCERPT_CHARS
