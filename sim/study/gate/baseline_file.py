"""The file of a baseline: JSON, with lines that tell in a diff what changed."""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from scenarios.errors import InputError, one_line
from scenarios.extras import PACKAGE
from scenarios.files import content_of, why
from scenarios.loading.load import scenario_hash
from scenarios.people.instruments import INSTRUMENT_SCALES
from scenarios.schema import Scenario
from sim.study.gate.baseline import (
    FORMAT,
    HELD,
    MAKE,
    Baseline,
    BaselineReplicate,
    Figures,
    mean_added,
)
from sim.study.gate.measures import MEASURES
from sim.study.gate.score_text import decode
from sim.study.json_text import json_text
from sim.study.store.folder import write_whole

KIND = FORMAT.rstrip("0123456789")
LARGEST_FILE = 50_000_000
"""Bytes: that of 461 participants has less than two thousand a replicate."""


def write_baseline(baseline: Baseline, file: Path) -> None:
    """Write a baseline to a file, whole or not at all.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    write_whole(file, json_text(baseline.model_dump(mode="json")) + "\n")


def read_baseline(file: Path, *, any_version: bool = False) -> Baseline:
    """Read a baseline.

    Parameters
    ----------
    file
        Where it is.
    any_version
        Whether it may have been made by another version of the package, as an anchor may: whether
        its patients are the same is then seen by their scores.

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
    if made != ours and not any_version:
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


def has_anchor(file: Path) -> bool:
    """Return whether a file is a baseline that can be read, with an anchor."""
    try:
        return read_baseline(file, any_version=True).anchor is not None
    except InputError:
        return False


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


def _check(baseline: Baseline) -> None:
    """Raise ValueError if a file's numbers do not belong together, as after an edit by hand."""
    if baseline.outcome not in INSTRUMENT_SCALES:
        raise ValueError(f"outcome = {baseline.outcome!r} is unknown")
    if not baseline.measures.keys() <= MEASURES.keys():
        raise ValueError(f"measures: must be some of {', '.join(MEASURES)}")
    for number, one in enumerate(baseline.replicates):
        try:
            _check_replicate(baseline.outcome, one)
        except ValueError as error:
            raise ValueError(f"replicate {number}: {error}") from None
    means = {
        "effect": (baseline.effect, float(np.mean([one.effect for one in baseline.replicates]))),
        "added": (baseline.added, mean_added(baseline.outcome, baseline.replicates)),
    }
    for name, (told, mean) in means.items():
        if not np.isclose(mean, told, rtol=0.0, atol=1e-9):
            raise ValueError(f"{name} is not the mean of the replicates")
    if baseline.anchor is not None:
        _check_measures(*baseline.anchor.replicates)
        if len(baseline.anchor.replicates) < len(baseline.replicates):
            raise ValueError("the anchor has fewer replicates")


def _check_replicate(outcome: str, one: BaselineReplicate) -> None:
    mean = decode(outcome, one.scores).mean()
    if not np.isclose(mean - one.control, one.effect, rtol=0.0, atol=1e-9):
        raise ValueError("effect, control and scores do not agree")
    _check_measures(one, one.rival)


def _check_measures(*of: Figures) -> None:
    if any(one.measures.keys() != MEASURES.keys() for one in of):
        raise ValueError(f"measures: must be {', '.join(MEASURES)}")


def _make_anew(file: Path, name: str = "SCENARIO") -> str:
    return f"make it anew with {MAKE} {file} {name} --overwrite"
