"""What ``gate`` and ``baseline`` return."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console

from analysis.report.numbers import fixed
from analysis.report.report_trial import print_table
from scenarios.schema import Scenario
from sim.front.results import Shown
from sim.study.gate import documents, report
from sim.study.gate.baseline import LEVEL, Added, Baseline, added_by
from sim.study.gate.criteria import Criterion, Margins, Untested, criteria_of
from sim.study.gate.gate import GateResult


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
        """Loss of the effect that the gate looks for, in points of the outcome."""
        return self.baseline.margin * abs(self.baseline.effect)

    @property
    def added(self) -> Added:
        """What the recommender adds to the rival's effect."""
        made = self.baseline
        effects, rival = zip(
            *((one.effect, one.rival.effect) for one in made.replicates), strict=True
        )
        return added_by(effects, rival, made.outcome)

    def print_to(self, console: Console) -> None:
        """Print the effect, what is added, and what will be tested."""
        made, added = self.baseline, self.added
        lines = [
            (
                f"{self.scenario.mechanisms.recommender.kind} of {made.scenario}: effect "
                f"{fixed(made.effect, 4)} on {made.outcome} at {made.visit} (standard error "
                f"{fixed(made.effect_error, 4)}) in {len(made.replicates)} replicates; "
                f"margin {fixed(self.margin, 4)} points"
            ),
            (
                f"added to the effect of {made.rival}: {fixed(added.mean, 4)} points "
                f"({LEVEL:.0%} interval {fixed(added.lower, 4)} to {fixed(added.upper, 4)})"
            ),
        ]
        tested, untested = self._criteria()
        lines.append(f"tested: {'; '.join(report.named(one, made) for one in tested)}")
        lines += [f"not tested: {one.name}: {one.reason}" for one in untested]
        if made.anchor is not None:
            kept = made.anchor.replicates[: len(made.replicates)]
            before = sum(one.effect for one in kept) / len(kept)
            lines.append(f"effect of the anchor: {fixed(before, 4)}")
        console.print("\n".join(lines), soft_wrap=True, markup=False)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        tested, untested = self._criteria()
        return {
            "file": str(self.file),
            "scenario": self.baseline.scenario,
            "seed": self.baseline.seed,
            "recommender": self.scenario.mechanisms.recommender.kind,
            "rival": self.baseline.rival,
            "effect": self.baseline.effect,
            "effect_error": self.baseline.effect_error,
            "added": asdict(self.added),
            "margin": self.margin,
            "tests": {one.name: one.margin for one in tested},
            "not_tested": {one.name: one.reason for one in untested},
            "anchored": self.baseline.anchor is not None,
            "replicates": len(self.baseline.replicates),
        }

    def _criteria(self) -> tuple[tuple[Criterion, ...], tuple[Untested, ...]]:
        made = self.baseline
        margins = Margins(made.margin, made.added_margin, made.measures)
        return criteria_of(made, margins, self.scenario)


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
    def tests(self) -> pd.DataFrame:
        """A row a test: measure, reference, loss with its interval, margin, verdict."""
        return pd.DataFrame(documents.tests_of(self.found))

    @property
    def patients(self) -> pd.DataFrame:
        """A row for all participants and for each subgroup: effects, loss, who is worse."""
        return pd.DataFrame(list(self.found.patients))

    def print_to(self, console: Console) -> None:
        """Print the effect, what was tested, who got worse, and the verdict."""
        found, baseline = self.found, self.baseline
        rows = report.effect_rows(found, baseline)
        title = f"{found.recommender} of {baseline.scenario}: {found.outcome} at {found.visit}"
        lines = [title, *(f"{name:<24}{value}" for name, value in rows)]
        console.print("\n".join(lines), soft_wrap=True, markup=False)
        print_table(report.tests_table(found, baseline), console)
        console.print(f"\n{report.tests_note(found, baseline)}", markup=False)
        if found.patients:
            print_table(report.patients_table(found), console)
            console.print(f"\n{report.patients_note(found)}", markup=False)
        if found.changed:
            console.print(f"\nChanged in [recommender]: {'; '.join(found.changed)}", markup=False)
        console.print(f"\n{report.sentence(found, baseline)}", soft_wrap=True, markup=False)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        return documents.to_dict(self.found, self.baseline)
