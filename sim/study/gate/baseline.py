"""What the gate compares with: a recommender's effect as it was, replicate by replicate.

Of each replicate it has the score of every participant with the app at the primary visit, in steps
of the outcome's scale written in base 36, so that it can be said who is worse off; an RMDQ score is
one character. It has what a rival achieves in the same replicates, so that it is known what the
recommender adds, and the rival need not be simulated again. It may have an anchor: an earlier
baseline, so that losses too small to be noticed from one to the next are noticed when they add up.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from scipy import special

from scenarios.errors import InputError
from scenarios.loading.load import scenario_hash
from scenarios.people.instruments import INSTRUMENT_SCALES
from scenarios.schema import Scenario
from sim.revision import git_revision
from sim.study.gate.defaults import TOLERANCE
from sim.study.gate.paired_replicates import ArmScores
from sim.study.gate.score_text import decode, encode
from sim.study.store.manifest import package_versions

FORMAT: Literal["selfback gate baseline 3"] = "selfback gate baseline 3"
"""First value of the file; the number rises when older files cannot be read any more."""
HELD = ("seed", "recommender")
"""Sections of a scenario that are not in the hash: compared apart, and what the gate is about."""
MAKE = "selfback gate --make"
FEWEST = 2
"""Replicates of a baseline, at least: with fewer there is no error of its effect."""
LEVEL = 0.95
"""Of the interval that decides whether a recommender adds anything to its rival."""


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


_Finite = Annotated[float, Field(allow_inf_nan=False)]
_Share = Annotated[float, Field(gt=0.0, lt=1.0)]


class Figures(_Part):
    """What a recommender achieves in a replicate.

    Attributes
    ----------
    effect
        Mean over the participants of the score with the app less the score without.
    measures
        Name of a measure to its value, see :data:`sim.study.gate.measures.MEASURES`.
    """

    effect: _Finite
    measures: dict[str, _Finite]


class BaselineReplicate(Figures):
    """One replicate.

    Attributes
    ----------
    rival
        What the rival achieves in it.
    control
        Mean score without the app.
    scores
        The score of each participant with the app, in order of randomization, in base 36.
    """

    rival: Figures
    control: _Finite
    scores: Annotated[str, Field(pattern="^[0-9a-z]+$")]


class Anchor(_Part):
    """An earlier baseline of the same patients, against which losses add up.

    Attributes
    ----------
    target, recommender, versions, git_revision
        As that baseline had them.
    replicates
        From replicate 0, at least as many as the baseline's.
    """

    target: str | None
    recommender: dict[str, Any]
    versions: dict[str, str]
    git_revision: str | None
    replicates: Annotated[tuple[Figures, ...], Field(min_length=FEWEST)]


class Baseline(_Part):
    """The effect of a recommender, as it was.

    Attributes
    ----------
    format
        Always :data:`FORMAT`.
    scenario, overrides
        Name or file of the scenario, and what was set in it by hand.
    trial_hash
        Of the scenario without :data:`HELD`.
    seed
        Of the scenario.
    outcome, visit
        The primary ones, on which the effect is.
    target
        The recommender that was named apart, if the scenario's own was not taken.
    recommender
        The scenario's ``[recommender]``, with that one.
    rival
        Name of the recommender over whose effect this one's is looked at, too.
    effect, effect_error
        Mean over the replicates, and its Monte Carlo standard error.
    added
        The effect less the rival's, mean over the replicates.
    margin, added_margin
        Losses that the gate looks for if it is not told otherwise: as a share of the effect, and as
        a share of what is added.
    measures
        Names of the measures that are tested, with their margins in their own units.
    versions, git_revision
        What made the file.
    anchor
        None if there is none.
    replicates
        From replicate 0.
    sha256
        Of all that stands before, see :meth:`checksum`.
    """

    format: Literal["selfback gate baseline 3"]
    scenario: str
    overrides: tuple[str, ...]
    trial_hash: str
    seed: int
    outcome: str
    visit: str
    target: str | None
    recommender: dict[str, Any]
    rival: str
    effect: float
    effect_error: float
    added: float
    margin: _Share
    added_margin: _Share
    measures: dict[str, Annotated[float, Field(gt=0.0, allow_inf_nan=False)]]
    versions: dict[str, str]
    git_revision: str | None
    anchor: Anchor | None
    replicates: Annotated[tuple[BaselineReplicate, ...], Field(min_length=FEWEST)]
    sha256: str = ""

    def checksum(self) -> str:
        """Return the SHA-256 of its values, in whatever order and with whatever spaces."""
        content = self.model_dump(mode="json", exclude={"sha256"})
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def treated(self, replicate: int) -> np.ndarray:
        """Return the participants' scores with the app in a replicate."""
        return decode(self.outcome, self.replicates[replicate].scores)


@dataclass(frozen=True, slots=True)
class Added:
    """What a recommender adds to a rival's effect.

    Attributes
    ----------
    mean, lower, upper
        Points of the outcome, positive where the recommender is better: the mean over the
        replicates and its interval, Student's t at :data:`LEVEL`.
    """

    mean: float
    lower: float
    upper: float

    @property
    def measurable(self) -> bool:
        """Whether it is more than nothing, beyond the error of simulation."""
        return self.lower > 0.0


def added_by(effects: Sequence[float], rival: Sequence[float], outcome: str) -> Added:
    """Return what a recommender adds to a rival, from their effects in the same replicates."""
    good = -towards_worse(outcome) * (np.asarray(effects) - np.asarray(rival))
    n, mean = len(good), float(good.mean())
    quantile = float(special.stdtrit(n - 1, 0.5 + 0.5 * LEVEL))
    reach = quantile * float(good.std(ddof=1)) / np.sqrt(n)
    return Added(mean, float(mean - reach), float(mean + reach))


def towards_worse(outcome: str) -> float:
    """Return the sign of a change for the worse."""
    return -1.0 if INSTRUMENT_SCALES[outcome].higher_is_better else 1.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What a baseline says of how a gate looks at it.

    Attributes
    ----------
    margin, added_margin, measures, rival
        As in :class:`Baseline`.
    """

    margin: float
    added_margin: float
    measures: Mapping[str, float]
    rival: str


def make_baseline(
    scenario: Scenario,
    name: str,
    overrides: Sequence[str],
    target: str | None,
    terms: Terms,
    scores: Sequence[ArmScores],
    anchor: Baseline | None = None,
) -> Baseline:
    """Return the baseline of some replicates.

    Parameters
    ----------
    scenario
        What was simulated.
    name, overrides, target
        How a user calls it: the scenario, what is set in it, and the recommender if named apart.
    terms
        Margins, and the rival that was simulated.
    scores
        Of each replicate from 0, with the rival's.
    anchor
        A baseline of the same scenario: its anchor is kept, and if it has none it becomes that.

    Raises
    ------
    InputError
        If the app does no good, so that there is nothing to lose; or if the anchor has other
        patients.
    """
    effects = np.array([one.effect for one in scores])
    effect, error = float(effects.mean()), float(effects.std(ddof=1) / np.sqrt(len(effects)))
    plan = scenario.analysis
    good = scenario.primary_outcome.towards_better * effect
    if not good > 2.0 * error:
        raise InputError(
            f"{name}: the effect of recommender {scenario.mechanisms.recommender.kind} is "
            f"{effect:.3f} "
            f"(standard error {error:.3f}): it has no effect to lose, so there is nothing to gate"
        )
    replicates = tuple(_replicate(plan.primary_outcome, one) for one in scores)
    if anchor is not None:
        _check_same_patients(anchor, replicates, terms)
    made = Baseline(
        format=FORMAT,
        scenario=name,
        overrides=tuple(overrides),
        trial_hash=scenario_hash(scenario, without=HELD),
        seed=scenario.seed,
        outcome=plan.primary_outcome,
        visit=plan.primary_visit,
        target=target,
        recommender=scenario.mechanisms.recommender.model_dump(mode="json"),
        rival=terms.rival,
        effect=effect,
        effect_error=error,
        added=mean_added(plan.primary_outcome, replicates),
        margin=terms.margin,
        added_margin=terms.added_margin,
        measures=dict(terms.measures),
        versions=package_versions(),
        git_revision=git_revision(),
        anchor=None if anchor is None else anchor_of(anchor),
        replicates=replicates,
    )
    return made.model_copy(update={"sha256": made.checksum()})


def mean_added(outcome: str, replicates: Sequence[BaselineReplicate]) -> float:
    """Return what a baseline's recommender adds to the rival."""
    return added_by(
        [one.effect for one in replicates], [one.rival.effect for one in replicates], outcome
    ).mean


def anchor_of(baseline: Baseline) -> Anchor:
    """Return a baseline's anchor, or the baseline as one if it has none."""
    if baseline.anchor is not None:
        return baseline.anchor
    return Anchor(
        target=baseline.target,
        recommender=baseline.recommender,
        versions=baseline.versions,
        git_revision=baseline.git_revision,
        replicates=tuple(
            Figures(effect=one.effect, measures=one.measures) for one in baseline.replicates
        ),
    )


def _replicate(outcome: str, one: ArmScores) -> BaselineReplicate:
    if one.rival is None:
        raise ValueError("the rival was not simulated")
    return BaselineReplicate(
        effect=one.effect,
        measures=dict(one.measures),
        rival=Figures(effect=one.rival.effect, measures=dict(one.rival.measures)),
        control=float(one.control.mean()),
        scores=encode(outcome, one.intervention),
    )


def _check_same_patients(
    anchor: Baseline, replicates: Sequence[BaselineReplicate], terms: Terms
) -> None:
    """Refuse an anchor with other scores without the app: losses against it would be of both."""
    pairs = list(zip(anchor.replicates, replicates, strict=False))
    gap = np.mean([abs(old.control - new.control) for old, new in pairs])
    same_size = all(len(old.scores) == len(new.scores) for old, new in pairs)
    margins = [terms.margin * abs(anchor.effect), terms.added_margin * anchor.added]
    finest = min(margin for margin in margins if margin > 0.0)
    if not same_size or gap > TOLERANCE * finest:
        raise InputError(
            "this version of the code simulates other scores without the app than the anchor's, so "
            "that losses cannot be added up: leave --anchor out, and the baseline begins anew"
        )
