import os
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusmill.transforms.reading import parquet_probe
from corpusmill.transforms.reading.parquet_probe import survives


def test_a_file_that_can_be_read_or_says_why_not_is_survived(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["a", None, "b" * 100]}), tmp_path / "a.parquet")
    assert survives(str(tmp_path / "a.parquet"))
    (tmp_path / "b.parquet").write_bytes(b"PAR1 torn PAR1")
    assert survives(str(tmp_path / "b.parquet"))


@pytest.mark.parametrize("program", ["import os; os.abort()", "import time; time.sleep(60)"])
def test_a_process_that_crashes_or_hangs_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    (tmp_path / "probe.py").write_text(program)
    monkeypatch.setattr(parquet_probe, "__file__", str(tmp_path / "probe.py"))
    monkeypatch.setattr(parquet_probe, "TIMEOUT_S", 0.5)
    monkeypatch.setattr(sys, "executable", os.path.realpath(sys.executable))
    assert not survives("a.parquet")
