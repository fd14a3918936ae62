"""What of benchmarks is looked for."""

import pyarrow as pa

from corpusmill.transforms.kernels.decontamination.benchmark_index import ITEM_SCHEMA, build_index
from corpusmill.transforms.kernels.decontamination.overlaps import decontaminate_column
from corpusmill.transforms.kernels.decontamination.settings import DecontaminateSettings

SETTINGS = DecontaminateSettings(ngram_words=5, min_words=3)


PROSE = [f"word{number}" for number in range(400)]


def _items(*texts: str, benchmark: str = "quiz") -> pa.Table:
    rows = [{"benchmark": benchmark, "name": f"q{number}", "text": text} for number, text in enumerate(texts)]
    return pa.Table.from_pylist(rows, ITEM_SCHEMA)


def test_short_items_are_looked_for_whole_and_shorter_ones_set_aside() -> None:
    index, (report,) = build_index(_items("one two three four", "one two", "six five four three two one"), SETTINGS)
    assert (report.short, index.lengths) == (1, (4, 5))
    texts = ["zero one two three four five", "one two three", "one two three FOUR!", "six five four three two"]
    result = decontaminate_column(pa.array(texts), index, SETTINGS)
    assert {row: [overlap.item for overlap in found] for row, found in result.overlaps.items()} == {
        0: ["q0"],
        2: ["q0"],
        3: ["q2"],
    }


def test_common_n_grams_are_set_aside_and_told() -> None:
    phrase = "read the text and answer the question"
    items = [f"{phrase} {PROSE[k]} {PROSE[k + 1]} {PROSE[k + 2]} {PROSE[k + 3]}" for k in range(0, 60, 4)]
    settings = SETTINGS.model_copy(update={"max_items": 3})
    index, (report,) = build_index(_items(*items), settings)
    assert report.common_ngrams == 3
    assert "read the text and answer" in report.examples
    result = decontaminate_column(pa.array([f"Please {phrase} now", items[3]]), index, settings)
    assert list(result.overlaps) == [1]
    assert result.overlaps[1][0].share == 1.0
    common = pa.array(["Everybody knows: word0 word1 word2 word3 word4"])
    index, (report,) = build_index(_items("word0 word1 word2 word3 word4"), settings, common)
    assert (report.common, report.common_ngrams, len(index.grams)) == (1, 1, 0)
    assert not decontaminate_column(pa.array(["word0 word1 word2 word3 word4"]), index, settings).overlaps
