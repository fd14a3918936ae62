"""Wide repair of mojibake: UTF-8 that was read through a wrong codec, one of some forty and more.

`repair_text` is the plain path, `candidate_rows` the vectorised proof that a row has nothing to repair, `repair_column`
the column path built on both. Every repair is on record (`Repair`); weak evidence is left alone and counted.
"""

from corpusmill.transforms.kernels.cleaning.mojibake.candidates import candidate_rows
from corpusmill.transforms.kernels.cleaning.mojibake.repair import repair_column, repair_text
from corpusmill.transforms.kernels.cleaning.mojibake.repair_stages import Repair
from corpusmill.transforms.kernels.cleaning.mojibake.settings import RepairSettings

__all__ = ["Repair", "RepairSettings", "candidate_rows", "repair_column", "repair_text"]
