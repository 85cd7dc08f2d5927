"""A folder for what a check does."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder, and remove it at the end.

    Not by anything that runs when a process ends, as that of ``tempfile`` does: copies of this
    process would remove it as well.
    """
    made = Path(tempfile.mkdtemp()).resolve()
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
