"""``validate``: every published number beside its simulated distribution."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Unpack

import pandas as pd
import pyarrow as pa
from rich.console import Console

from analysis.figures.fit import draw_validation
from analysis.replicates.summary import RESULTS
from analysis.replicates.validation import Validation, compare_targets
from analysis.report.print_validation import print_validation
from scenarios.errors import InputError, one_line
from scenarios.targets import check_compared, load_published
from sim.front.results import Saved, Shown
from sim.front.scenario import Source
from sim.front.scenario import scenario as read_scenario
from sim.replicates.compared import BETWEEN_VISITS, Compared
from sim.study.runner import run_shown
from sim.study.setting import How, set_up
from sim.study.store.folder import write_json, write_whole
from sim.study.store.place import Place
from sim.study.store.reading import KeptStudy

TABLE, RESULT, FIGURE = "validation.csv", "validation.json", "validation.png"


@dataclass(frozen=True, slots=True)
class Validated(Shown, Saved):
    """All published numbers beside the simulated ones.

    Attributes
    ----------
    found
        As the analysis has it.
    place
        Of the study; see ``directory``.
    failed, first_failure
        How many replicates of a study that was run here failed; the reason of the first.
    """

    saved: ClassVar[str] = f"{TABLE}, {RESULT} and {FIGURE}"

    found: Validation
    place: Place
    failed: int = 0
    first_failure: str = ""

    @property
    def targets(self) -> pd.DataFrame:
        """A row a published number."""
        return self.found.table()

    def print_to(self, console: Console) -> None:
        """Print the targets by role, with their agreement."""
        print_validation(self.found, console)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        return {"directory": self.where, **self.found.to_dict()}


def validate(
    scenario: Source = "selfback_2021", replicates: int = 200, **how: Unpack[How]
) -> Validated:
    """Run a study and put every published number beside its simulated distribution.

    Parameters
    ----------
    scenario
        See :func:`sim.front.scenario.scenario`.
    replicates
        Number of trials.
    how
        See :class:`sim.study.setting.How`.

    Raises
    ------
    InputError
        If nothing was published of the scenario, or the folder cannot be written.
    AllFailedError
        If every replicate failed.
    """
    read = read_scenario(scenario)
    check_compared(read.published, f"scenario {read.name}")
    setting = set_up(how)
    replicate = Compared.with_all_of(load_published(read.published).targets)
    result = run_shown(read, setting, replicates=replicates, finish=_write, replicate=replicate)
    found = _validation(setting.place.path)
    return Validated(found, setting.place, result.failed, result.first_failure)


def validate_study(directory: str | Path, *, write: bool = True) -> Validated:
    """Validate a study that is there.

    Parameters
    ----------
    directory
        Of the study.
    write
        Whether table and figure are written to its folder.

    Raises
    ------
    InputError
        If the folder holds no study, or nothing was published of its scenario.
    """
    folder = Path(directory)
    KeptStudy(folder, "--from")
    try:
        if write:
            _write(folder)
        return Validated(_validation(folder), Place(folder))
    except OSError as error:
        raise InputError(f"cannot write {directory}: {one_line(str(error))}") from error


def _validation(directory: Path) -> Validation:
    study = KeptStudy(directory)
    scenario, tables = study.scenario, _tables(study)
    check_compared(scenario["published"], str(directory))
    compared = compare_targets(tables, load_published(scenario["published"]).targets)
    return Validation(
        scenario=scenario["name"],
        title=scenario["title"],
        seed=scenario["seed"],
        replicates=len(study.numbers),
        failed_replicates=int(tables["failures"]["replicate"].to_pandas().nunique()),
        comparisons=tuple(c for c in compared if c.replicates > 0),
        missing=tuple(c.label for c in compared if c.replicates == 0),
    )


def _tables(study: KeptStudy) -> dict[str, pa.Table]:
    names = [*RESULTS, *([BETWEEN_VISITS] if BETWEEN_VISITS in study else [])]
    return {name: study.read(name, coded=True) for name in names}


def _write(folder: Path) -> None:
    found = _validation(folder)
    table = found.table()
    write_whole(folder / TABLE, table.to_csv(index=False))
    write_json(folder / RESULT, found.to_dict())
    draw_validation(table, f"{found.title} ({found.replicates} simulated trials)", folder / FIGURE)
