"""Array types in signatures have one name each."""

import re
from pathlib import Path

import numpy as np

from corpusmill.transforms.kernels import arrays

ROOT = Path(__file__).parents[3]
SPELLED_OUT = re.compile(r"npt\.NDArray\[np\.(int64|bool_|uint8|uint64|float64)\]")


def test_a_name_says_the_dtype() -> None:
    for name, dtype in (("Bools", "bool"), ("Float64s", "float64"), ("Int64s", "int64"), ("UInt8s", "uint8")):
        assert np.dtype(getattr(arrays, name).__args__[1].__args__[0]) == np.dtype(dtype)


def test_no_module_spells_these_types_out() -> None:
    sources = [*ROOT.glob("pipeline/**/*.py"), *ROOT.glob("transforms/**/*.py")]
    spelled = [path.name for path in sources if SPELLED_OUT.search(path.read_text(encoding="utf-8"))]
    assert spelled == ["arrays.py"]
