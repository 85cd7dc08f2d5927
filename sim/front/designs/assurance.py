"""``assurance``: power averaged over a calibration's posterior sample."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Unpack

from rich.console import Console

from analysis.report.decision_words import Words, words_of
from analysis.report.numbers import fixed, signed
from scenarios.loading.layers import merge
from scenarios.loading.load import validate
from sim.front.results import Saved, Shown
from sim.front.scenario import Changes, Source, named, overrides
from sim.study.designs.assurance import ASSURANCE, SETS, Assurance, ParameterSets, run_assurance
from sim.study.designs.posterior import posterior_overrides
from sim.study.primary_difference import series_asked
from sim.study.setting import How, set_up
from sim.study.store.place import Place


@dataclass(frozen=True, slots=True)
class AssuranceResult(Shown, Saved):
    """The probability of success, beside power at the scenario's own parameters.

    Attributes
    ----------
    found
        Assurance, power, their difference and the Monte Carlo errors of these.
    scenario, posterior, analysis
        Names of the scenario, of the sample and of the analysis that decides.
    words
        What success is.
    place
        Of both studies; see ``directory``.
    """

    made: ClassVar[tuple[str, ...]] = (ASSURANCE, SETS)
    more: ClassVar[str] = "both studies"

    found: Assurance
    scenario: str
    posterior: str
    analysis: str
    words: Words
    place: Place = field(repr=False)

    def print_to(self, console: Console) -> None:
        """Print assurance beside power."""
        found = self.found
        console.print(
            f"{self.scenario}: {found.sets} parameter sets of {self.posterior}, {found.each} "
            "trials of each\n"
            f"assurance   {fixed(found.assurance, 3)} ({fixed(found.assurance_error, 3)})\n"
            f"power       {fixed(found.power, 3)} ({fixed(found.power_error, 3)}) at the "
            "scenario's own parameters\n"
            f"difference  {signed(found.difference, 3)} ({fixed(found.difference_error, 3)})\n"
            f"Success: by {self.analysis}, trials {self.words.in_favour}. In brackets Monte Carlo "
            "standard errors, of parameter sets."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        return {"directory": self.where, **self.found.to_dict()}


def assurance(
    scenario: Source,
    posterior: str | Path,
    changes: Changes = (),
    *,
    sets: int | None = None,
    each: int = 5,
    analysis: str | None = None,
    hypothesis: str | None = None,
    **how: Unpack[How],
) -> AssuranceResult:
    """Average power over what a calibration leaves open: the probability of success.

    Parameters
    ----------
    scenario, changes
        See :func:`sim.front.scenario.scenario`.
    posterior
        ``posterior.parquet`` of a calibration.
    sets
        Parameter sets, from the first; all by default.
    each
        Trials of each set.
    analysis
        The one that decides; the primary one by default.
    hypothesis
        With several contrasts the one that is to succeed, as of
        :func:`sim.front.designs.sample_size.sample_size`.
    how
        See :class:`sim.study.setting.How`.

    Raises
    ------
    InputError
        If the sample does not fit the scenario, the folder cannot be written, or every trial
        failed.
    """
    given, file = overrides(changes), Path(posterior)
    setting = set_up(how)
    with named(scenario) as name:
        merged = merge(name, given)
        read = validate(merged)
        decides = analysis or read.analysis.primary_analysis
        varied = posterior_overrides(file, merged.data, sets=sets)
        series = series_asked(read, decides, hypothesis)
        trials = ParameterSets(str(name), tuple(given), tuple(varied), each, decides, series)
        found = run_assurance(trials, setting)
    return AssuranceResult(
        found, read.name, file.name, series, words_of([read.analysis]), setting.place
    )
