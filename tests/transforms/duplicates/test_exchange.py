from typing import Any

import pytest

from corpusmill.transforms.duplicates.exchange import Exchange


@pytest.mark.parametrize("name", ["ranges_per_band", "memory_bytes", "cover_partitions"])
def test_a_number_below_one_is_refused_and_named(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is 0; it must be at least 1"):
        Exchange(**dict[str, Any]({name: 0}))
