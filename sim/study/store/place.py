"""The folder of a study's results: one that was named, or a temporary one."""

import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.study.store.remote import Remote, address_of


class Place:
    """Where results are kept.

    Parameters
    ----------
    out
        The folder to make, or its address on object storage such as ``s3://bucket/folder``; None
        for a temporary one, which is removed when nothing refers to this place any more, and at the
        end of the process. What goes to an address grows in a temporary one.

    Attributes
    ----------
    path
        Of the folder on this machine.
    kept
        Whether it stays.
    remote
        Where it is copied to as it grows; None if nowhere.
    """

    def __init__(self, out: str | Path | None = None) -> None:
        self.kept = out is not None
        address = None if out is None else address_of(out)
        if out is None or address is not None:
            above = Path(tempfile.mkdtemp(prefix="selfback-"))
            weakref.finalize(self, shutil.rmtree, above, ignore_errors=True)
            self.path = above / "study"
        else:
            self.path = Path(out)
        self.remote = None if address is None else Remote(address, self.path)

    @property
    def name(self) -> str:
        """What a user calls it."""
        return str(self.path) if self.remote is None else self.remote.address

    def told(self, text: str) -> str:
        """Return a message in which the folder is called what a user calls it."""
        if self.remote is None:
            return text
        return text.replace(str(self.path.resolve()), self.name).replace(str(self.path), self.name)

    @property
    def synced(self) -> bool:
        """Whether what is written to the folder is to survive a loss of power."""
        return self.kept and self.remote is None

    @contextmanager
    def ready(self) -> Iterator[None]:
        """Hold the lock of object storage, with what is unfinished there copied here.

        Raises
        ------
        InputError
            If it cannot be reached, another run writes there, or something else is there.
        """
        if self.remote is None:
            yield
            return
        with self.remote.locked():
            self.remote.fetch()
            yield

    def push(self) -> None:
        """Copy what is new to object storage, if the results go there.

        Raises
        ------
        MachineError
            If that fails.
        """
        if self.remote is not None:
            self.remote.push()

    def __repr__(self) -> str:
        return f"Place({self.name!r})" if self.kept else "Place()"
