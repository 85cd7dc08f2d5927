"""The folder of a study's results: one that was named, or a temporary one."""

import shutil
import tempfile
import weakref
from pathlib import Path


class Place:
    """Where results are kept.

    Parameters
    ----------
    out
        The folder to make; None for a temporary one, which is removed when nothing refers to this
        place any more, and at the end of the process.

    Attributes
    ----------
    path
        Of the folder.
    kept
        Whether it stays.
    """

    def __init__(self, out: str | Path | None = None) -> None:
        self.kept = out is not None
        if out is None:
            above = Path(tempfile.mkdtemp(prefix="selfback-"))
            weakref.finalize(self, shutil.rmtree, above, ignore_errors=True)
            self.path = above / "study"
        else:
            self.path = Path(out)

    def __repr__(self) -> str:
        return f"Place({str(self.path)!r})" if self.kept else "Place()"
