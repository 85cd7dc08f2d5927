"""What the gate compares with: a recommender's effect as it was, replicate by replicate, in a file.

The file is JSON, with lines that tell in a diff what changed. Of each replicate it keeps the score
that every participant has with the app at the primary visit, in steps of the outcome's scale
written in base 36, so that it can be said who is worse off; an RMDQ score is one character.
"""

import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scenarios.errors import InputError, one_line
from scenarios.files import content_of, why
from scenarios.loading.load import scenario_hash
from scenarios.people.course import MechanisticCourse
from scenarios.people.instruments import INSTRUMENT_SCALES
from scenarios.schema import Scenario
from sim.study.executors import PACKAGE
from sim.study.gate.paired_replicates import ArmScores
from sim.study.gate.score_text import decode, encode
from sim.study.json_text import json_text
from sim.study.store.folder import write_whole
from sim.study.store.manifest import git_revision, package_versions

FORMAT: Literal["selfback gate baseline 2"] = "selfback gate baseline 2"
"""First value of the file; the number rises when older files cannot be read any more."""
KIND = FORMAT.rstrip("0123456789")
LARGEST_FILE = 50_000_000
"""Bytes: that of 461 participants has a few hundred a replicate."""
HELD = ("seed", "recommender")
"""Sections of a scenario that are not in the hash: compared apart, and what the gate is about."""
MAKE = "selfback gate --make"
FEWEST = 2
"""Replicates of a baseline, at least: with fewer there is no error of its effect."""


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class BaselineReplicate(_Part):
    """One replicate.

    Attributes
    ----------
    effect
        Mean over the participants of the score with the app less the score without.
    control
        Their mean score without.
    scores
        The score of each with the app, in order of randomization, in base 36.
    """

    effect: float = Field(allow_inf_nan=False)
    control: float = Field(allow_inf_nan=False)
    scores: Annotated[str, Field(pattern="^[0-9a-z]+$")]


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
    effect, effect_error
        Mean over the replicates, and its Monte Carlo standard error.
    margin
        Loss, as a share of the effect, that the gate looks for if it is not told otherwise.
    versions, git_revision
        What made the file.
    replicates
        From replicate 0.
    sha256
        Of all that stands before, see :meth:`checksum`.
    """

    format: Literal["selfback gate baseline 2"]
    scenario: str
    overrides: tuple[str, ...]
    trial_hash: str
    seed: int
    outcome: str
    visit: str
    target: str | None
    recommender: dict[str, Any]
    effect: float
    effect_error: float
    margin: Annotated[float, Field(gt=0.0, lt=1.0)]
    versions: dict[str, str]
    git_revision: str | None
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


def make_baseline(
    scenario: Scenario,
    name: str,
    overrides: Sequence[str],
    target: str | None,
    margin: float,
    scores: Sequence[ArmScores],
) -> Baseline:
    """Return the baseline of some replicates.

    Parameters
    ----------
    scenario
        What was simulated.
    name, overrides, target
        How a user calls it: the scenario, what is set in it, and the recommender if named apart.
    margin
        Share of the effect, above 0 and below 1.
    scores
        Of each replicate from 0.

    Raises
    ------
    InputError
        If the app does no good, so that there is nothing to lose.
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
        effect=effect,
        effect_error=error,
        margin=margin,
        versions=package_versions(),
        git_revision=git_revision(),
        replicates=tuple(
            BaselineReplicate(
                effect=one.effect,
                control=float(one.control.mean()),
                scores=encode(plan.primary_outcome, one.intervention),
            )
            for one in scores
        ),
    )
    return made.model_copy(update={"sha256": made.checksum()})


def write_baseline(baseline: Baseline, file: Path) -> None:
    """Write a baseline to a file, whole or not at all.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    write_whole(file, json_text(baseline.model_dump(mode="json")) + "\n")


def read_baseline(file: Path) -> Baseline:
    """Read a baseline that this version of the package made.

    Raises
    ------
    InputError
        If there is none, the file is not one, is damaged, or is of another version.
    """
    text = _text(file)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{file} is no baseline, or only a part of one: {one_line(str(error))}: "
            f"{_make_anew(file)}"
        ) from None
    found = content.get("format") if isinstance(content, dict) else None
    if not isinstance(found, str) or not found.startswith(KIND):
        raise InputError(f'{file} is no baseline: its "format" is not {FORMAT!r}: make one with '
                         f"{MAKE} FILE")  # fmt: skip
    if found != FORMAT:
        raise InputError(
            f"{file} is a {found!r}, this version reads {FORMAT!r}: {_make_anew(file)}"
        )
    try:
        baseline = Baseline.model_validate_json(text)
        _check(baseline)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise InputError(
            f"{file} is damaged: {key}: {one_line(first['msg'])}: {_make_anew(file)}"
        ) from None
    except ValueError as error:
        raise InputError(f"{file} is damaged: {error}: {_make_anew(file)}") from None
    made, ours = baseline.versions.get(PACKAGE), version(PACKAGE)
    if made != ours:
        raise InputError(
            f"{file} was made by {PACKAGE} {made}, this is {ours}, which may simulate other "
            f"patients: {_make_anew(file)}"
        )
    if baseline.sha256 != baseline.checksum():
        raise InputError(f"{file} is damaged: its checksum is another one: {_make_anew(file)}")
    return baseline


def _text(file: Path) -> str:
    try:
        if file.stat().st_size <= LARGEST_FILE:
            return content_of(file).decode("utf-8")
    except IsADirectoryError:
        pass
    except OSError as error:
        raise InputError(
            f"{file} cannot be read: {why(error)}: make a baseline with {MAKE} {file}"
        ) from None
    except UnicodeDecodeError:
        raise InputError(f"{file} is no baseline: it is not text: {_make_anew(file)}") from None
    raise InputError(f"{file} is no baseline: {_make_anew(file)}")


def check_replaceable(file: Path) -> None:
    """Refuse to put a baseline in the place of a file that is none, of whatever version.

    Raises
    ------
    InputError
        If there is such a file.
    """
    with file.open("rb") as there:
        if KIND.encode() not in there.read(1000):
            raise InputError(f"--make {file}: the file is no baseline, so it is not overwritten")


def check_scenario(baseline: Baseline, file: Path, scenario: Scenario, name: str) -> None:
    """Refuse a scenario with other patients or another trial than the baseline's.

    Raises
    ------
    InputError
        If its seed, or anything but its recommender, is different.
    """
    if scenario.seed != baseline.seed:
        raise InputError(
            f"{file} was made with seed {baseline.seed}, not {scenario.seed}: leave the seed as it "
            f"is, or make another baseline with {MAKE} FILE {name} --set seed={scenario.seed}"
        )
    if scenario_hash(scenario, without=HELD) == baseline.trial_hash:
        plan = scenario.analysis
        if (baseline.outcome, baseline.visit) != (plan.primary_outcome, plan.primary_visit):
            raise InputError(
                f"{file} is damaged: outcome and visit are not {plan.primary_outcome} at "
                f"{plan.primary_visit}: {_make_anew(file, name)}"
            )
        return
    if name != baseline.scenario:
        raise InputError(
            f"{file} is of scenario {baseline.scenario}, not {name}: leave {name} out, or make "
            f"another baseline with {MAKE} FILE {name}"
        )
    raise InputError(
        f"{file} is of another scenario: {name}, or what is set in it, has changed beyond its "
        f"[recommender] since: {_make_anew(file, name)}"
    )


def check_has_app(scenario: Scenario) -> None:
    """Refuse a scenario in which no recommender advises anybody.

    Raises
    ------
    InputError
        If it has a normal course.
    """
    if not isinstance(scenario.course, MechanisticCourse):
        raise InputError(
            f"{scenario.name}: course.model = 'normal' has no app, so there is no recommender to "
            "gate: take a scenario such as selfback_2021"
        )


def _check(baseline: Baseline) -> None:
    """Raise ValueError if a file's numbers do not belong together, as after an edit by hand."""
    if baseline.outcome not in INSTRUMENT_SCALES:
        raise ValueError(f"outcome = {baseline.outcome!r} is unknown")
    for number, one in enumerate(baseline.replicates):
        try:
            mean = decode(baseline.outcome, one.scores).mean()
        except ValueError as error:
            raise ValueError(f"replicate {number}: {error}") from None
        if not np.isclose(mean - one.control, one.effect, rtol=0.0, atol=1e-9):
            raise ValueError(f"replicate {number}: effect, control and scores do not agree")
    mean = np.mean([one.effect for one in baseline.replicates])
    if not np.isclose(mean, baseline.effect, rtol=0.0, atol=1e-9):
        raise ValueError("effect is not the mean of the replicates")


def _make_anew(file: Path, name: str = "SCENARIO") -> str:
    return f"make it anew with {MAKE} {file} {name} --overwrite"
