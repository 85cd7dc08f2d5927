"""How a study is run: what a caller says of it, with defaults."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from analysis.figures.formats import DEFAULT_FORMAT, FORMATS
from scenarios.errors import InputError
from sim.study.executors import Executor, JoblibExecutor, make_executor
from sim.study.progress import ShowProgress, no_progress, remark, say_nothing, show_progress
from sim.study.store.place import Place


class Landing(TypedDict, total=False):
    """The part of :class:`How` that every command has."""

    jobs: int | None
    out: str | Path | None
    overwrite: bool
    allow_code_change: bool
    max_failures: float
    command: Sequence[str]
    repeat: str
    trust: bool
    figure_format: str


class How(Landing, total=False):
    """How a study is run, as its caller says it; all have defaults.

    ``jobs``
        Number of workers, at least 1; as many as there are cores.
    ``executor``
        ``"joblib"``, the cores of this machine; ``"dask"``; or an :class:`Executor`.
    ``scheduler``
        Address of a running Dask scheduler, for ``"dask"``.
    ``out``
        Folder to make for the results, or its address on object storage (``s3://bucket/folder``,
        with the extra ``remote``); nothing is saved. If there is an unfinished study of the same
        scenario, seed and code in it, that is gone on with.
    ``overwrite``
        Whether to replace a finished study that is in that folder; false.
    ``allow_code_change``
        Whether to go on with an unfinished study of other code, which is recorded; false.
    ``max_failures``
        Share of replicates that may fail before the study is stopped, 0 to 1; 0.5.
    ``progress``
        Whether progress is shown; true.
    ``command``, ``repeat``
        The folder and the command line, for ``selfback resume`` to give it again; and why it is
        given again: ``"resume"``, ``"grow"`` or neither.
    ``trust``
        Whether code that the study names may be run when its command is given again; false.
    ``figure_format``
        In which figures are saved, where there are any: ``"svg"``, ``"pdf"`` or ``"png"``;
        ``"svg"``.
    """

    executor: str | Executor
    scheduler: str | None
    progress: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """How a study is run.

    Attributes
    ----------
    executor
        Runs the replicates.
    place
        Where the results go.
    overwrite, allow_code_change, max_failures, command, repeat, trust, figure_format
        See :class:`How`.
    begin_anew
        Whether an unfinished study of another content or code is removed, instead of refused.
    progress
        Shows what is under way.
    tell
        Is told what is kept of an unfinished study.
    """

    executor: Executor
    place: Place = field(default_factory=Place)
    overwrite: bool = False
    allow_code_change: bool = False
    max_failures: float = 0.5
    command: Sequence[str] = ()
    repeat: str = ""
    trust: bool = False
    figure_format: str = DEFAULT_FORMAT
    begin_anew: bool = False
    progress: ShowProgress = no_progress
    tell: Callable[[str], None] = say_nothing


def set_up(how: How) -> Setting:
    """Return how a study is run, with the defaults of :class:`How`.

    Raises
    ------
    InputError
        If there is no such executor, figures are not saved in such a format, or ``max_failures`` is
        no share.
    """
    figure_format = known_format(how.get("figure_format", DEFAULT_FORMAT))
    share = how.get("max_failures", 0.5)
    if not (isinstance(share, int | float) and 0.0 <= share <= 1.0):
        raise InputError(f"max_failures = {share!r} is not allowed: must be a share from 0 to 1")
    executor = how.get("executor", "joblib")
    if isinstance(executor, str):
        executor = make_executor(executor, how.get("jobs"), how.get("scheduler"))
    shown = how.get("progress", True)
    return Setting(
        executor,
        Place(how.get("out")),
        overwrite=how.get("overwrite", False),
        allow_code_change=how.get("allow_code_change", False),
        max_failures=share,
        command=how.get("command", ()),
        repeat=how.get("repeat", ""),
        trust=how.get("trust", False),
        figure_format=figure_format,
        progress=show_progress if shown else no_progress,
        tell=remark if shown else say_nothing,
    )


def known_format(name: str) -> str:
    """Return a format in which figures are saved.

    Raises
    ------
    InputError
        If there is no such format.
    """
    if name not in FORMATS:
        raise InputError(f"figure_format = {name!r} is not allowed: must be {' or '.join(FORMATS)}")
    return name


HERE = JoblibExecutor(1)
"""This process: runs one trial."""
