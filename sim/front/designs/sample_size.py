"""``sample_size``: the sample size that has a power."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Unpack

import pandas as pd
from rich.console import Console

from analysis.figures.drawn import Drawn, save
from analysis.figures.formats import figure_file
from analysis.figures.search import draw_search
from analysis.replicates.power import PowerCurve
from analysis.report.decision_words import Words, words_of
from analysis.report.numbers import fixed, share, signed
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from sim.front.results import Saved, Shown
from sim.front.scenario import Changes, Source, named, overrides
from sim.study.designs.size_curve import Question
from sim.study.designs.size_search import SEARCH, TRIALS, Answer, search_size
from sim.study.primary_difference import series_asked
from sim.study.setting import How, set_up
from sim.study.store.place import Place

FIGURE = "search"


@dataclass(frozen=True, slots=True)
class SampleSize(Shown, Saved):
    """A sample size that was searched and verified.

    Attributes
    ----------
    question, name
        What was searched, and the scenario's name.
    words
        What power is.
    answer
        What was found.
    place
        Of the study; see ``directory``.
    """

    made: ClassVar[tuple[str, ...]] = (TRIALS, SEARCH)
    figures: ClassVar[tuple[str, ...]] = (FIGURE,)

    question: Question
    name: str
    words: Words
    answer: Answer
    place: Place = field(repr=False)

    @property
    def size(self) -> int:
        """The sample size found."""
        return self.answer.size

    @property
    def rounds(self) -> pd.DataFrame:
        """A row a step of the search: size, trials, rejections."""
        return pd.DataFrame(self.answer.rounds)

    def print_to(self, console: Console) -> None:
        """Print the steps of the search and the answer."""
        question, found = self.question, self.answer
        rows: list[tuple[str, ...]] = [
            (str(step["size"]), str(step["trials"]), share(step["rejected"], step["trials"]))
            for step in found.rounds
        ]
        title = f"{self.name}: search for power {question.target:g} of {question.series}"
        print_table(TextTable(title, ("sample size", "trials", "in favour"), rows), console)
        adjusted = ""
        if found.critical is not None:
            adjusted = (
                f"; here with P up to {fixed(found.critical, 4)}, which a share of alpha of the "
                "trials have where the null holds (size-adjusted)"
            )
        checked, fresh = found.verified, found.verified_adjusted
        gap = (checked.power if fresh is None else fresh.power) - question.target
        # As if the target were reached, for a share of 0 or 1 would seem to have no error.
        own = question.target * (1.0 - question.target) / checked.replicates
        own = own if fresh is None else max(own, fresh.error**2)
        error = (found.power_error**2 + own) ** 0.5
        verified = share(checked.rejected, checked.replicates)
        if fresh is not None:
            verified = f"{fixed(fresh.power, 3)} ({fixed(fresh.error, 3)}) size-adjusted"
            verified += f", {share(checked.rejected, checked.replicates)} at alpha"
        limits = f"{fixed(found.lower, 0)} to {fixed(found.upper, 0)}"
        console.print(
            f"\nPower: share of trials that {self.words.in_favour}{adjusted}.\n"
            f"Sample size {found.size} (95% limits {limits}) from {found.trials} trials.\n"
            f"Fitted power there {question.target:g}, Monte Carlo standard error "
            f"{fixed(found.power_error, 4)}.\nVerified at seed {found.verified_seed} with "
            f"{checked.replicates} trials: {verified}, "
            f"{signed(gap, 3)} from the target with standard error {fixed(error, 3)} of search and "
            "verification."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        return {"directory": self.where, **self.answer.to_dict()}


def sample_size(
    scenario: Source,
    target: float,
    changes: Changes = (),
    *,
    analysis: str | None = None,
    hypothesis: str | None = None,
    tolerance: float = 0.01,
    sizes: tuple[int, int] = (20, 2000),
    most: int = 20_000,
    verify: int = 200,
    size_adjusted: bool = False,
    **how: Unpack[How],
) -> SampleSize:
    """Search the sample size that has a power, and verify it on a fresh seed.

    Parameters
    ----------
    scenario, changes
        See :func:`sim.front.scenario.scenario`.
    target
        The power, above 0.05 and below 1.
    analysis
        The one that decides; the primary one by default.
    hypothesis
        With several contrasts the one whose power is searched; with a procedure for a family of
        hypotheses one of these, or ``any`` (disjunctive power, the default) or ``all``.
    tolerance
        Monte Carlo standard error of the fitted power at which the search ends, 0.001 to 0.2.
    sizes
        The smallest and the largest that may be tried.
    most
        Trials after which the search ends all the same.
    verify
        Number of trials of the verification.
    size_adjusted
        Whether power is that at the critical value of trials in which the null holds.
    how
        See :class:`sim.study.setting.How`.

    Raises
    ------
    InputError
        If a value is not allowed, the power is not reached within the sizes, or the folder cannot
        be written.
    """
    if not 0.05 < target < 1.0:
        raise InputError(f"--target {target:g} is not allowed: must be above 0.05 and below 1")
    if not 0.001 <= tolerance <= 0.2:
        raise InputError(f"--tolerance {tolerance:g} is not allowed: must be from 0.001 to 0.2")
    smallest, largest = sizes
    if not 2 <= smallest < largest <= 200_000:
        raise InputError(
            f"--sizes {smallest}:{largest} is not allowed: must be from 2 to 200000, the first "
            "below the second"
        )
    given = tuple(overrides(changes))
    setting = set_up(how)
    with named(scenario) as source:
        decides = analysis or load_scenario(source, given).analysis.primary_analysis
        series = series_asked(load_scenario(source, given), decides, hypothesis)
        question = Question(
            str(source), given, decides, target, tolerance, smallest, largest, most, size_adjusted,
            series,
        )  # fmt: skip
        asked = question.scenario(smallest)
        answer = search_size(
            question,
            setting,
            verify=verify,
            finish=lambda found, curve, folder: save(
                search_figure(asked.name, question, found, curve),
                folder / figure_file(FIGURE, setting.figure_format),
            ),
        )
    return SampleSize(question, asked.name, words_of([asked.analysis]), answer, setting.place)


def search_figure(name: str, question: Question, answer: Answer, curve: PowerCurve) -> Drawn:
    """Return the figure of a search in the scenario of that name."""
    title = f"{name}: {question.series}"
    return draw_search(answer.to_dict(), curve, question.target, title=title)
