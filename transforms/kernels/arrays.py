"""Names of the array types in signatures, by dtype. An array has one dimension unless its docstring says otherwise."""

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]
UInt8s = npt.NDArray[np.uint8]
UInt64s = npt.NDArray[np.uint64]
