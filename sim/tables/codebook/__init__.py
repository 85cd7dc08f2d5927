"""The codebook: what every column of every table means. This is the one home of descriptions.

What a scenario declares, outcomes and covariates, is described by its declaration.
"""

from sim.tables.codebook.book import (
    CODEBOOK,
    Entry,
    Exported,
    codebook,
    describe,
    write_codebook,
    write_entries,
)
from sim.tables.codebook.pages import tables_page

__all__ = [
    "CODEBOOK", "Entry", "Exported", "codebook", "describe", "tables_page", "write_codebook",
    "write_entries",
]  # fmt: skip
