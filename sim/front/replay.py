"""``replay``: one virtual patient of a study, in all arms."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError
from rich.console import Console

from analysis.figures.drawn import save
from analysis.figures.formats import DEFAULT_FORMAT, FORMATS, figure_file
from analysis.figures.lives.replay import draw_replay
from analysis.replicates.summary import visit_days
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
from scenarios.arms.codes import REFERENCE
from scenarios.design.outcomes import Outcomes
from scenarios.errors import InputError, one_line
from scenarios.schema import Scenario
from scenarios.trust import check_trusted
from sim.front.results import Frames, HasFrames, Shown
from sim.replicates.interim import conduct, hold_looks
from sim.replicates.replay import Course, Patient
from sim.replicates.replay import replay as live_again
from sim.study.setting import known_format
from sim.study.store.folder import check_new_file
from sim.study.store.manifest_file import MANIFEST
from sim.study.store.reading import KeptStudy
from sim.tables.trial_tables import flow_counts
from sim.trial import Trial


@dataclass(frozen=True)
class Replayed(Shown, HasFrames):
    """A participant in all arms, on common random numbers.

    The tables of all are attributes, as DataFrames: ``visits``, ``events`` and others.

    Attributes
    ----------
    scenario
        Of the study.
    patient
        The participant, as allocated and in every counterfactual arm.
    tables
        All tables by name.
    figure
        File with all drawn day by day; None with a normal course, which has no days.
    """

    scenario: Scenario
    patient: Patient = field(repr=False)
    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    figure: Path | None

    def print_to(self, console: Console) -> None:
        """Print traits, events and scores in all arms."""
        patient = self.patient
        traits = "; ".join(
            f"{name.replace('_', ' ')} {value:.4g}" if isinstance(value, float) else
            f"{name.replace('_', ' ')} {value}" for name, value in patient.traits.items()
        )  # fmt: skip
        console.print(
            f"Participant {patient.participant} of replicate {patient.replicate}, "
            f"{self.scenario.name}, seed {self.scenario.seed}\n{traits}"
        )
        for course in patient.courses:
            console.print(f"\n{course.name}: {course.arm}", style="bold")
            for event in course.events:
                line = f"{event.date.isoformat()}  day {event.day:>6.1f}  {event.what}"
                console.print(line, soft_wrap=True, markup=False)
        print_table(_scores(patient, self.scenario.scales), console)
        console.print(
            "\nIn brackets: not answered; what would have been given on the day it was due."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON.

        ``gain`` is by outcome, of more than two arms by arm and outcome.
        """
        gains = self.patient.gains
        return {
            "scenario": self.scenario.name,
            "seed": self.scenario.seed,
            "replicate": self.patient.replicate,
            "participant": self.patient.participant,
            "traits": self.patient.traits,
            "visits": list(self.patient.visits),
            "courses": [asdict(course) for course in self.patient.courses],
            "gain": next(iter(gains.values())) if len(gains) == 1 else gains,
        }


def replay(
    directory: str | Path,
    participant: int,
    replicate: int | None = None,
    *,
    figure: str | Path | None = None,
    figure_format: str | None = None,
    trust: bool = False,
) -> Replayed:
    """Simulate one participant of a study again, in all arms, on common random numbers.

    Parameters
    ----------
    directory
        Of the study.
    participant
        From 1, in order of randomization.
    replicate
        Its number; the first by default.
    figure
        Where to draw, of which the ending chooses the format; ``patient_R_P`` in the study's folder
        by default.
    figure_format
        Of the figure in the study's folder: ``"svg"`` (the default), ``"pdf"`` or ``"png"``.
    trust
        Whether modules that the study names may be run.

    Raises
    ------
    InputError
        If the folder holds no study, the study no such replicate or participant, it names modules
        that are not trusted, or this version of the code simulates the replicate differently.
    """
    folder = Path(directory)
    study = KeptStudy(folder)
    scenario, numbers = _scenario(study), study.numbers
    check_trusted(scenario, folder / MANIFEST, trust=trust)
    number = numbers.start if replicate is None else replicate
    if number not in numbers:
        raise InputError(
            f"--replicate {number} is not in {folder}: must be from {numbers.start} to "
            f"{numbers.stop - 1}"
        )
    file = _file(folder / f"patient_{number}_{participant}", figure, figure_format)
    check_new_file("--figure", file, overwrite=True)
    patient, trial = live_again(scenario, number, participant)
    _check_same(study, trial)
    drawn = _draw(scenario, patient, file)
    return Replayed(scenario, patient, Frames(patient.tables), drawn)


def _file(place: Path, figure: str | Path | None, figure_format: str | None) -> Path:
    """Return where to draw, if figures are saved in that format."""
    if figure is None:
        return place.with_name(
            figure_file(place.name, known_format(figure_format or DEFAULT_FORMAT))
        )
    if figure_format:
        raise InputError(
            f"--figure-format {figure_format}: the ending of --figure {figure} chooses the format: "
            "leave one of them out"
        )
    file = Path(figure)
    if file.suffix.removeprefix(".") not in FORMATS:
        raise InputError(f"--figure {figure} is not allowed: must end in .{' or .'.join(FORMATS)}")
    return file


def _scenario(study: KeptStudy) -> Scenario:
    """Return a study's scenario, if this version of the code has such scenarios."""
    try:
        return Scenario.model_validate_json(json.dumps(study.scenario), strict=True)
    except ValidationError as error:
        what = error.errors()[0]
        key = ".".join(map(str, what["loc"]))
        raise InputError(
            f"{study.folder / MANIFEST}: the scenario is not one of this version of the code: "
            f"{key}: {one_line(what['msg'])}"
        ) from None


def _check_same(study: KeptStudy, trial: Trial) -> None:
    """Refuse a study that other code made: its patients are not those simulated here."""
    if "flow" not in study:
        return
    flow = study.read("flow", [("replicate", "=", trial.replicate)]).to_pydict()
    kept = dict(zip(flow["stage"], flow["count"], strict=True))
    looks = hold_looks(trial, trial.scenario.analysis.primary_analysis)
    if kept and kept != flow_counts(conduct(trial, looks)):
        raise InputError(
            f"{study.folder}: this version of the code simulates replicate {trial.replicate} "
            f"differently: run the study again, or use the version in its {MANIFEST}"
        )


def _draw(scenario: Scenario, patient: Patient, path: Path) -> Path | None:
    if "truth/symptoms" not in patient.tables:
        return None
    courses = {f"{patient.participant} {each.name}": each.arm for each in patient.courses}
    title = f"{scenario.title}: participant {patient.participant} of trial {patient.replicate}"
    days = visit_days(scenario.model_dump(mode="json"))
    drawn = draw_replay(patient.tables, courses, patient.arms, days, title=title)
    try:
        save(drawn, path)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot write {path}: {one_line(str(error))}") from error
    return path


def _scores(patient: Patient, outcomes: Outcomes) -> TextTable:
    reference, gains = patient.arms[REFERENCE], patient.gains
    rows: list[tuple[str, ...]] = []
    for outcome in patient.courses[0].due:
        grain = outcomes[outcome].grain
        digits = 3 if grain is not None and grain < 1.0 else 1
        label = outcomes[outcome].label
        rows += [
            (f"{label}, {course.name}", *_cells(course, outcome, digits))
            for course in patient.courses
        ]
        for arm, gain in gains.items():
            cells = [_cell(value, f"+z.{digits}f") for value in gain[outcome]]
            rows.append((f"  {arm} minus {reference}, when due", *cells))
    return TextTable("Scores by visit", ("", *patient.visits), rows)


def _cells(course: Course, outcome: str, digits: int) -> list[str]:
    form = f"z.{digits}f"
    return [
        _cell(due, form, "()") if given is None else _cell(given, form)
        for given, due in zip(course.answered[outcome], course.due[outcome], strict=True)
    ]


def _cell(value: float, form: str, brackets: str = "") -> str:
    """Return a score in words of numbers, "-" for one that the visit does not have."""
    return "-" if isnan(value) else f"{brackets[:1]}{value:{form}}{brackets[1:]}"
