"""``gate`` and ``baseline``: whether a recommender is worse than it was."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict, Unpack, cast

import pandas as pd
from rich.console import Console

from analysis.report.numbers import fixed
from analysis.report.report_trial import print_table
from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario
from scenarios.trust import check_trusted, own_modules
from sim.front.results import Shown
from sim.front.scenario import Changes, overrides, with_recommender
from sim.recommenders.own import try_out
from sim.replicates.subgroup_effects import USUAL, read_split
from sim.study.gate import report
from sim.study.gate.baseline import (
    Baseline,
    check_has_app,
    check_replaceable,
    check_scenario,
    read_baseline,
    write_baseline,
)
from sim.study.gate.defaults import ALPHA, MARGIN, POWER, REPLICATES
from sim.study.gate.gate import GateResult, margin_in_points, record_baseline, run_gate
from sim.study.gate.kept import scores_kept
from sim.study.identity.same import check_repeated
from sim.study.setting import How, Setting, set_up
from sim.study.store.folder import check_new_file, write_whole


class Kept(TypedDict, total=False):
    """How a gate is run; all have defaults.

    ``jobs``
        Number of workers, at least 1; as many as there are cores.
    ``out``
        Folder that keeps the replicates until the verdict, or the baseline, is there. If it has
        those of an interrupted gate of the same scenario and code, that is gone on with. None is
        kept by default.
    ``progress``
        Whether progress is shown; true.
    ``command``, ``repeat``
        See :class:`sim.study.setting.How`.
    """

    jobs: int | None
    out: str | Path | None
    progress: bool
    command: Sequence[str]
    repeat: str


@dataclass(frozen=True, slots=True)
class Recorded(Shown):
    """A baseline that was recorded.

    Attributes
    ----------
    file
        Where it is.
    baseline
        What is in it.
    scenario
        What was simulated.
    """

    file: Path
    baseline: Baseline = field(repr=False)
    scenario: Scenario = field(repr=False)

    @property
    def margin(self) -> float:
        """Loss that the gate looks for, in points of the outcome."""
        return margin_in_points(self.baseline, self.baseline.margin)

    def print_to(self, console: Console) -> None:
        """Print the effect and the margin."""
        made = self.baseline
        console.print(
            f"{self.scenario.mechanisms.recommender.kind} of {made.scenario}: effect "
            f"{fixed(made.effect, 4)} on {made.outcome} at {made.visit} (standard error "
            f"{fixed(made.effect_error, 4)}) in {len(made.replicates)} replicates; "
            f"margin {fixed(self.margin, 4)} points",
            soft_wrap=True,
            markup=False,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        return {
            "file": str(self.file),
            "scenario": self.baseline.scenario,
            "seed": self.baseline.seed,
            "recommender": self.scenario.mechanisms.recommender.kind,
            "effect": self.baseline.effect,
            "effect_error": self.baseline.effect_error,
            "margin": self.margin,
            "replicates": len(self.baseline.replicates),
        }


@dataclass(frozen=True, slots=True)
class Gate(Shown):
    """A recommender tested against a baseline.

    Attributes
    ----------
    found
        As the gate has it.
    baseline
        What it was tested against.
    """

    found: GateResult = field(repr=False)
    baseline: Baseline = field(repr=False)

    @property
    def verdict(self) -> str:
        """``"pass"``, ``"fail"`` or ``"inconclusive"``."""
        return self.found.verdict

    @property
    def patients(self) -> pd.DataFrame:
        """A row for all participants and for each subgroup: effects, loss, who is worse."""
        return pd.DataFrame(list(self.found.patients))

    def print_to(self, console: Console) -> None:
        """Print the effect, who got worse, and the verdict."""
        found, baseline = self.found, self.baseline
        rows = report.effect_rows(found, baseline)
        title = f"{found.recommender} of {baseline.scenario}: {found.outcome} at {found.visit}"
        lines = [title, *(f"{name:<24}{value}" for name, value in rows)]
        console.print("\n".join(lines), soft_wrap=True, markup=False)
        if found.patients:
            print_table(report.patients_table(found), console)
            console.print(f"\n{report.patients_note(found)}", markup=False)
        if found.changed:
            console.print(f"\nChanged in [recommender]: {'; '.join(found.changed)}", markup=False)
        console.print(f"\n{report.sentence(found, baseline)}", soft_wrap=True, markup=False)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        return report.to_dict(self.found, self.baseline)


def baseline(
    file: str | Path,
    scenario: str = "selfback_2021",
    changes: Changes = (),
    *,
    recommender: str | None = None,
    margin: float = MARGIN,
    replicates: int = REPLICATES,
    overwrite: bool = False,
    trust: bool = False,
    **how: Unpack[Kept],
) -> Recorded:
    """Record the effect of a recommender in a file, for :func:`gate` to test against.

    Parameters
    ----------
    file, overwrite
        Where to write it, and whether to replace one.
    scenario, changes
        Name in the library or file, and what is changed.
    recommender
        Built-in name, module:attribute, entry point or address; the scenario's own by default.
    margin
        Loss to look for, as a share of the effect, above 0 and below 1.
    replicates
        The most that a gate may use.
    trust
        Whether code that is named may be run when ``selfback resume`` gives the command again.
    how
        See :class:`Kept`.

    Raises
    ------
    InputError
        If the scenario is not valid, the recommender cannot be reached, a replicate fails, the
        recommender has no effect, or the file cannot be written.
    """
    target, given = Path(file), overrides(changes)
    check_new_file("--make", target, overwrite=overwrite)
    if target.exists():
        check_replaceable(target)
    read = _strict(scenario, given, recommender)
    setting = _setting(how, trust=trust)
    check_repeated(read, setting)
    try_out(read)
    with scores_kept(read, setting, replicates=replicates, asked={"make": ""}) as kept:
        with setting.progress(f"simulating {read.name}") as advance:
            made = record_baseline(
                read,
                scenario,
                given,
                recommender,
                margin=margin,
                replicates=replicates,
                executor=setting.executor,
                on_progress=advance,
                kept=kept,
            )
        write_baseline(made, target)
    return Recorded(target, made, read)


def gate(
    baseline: str | Path,
    scenario: str | None = None,
    changes: Changes = (),
    *,
    recommender: str | None = None,
    margin: float | None = None,
    alpha: float = ALPHA,
    power: float = POWER,
    junit: str | Path | None = None,
    markdown: str | Path | None = None,
    trust: bool = False,
    **how: Unpack[Kept],
) -> Gate:
    """Say whether a recommender is worse than it was, on common random numbers.

    Parameters
    ----------
    baseline
        File that :func:`baseline` made.
    scenario, changes, recommender, margin
        As in the baseline by default.
    alpha
        False alarms where nothing is lost: a share of at most this.
    power
        Probability of noticing a loss of the margin: at least this.
    junit, markdown
        Files to write the verdict to.
    trust
        Whether modules that the baseline names may be run.
    how
        See :class:`Kept`.

    Raises
    ------
    InputError
        If the baseline cannot be used or names modules that are not trusted, the recommender
        cannot be reached, or a report cannot be written.
    """
    started, file = time.monotonic(), Path(baseline)
    reports = {
        option: Path(made)
        for option, made in (("--junit", junit), ("--markdown", markdown))
        if made is not None
    }
    _check_reports(reports, file)
    before = read_baseline(file)
    name = before.scenario if scenario is None else scenario
    given = [*before.overrides, *overrides(changes)]
    check_scenario(before, file, load_scenario(name, given), name)
    read = _strict(name, given, recommender or before.target)
    asked = [] if scenario is None else own_modules(load_scenario(scenario))
    said = "\n".join([*overrides(changes), recommender or ""])
    asked += [module for module in own_modules(read) if module in said]
    check_trusted(read, file, trust=trust, asked=asked)
    try_out(read)
    setting = _setting(how, trust=True)  # what its baseline names was looked at
    asked_of = {"baseline": before.sha256, "by": list(USUAL)}
    most = len(before.replicates)
    with (
        scores_kept(read, setting, replicates=most, asked=asked_of) as kept,
        setting.progress(f"simulating {read.name}") as advance,
    ):
        found = run_gate(
            before,
            read,
            share=before.margin if margin is None else margin,
            alpha=alpha,
            beta=1.0 - power,
            splits=tuple(read_split(text, read) for text in USUAL),
            executor=setting.executor,
            on_progress=advance,
            kept=kept,
        )
    if "--markdown" in reports:
        write_whole(reports["--markdown"], report.markdown(found, before))
    if "--junit" in reports:
        took = time.monotonic() - started
        write_whole(reports["--junit"], report.junit(found, before, took))
    return Gate(found, before)


def _setting(how: Kept, *, trust: bool) -> Setting:
    return set_up(cast("How", {**how, "trust": trust}))


def _check_reports(reports: dict[str, Path], baseline: Path) -> None:
    """Refuse reports that cannot be written, or would overwrite another file of the gate."""
    taken = {baseline.resolve(): "the baseline"}
    for option, made in reports.items():
        check_new_file(option, made, overwrite=True)
        if made.resolve() in taken:
            raise InputError(f"{option} {made} is {taken[made.resolve()]}: name another file")
        taken[made.resolve()] = f"the file of {option}"


def _strict(name: str, given: Sequence[str], recommender: str | None) -> Scenario:
    """Read the scenario such that no fallback plan hides failures of its recommender."""
    if recommender is None:
        scenario = load_scenario(name, given)
    else:
        scenario = with_recommender(recommender, name, given)
    check_has_app(scenario)
    strict = scenario.mechanisms.recommender.model_copy(update={"on_failure": "fail"})
    return scenario.model_copy(update={"recommender": strict})
