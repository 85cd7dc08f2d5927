"""``validate``: every published number beside its simulated distribution."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar, Unpack

import pandas as pd
import pyarrow as pa
from pydantic import ValidationError
from rich.console import Console

from analysis.figures.drawn import save
from analysis.figures.fit import draw_validation
from analysis.figures.formats import DEFAULT_FORMAT, figure_file
from analysis.replicates.summary import RESULTS
from analysis.replicates.validation import Validation, compare_targets
from analysis.report.print_validation import print_validation
from scenarios.errors import InputError, one_line
from scenarios.loading.load import load_scenario, scenario_hash
from scenarios.schema import Scenario
from scenarios.targets import check_compared, load_published
from sim.front.results import Saved, Shown
from sim.front.scenario import Source
from sim.front.scenario import scenario as read_scenario
from sim.replicates.compared import BETWEEN_VISITS, AtDraws, Compared
from sim.study.designs.posterior import read_sample
from sim.study.runner import run_shown
from sim.study.setting import How, known_format, set_up
from sim.study.store.folder import write_json, write_whole
from sim.study.store.place import Place
from sim.study.store.reading import KeptStudy

SAMPLE = ".posterior.parquet"
TABLE, RESULT, FIGURE = "validation.csv", "validation.json", "validation"


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

    made: ClassVar[tuple[str, ...]] = (TABLE, RESULT)
    figures: ClassVar[tuple[str, ...]] = (FIGURE,)

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
    scenario: Source = "selfback_2021",
    replicates: int = 200,
    *,
    posterior: str | Path | None = None,
    point: bool = False,
    **how: Unpack[How],
) -> Validated:
    """Run a study and put every published number beside its simulated distribution.

    That is the posterior predictive: each trial is simulated at a draw of the posterior of the
    parameters, as far as there is a sample.

    Parameters
    ----------
    scenario
        See :func:`sim.front.scenario.scenario`.
    replicates
        Number of trials.
    posterior
        ``posterior.parquet`` of a calibration; by default the one that comes with a scenario of the
        library.
    point
        Simulate all trials at the scenario's own parameters instead.
    how
        See :class:`sim.study.setting.How`.

    Raises
    ------
    InputError
        If nothing was published of the scenario, the sample does not fit it, or the folder cannot
        be written.
    AllFailedError
        If every replicate failed.
    """
    read = read_scenario(scenario)
    check_compared(read.published, f"scenario {read.name}")
    setting = set_up(how)
    if posterior is not None and point:
        raise InputError("--posterior and --point are not allowed together")
    file = None if point else Path(posterior) if posterior is not None else shipped_sample(read)
    compared = Compared.with_all_of(load_published(read.published).targets)
    replicate = compared if file is None else _at_draws(read, compared, file, replicates)
    result = run_shown(
        read,
        setting,
        replicates=replicates,
        finish=partial(_write, figure_format=setting.figure_format),
        replicate=replicate,
    )
    found = _validation(setting.place.path)
    return Validated(found, setting.place, result.failed, result.first_failure)


def shipped_sample(scenario: Scenario) -> Path | None:
    """Return the posterior sample that comes with a scenario of the library; None if none does.

    A scenario that has been changed has none, whatever its seed and its published numbers.
    """
    file = Path(str(resources.files("scenarios") / "calibration" / f"{scenario.name}{SAMPLE}"))
    if not file.is_file():
        return None
    own = load_scenario(scenario.name)
    same = {"seed": own.seed, "truth": own.truth}
    return file if scenario_hash(scenario.model_copy(update=same)) == scenario_hash(own) else None


def _at_draws(scenario: Scenario, compared: Compared, file: Path, replicates: int) -> AtDraws:
    """Return replicates at the draws of a file; a draw that is not allowed is refused at once.

    Raises
    ------
    InputError
        With the draw, and what is wrong with it.
    """
    sample = read_sample(file)
    try:
        rows = sample.to_numpy(dtype=float).tolist()
    except (TypeError, ValueError) as error:
        raise InputError(f"{file} is no posterior sample: {one_line(str(error))}") from None
    found = AtDraws(compared, tuple(map(str, sample.columns)), tuple(map(tuple, rows)))
    if not rows:
        raise InputError(f"{file} has no parameter set")
    for draw in range(min(len(rows), replicates)):
        try:
            found.scenario(scenario, draw)
        except (KeyError, IndexError, TypeError) as error:
            raise InputError(f"{file} does not fit the scenario: it has no {error}") from None
        except ValidationError as error:
            what = error.errors()[0]
            key = ".".join(map(str, what["loc"]))
            told = f"{key}: {one_line(what['msg'])}" if key else one_line(what["msg"])
            raise InputError(f"{file}: set {draw}: {told}") from None
    return found


def validate_study(
    directory: str | Path, *, write: bool = True, figure_format: str = DEFAULT_FORMAT
) -> Validated:
    """Validate a study that is there.

    Parameters
    ----------
    directory
        Of the study.
    write
        Whether table and figure are written to its folder.
    figure_format
        Of the figure: ``"svg"``, ``"pdf"`` or ``"png"``.

    Raises
    ------
    InputError
        If the folder holds no study, or nothing was published of its scenario.
    """
    folder = Path(directory)
    KeptStudy(folder, "--from")
    try:
        if write:
            _write(folder, known_format(figure_format))
        return Validated(_validation(folder), Place(folder))
    except OSError as error:
        raise InputError(f"cannot write {directory}: {one_line(str(error))}") from error


def _validation(directory: Path) -> Validation:
    study = KeptStudy(directory)
    scenario, tables = study.scenario, _tables(study)
    check_compared(scenario["published"], str(directory))
    published = load_published(scenario["published"])
    compared = compare_targets(tables, published.targets)
    return Validation(
        scenario=scenario["name"],
        title=scenario["title"],
        seed=scenario["seed"],
        replicates=len(study.numbers),
        failed_replicates=int(tables["failures"]["replicate"].to_pandas().nunique()),
        comparisons=tuple(c for c in compared if c.replicates > 0),
        missing=tuple(c.label for c in compared if c.replicates == 0),
        draws=_draws(study),
        anchors=published.anchors,
    )


def _draws(study: KeptStudy) -> int:
    """Return of how many draws of the posterior the trials are; 0 of the point estimate."""
    done = study.manifest["study"].get("replicate")
    return int(done.get("draws", 0)) if isinstance(done, Mapping) else 0


def _tables(study: KeptStudy) -> dict[str, pa.Table]:
    names = [*RESULTS, *([BETWEEN_VISITS] if BETWEEN_VISITS in study else [])]
    return {name: study.read(name, coded=True) for name in names}


def _write(folder: Path, figure_format: str) -> None:
    found = _validation(folder)
    table = found.table()
    write_whole(folder / TABLE, table.to_csv(index=False))
    write_json(folder / RESULT, found.to_dict())
    drawn = draw_validation(table, f"{found.title} ({found.replicates} simulated trials)")
    save(drawn, folder / figure_file(FIGURE, figure_format))
