"""``calibrate``: fit a scenario's free parameters to published numbers."""

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Unpack

import pandas as pd
from rich.console import Console

from analysis.figures.drawn import save
from analysis.figures.fit import draw_calibration, draw_pseudo_trials
from analysis.figures.formats import figure_file
from analysis.report.numbers import fixed
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
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
from sim.study.calibration.report import parameter_table, summary, target_table
from sim.study.frame import open_study
from sim.study.setting import How, set_up
from sim.study.store.folder import write_json
from sim.study.store.place import Place

SCENARIO, SUMMARY, FIGURE = "calibrated.toml", "calibration.json", "calibration"
PSEUDO_TRIALS = "pseudo_trials"
WORST = 8
"""Targets listed that fit worst."""
PSEUDO = {"prior": "parameters from the prior", "last_wave": "around the best point"}
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
        _print_parameters(self.content, console)
        _print_fit(self.found, self.content, console)

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
        write_json(folder / SUMMARY, content)
        study.replicates, study.failed = found.simulated, len(found.failures)
        study.notes["calibrated"] = str(file)
        study.afterwards(lambda at: _draw(found, at, setting.figure_format))
    return Calibrated(found, content, _unreadable(out / SCENARIO), setting.place)


def _draw(found: Calibration, folder: Path, figure_format: str) -> None:
    drawn = draw_calibration(parameter_table(found), target_table(found))
    save(drawn, folder / figure_file(FIGURE, figure_format))
    panels = {
        "parameters from the prior": found.from_prior,
        "around the best point": found.from_last,
    }
    drawn = draw_pseudo_trials({name: each.quantiles for name, each in panels.items()})
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


def _print_parameters(content: dict[str, Any], console: Console) -> None:
    rows: list[tuple[str, ...]] = [
        (
            row["key"],
            _range(row["prior"], row["prior_lower"], row["prior_upper"]),
            _range(row["fitted"], row["lower"], row["upper"]),
            fixed(row["contraction"], 2),
            row["identification"],
        )
        for row in content["parameters"]
    ]
    heads = ("parameter", "prior (95%)", "fitted (95%)", "contraction", "")
    print_table(TextTable("", heads, rows), console)
    console.print("\nInformed most by", style="bold", end=" ")
    console.print("(posterior SDs moved by one SD of the target)")
    for row in content["parameters"]:
        if row["informed_by"]:
            console.print(f"  {row['key']}: {row['informed_by']}")
    pairs = {
        " and ".join(sorted((row["key"], other.rsplit(" (", 1)[0])))
        for row in content["parameters"]
        for other in row["confounded_with"].split("; ")
        if other
    }
    for pair in sorted(pairs):
        console.print(f"{pair} cannot be told apart (posterior correlation beyond 0.9)")


def _print_fit(found: Calibration, content: dict[str, Any], console: Console) -> None:
    varied = [row for row in content["targets"] if math.isfinite(row["z"])]
    console.print("\nTargets that fit worst", style="bold")
    for row in sorted(varied, key=lambda row: -abs(row["z"]))[:WORST]:
        console.print(
            f"  {row['label']}: published {row['published']:g}, simulated "
            f"{row['fitted']:.4g} (before {row['before']:.4g}), z {row['z']:+.1f}"
        )
    for reason, names in _by_reason(found.left_out).items():
        console.print(f"left out, {reason}: {few(names)}")
    start, end = found.distances
    right, told = content["expected_distance"], content["targets_moved"]
    held = sum(row["held"] for row in content["parameters"])
    console.print(
        f"\nDistance {start:.0f} at the prior means, {end:.0f} fitted, {content['targets_fitted']} "
        f"targets that vary like {right['effective_number']:.0f} uncorrelated ones.\n"
        f"If model and prior are right: {right['expected']:.0f}, SD {right['sd']:.0f}; in "
        f"{len(found.from_last.distances)} pseudo-trials {right['pseudo_trials']:.0f} "
        f"({right['pseudo_trials_lower']:.0f} to {right['pseudo_trials_upper']:.0f}), "
        f"{100.0 * right['pseudo_trials_below']:.0f}% of them at most as far.\n"
        f"Of the distance, {right['of_targets']:.0f} is of the targets "
        f"(expected {right['of_targets_expected']:.0f}) and {right['of_prior']:.0f} of the prior "
        f"({right['of_prior_expected']:.0f}).\n"
        f"Free parameters move {told['moved']} targets, with a mean squared z of "
        f"{told['moved_mean_square_z']:.2f}, and not the other {told['unmoved']}, with "
        f"{told['unmoved_mean_square_z']:.2f}: near 0 where published numbers are parameters of "
        f"the scenario.\n"
        f"Posterior predictive check: {100.0 * found.check.p:.0f}% of simulated trials are at "
        f"least as far from the middle as the published numbers."
    )
    for name, each in content["pseudo_trials"].items():
        console.print(
            f"{each['trials']} pseudo-trials, {PSEUDO[name]}: 95% intervals hold "
            f"{100.0 * each['coverage_95']:.0f}% of parameters, 50% intervals "
            f"{100.0 * each['coverage_50']:.0f}%."
        )
    console.print()
    for number, wave in enumerate(found.rounds, 1):
        moved = "" if number == 1 else f", best point moved {wave.moved:.2f} posterior SDs"
        console.print(
            f"Wave {number}: {wave.trials} trials, distance {wave.distance:.0f}{moved}; "
            f"{wave.starts.together} of {wave.starts.count} starts agree"
        )
    ended = "Converged" if found.converged else "Not converged: more --waves or --points are needed"
    console.print(
        f"{ended}: emulator and simulation are {found.check.apart:.2f} SD of one trial apart at "
        f"the best point.\n{held} parameters are held at their priors.\n"
        f"{found.simulated} trials simulated in {content['seconds']:.0f} s."
    )


def _by_reason(left_out: dict[str, str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for name, reason in left_out.items():
        names.setdefault(reason, []).append(name)
    return names


def few(names: Sequence[str], most: int = 6) -> str:
    """Return the first names, and how many there are more.

    >>> few(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def _range(value: float, lower: float, upper: float) -> str:
    return f"{value:.3g} ({lower:.3g} to {upper:.3g})"
