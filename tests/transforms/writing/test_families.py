"""What the texts of a family of duplicates share."""

from pathlib import Path

import pytest

from corpusmill.transforms.kernels.duplicates.families import Family
from corpusmill.transforms.kernels.duplicates.settings import DedupSettings
from corpusmill.transforms.staging.split_files import SplitFiles
from corpusmill.transforms.writing.families import lines_shared
from tests.transforms.staged import index
from tests.transforms.writing.decided_splits import DOCUMENTS, FRAME, key

pytestmark = pytest.mark.beam


def family(removed: int, *samples: int) -> Family:
    return Family(removed, "0-0", None, 0.9, 0.9, 0.9, samples)


def test_the_lines_that_samples_share_are_named_for_large_families(tmp_path: Path) -> None:
    index(tmp_path, DedupSettings(), *DOCUMENTS)
    files = SplitFiles(str(tmp_path))
    large, small = family(9, key(1, 2), key(0, 2), key(0, 4)), family(3, key(0, 1), key(0, 3))
    found = lines_shared([small, large], files)
    assert found[0] is None
    assert found[1] is not None
    assert (found[1]["lines"], found[1]["count"], found[1]["frame"]) == ((FRAME,), 1, True)
    assert 0 < found[1]["share"] < 1


def test_many_families_are_each_told_of_their_own(tmp_path: Path) -> None:
    texts = [f"Head {k // 2}\nOwn line number {k} of all" for k in range(60)]
    index(tmp_path, DedupSettings(), [{"id": str(k), "text": text, "score": 0} for k, text in enumerate(texts)])
    families = [family(9, key(0, 2 * k), key(0, 2 * k + 1)) for k in range(30)]
    found = lines_shared(families, SplitFiles(str(tmp_path)))
    assert [shared and shared["lines"] for shared in found] == [(f"Head {k}",) for k in range(30)]


def test_texts_without_a_common_line_share_nothing(tmp_path: Path) -> None:
    index(tmp_path, DedupSettings(), [{"id": str(k), "text": f"Line {k}", "score": 0} for k in range(2)])
    files = SplitFiles(str(tmp_path))
    assert lines_shared([family(9, key(0, 0), key(0, 1))], files) == [None]
    assert lines_shared([], files) == []
