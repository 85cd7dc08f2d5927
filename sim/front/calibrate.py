"""``calibrate``: fit a scenario's free parameters to published numbers."""

import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Unpack

import pandas as pd
from rich.console import Console

from analysis.figures.drawn import save
from analysis.figures.fit import draw_calibration, draw_pseudo_trials
from analysis.figures.formats import figure_file
from analysis.report.print_calibration import print_calibration
from scenarios.errors import InputError
from scenarios.free_parameters import ParameterSpace, load_free_parameters
from scenarios.loading.layers import merge
from scenarios.loading.load import load_scenario, validate
from scenarios.targets import Target, check_compared, load_published
from sim.front.results import Saved, Shown
from sim.front.scenario import Changes, overrides
from sim.study.calibration.calibrate import Calibration, Settings
from sim.study.calibration.calibrate import calibrate as fit
from sim.study.calibration.calibrated_scenario import calibrated_scenario, posterior_sample
from sim.study.calibration.kept import KeptSteps
from sim.study.calibration.report import parameter_table, pseudo_table, summary, target_table
from sim.study.frame import open_study
from sim.study.setting import How, set_up
from sim.study.store.place import Place

SCENARIO, SUMMARY, FIGURE = "calibrated.toml", "calibration.json", "calibration"
PSEUDO_TRIALS = "pseudo_trials"
ROLES = ("calibration", "held-out", "all")
"""Published numbers that can be fitted to, by their role."""


@dataclass(frozen=True, slots=True)
class Calibrated(Shown, Saved):
    """A calibrated scenario.

    Attributes
    ----------
    found
        As the calibration has it.
    content
        Its summary as plain numbers and texts.
    unreadable
        Why the calibrated scenario cannot be read with the scenario as it is now; '' if it can.
    place
        Of everything; see ``directory``.
    """

    made: ClassVar[tuple[str, ...]] = (SCENARIO, "posterior.parquet", SUMMARY)
    figures: ClassVar[tuple[str, ...]] = (FIGURE, PSEUDO_TRIALS)

    found: Calibration = field(repr=False)
    content: dict[str, Any] = field(repr=False)
    unreadable: str
    place: Place

    @property
    def scenario_file(self) -> Path:
        """The calibrated scenario."""
        return self.directory / SCENARIO

    @property
    def parameters(self) -> pd.DataFrame:
        """A row a parameter: prior, fitted value, limits, whether it is identified."""
        return parameter_table(self.found)

    @property
    def targets(self) -> pd.DataFrame:
        """A row a target: published, simulated before and after."""
        return target_table(self.found)

    @property
    def posterior(self) -> pd.DataFrame:
        """A row a parameter set of the posterior sample."""
        return posterior_sample(self.found)

    def print_to(self, console: Console) -> None:
        """Print parameters, what informs them, and the targets that fit worst."""
        print_calibration(self.content, console)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        return {"directory": self.where, **self.content}


def calibrate(
    scenario: str | Path,
    parameters: str | Path,
    changes: Changes = (),
    *,
    targets: str = "calibration",
    settings: Settings | None = None,
    **how: Unpack[How],
) -> Calibrated:
    """Fit free parameters to the published numbers, and say what these identify.

    Parameters
    ----------
    scenario, changes
        Name in the library or file, which the calibrated scenario extends; and what is changed.
    parameters
        TOML file of the free parameters.
    targets
        Published numbers to fit to: ``"calibration"``, ``"held-out"`` or ``"all"``.
    settings
        How much is simulated.
    how
        See :class:`sim.study.setting.How`.

    Raises
    ------
    InputError
        If the scenario, the file of parameters or the folder cannot be used.
    """
    started = time.monotonic()
    source, file, setting = str(scenario), Path(parameters), set_up(how)
    merged = merge(source, overrides(changes))
    base = validate(merged)
    check_compared(base.published, merged.asked)
    space = ParameterSpace(load_free_parameters(file), merged, str(file))
    chosen = _chosen(load_published(base.published).targets, targets)
    out = setting.place.path
    asked = {"calibrate": asdict(settings or Settings()), "parameters": file.read_text("utf-8"),
             "targets": [target.label for target in chosen]}  # fmt: skip
    with open_study(base, setting, replicates=0, study=asked) as study:
        with setting.progress(f"calibrating {base.name}") as advance:
            found = fit(
                space, chosen, setting.executor, settings or Settings(), advance, KeptSteps(study)
            )
        content = summary(found, time.monotonic() - started)
        folder = study.folder
        (folder / SCENARIO).write_text(calibrated_scenario(found, source, out), encoding="utf-8")
        posterior_sample(found).to_parquet(folder / "posterior.parquet", index=False)
        parameter_table(found).to_csv(folder / "identification.csv", index=False)
        target_table(found).to_csv(folder / "targets.csv", index=False)
        pseudo_table(found).to_csv(folder / f"{PSEUDO_TRIALS}.csv", index=False)
        study.write_result(SUMMARY, content)
        study.replicates, study.failed = found.simulated, len(found.failures)
        study.notes["calibrated"] = str(file)
        study.afterwards(lambda at: _draw(found, at, setting.figure_format))
    return Calibrated(found, content, _unreadable(out / SCENARIO), setting.place)


def _draw(found: Calibration, folder: Path, figure_format: str) -> None:
    drawn = draw_calibration(parameter_table(found), target_table(found))
    save(drawn, folder / figure_file(FIGURE, figure_format))
    drawn = draw_pseudo_trials(pseudo_table(found))
    save(drawn, folder / figure_file(PSEUDO_TRIALS, figure_format))


def _unreadable(path: Path) -> str:
    """Return why a scenario cannot be read: the one it extends may have changed meanwhile."""
    try:
        load_scenario(path)
    except InputError as error:
        return str(error)
    return ""


def _chosen(targets: tuple[Target, ...], role: str) -> tuple[Target, ...]:
    if role not in ROLES:
        raise InputError(f"--targets {role} is not allowed: must be {' or '.join(ROLES)}")
    if role == "all":
        return tuple(target for target in targets if target.role != "implied")
    return tuple(target for target in targets if target.role == role)
