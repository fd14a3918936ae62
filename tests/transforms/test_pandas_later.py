import subprocess
import sys

import pytest

from corpusmill.transforms.pandas_later import absent

pandas_or_skip = pytest.importorskip("pandas")


def run_alone(program: str) -> None:
    subprocess.run([sys.executable, "-c", program], check=True)


def test_arrow_makes_columns_without_pandas() -> None:
    run_alone(
        "import sys; from corpusmill.transforms.pandas_later import forgo_pandas; forgo_pandas()\n"
        "import pyarrow as pa; pa.array([1, 2]); pa.array(['a'], pa.string()); pa.scalar('a'); pa.table({'a': [1.5]})\n"
        "assert 'pandas' not in sys.modules"
    )


def test_a_table_still_becomes_a_frame() -> None:
    run_alone(
        "from corpusmill.transforms.pandas_later import forgo_pandas; forgo_pandas(); import pyarrow as pa\n"
        "assert list(pa.table({'a': [1, 2]}).to_pandas()['a']) == [1, 2]"
    )


def test_columns_of_pandas_that_users_code_brings_keep_their_gaps() -> None:
    run_alone(
        "from corpusmill.transforms.pandas_later import forgo_pandas, notice_pandas; forgo_pandas()\n"
        "import pyarrow as pa, pandas as pd; notice_pandas()\n"
        "assert pa.array(pd.Series([1.0, None])).to_pylist() == [1.0, None]"
    )


def test_what_is_imported_already_stays() -> None:
    with absent({"pandas"}):
        import pandas as pd  # noqa: PLC0415  (what is tested)

    assert pd is pandas_or_skip


def test_a_module_is_there_again_after_the_block() -> None:
    name = "wsgiref.validate"
    sys.modules.pop(name, None)
    with absent({name}), pytest.raises(ModuleNotFoundError, match="wsgiref"):
        __import__(name)
    assert __import__(name)
