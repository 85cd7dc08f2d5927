"""What every command that runs studies is told of how to run them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.errors import InputError

if TYPE_CHECKING:
    from sim.study.executors import Executor

RESULTS = Path("results")
"""Where studies land that are not told where."""


@dataclass(frozen=True, slots=True)
class StudyOptions:
    """Who does the work of a study, and where its results go.

    Attributes
    ----------
    jobs
        Workers, at least 1; None for as many as there are cores.
    out
        The folder to make; None for one in ``results``.
    overwrite
        Whether to replace a folder that is there.
    as_json
        Whether JSON is printed instead of tables.
    """

    jobs: int | None
    out: Path | None
    overwrite: bool
    as_json: bool

    @property
    def workers(self) -> int:
        """How many there are, at least 1."""
        from joblib import cpu_count  # noqa: PLC0415 - slow to import

        return cpu_count() if self.jobs is None else self.jobs

    def executor(self, kind: str = "joblib", scheduler: str | None = None) -> "Executor":
        """Return who does the work; see :func:`sim.study.executors.make_executor`."""
        from sim.study.executors import make_executor  # noqa: PLC0415 - slow to import

        return make_executor(kind, self.workers, scheduler)

    def folder(self, name: str) -> Path:
        """Return the folder to make, of this name in ``results`` if none was given.

        Raises
        ------
        InputError
            If the folder of all results cannot be made.
        """
        if self.out is not None:
            return self.out
        try:
            RESULTS.mkdir(exist_ok=True)
        except OSError as error:
            raise InputError(
                f"cannot make the folder {RESULTS}: {error.strerror}: use --out"
            ) from error
        return RESULTS / name
