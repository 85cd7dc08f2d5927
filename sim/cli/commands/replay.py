"""``selfback replay``: one virtual patient of a study, in both arms."""

import json
from dataclasses import asdict
from math import isnan
from pathlib import Path

import pyarrow.parquet as pq
from pydantic import ValidationError

from agents.instruments import SCALES
from analysis.figures.patients import draw_patients
from analysis.replicates.study_folder import MANIFEST, read_manifest
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
from scenarios.errors import InputError, one_line
from scenarios.schema import Scenario
from sim.cli.output import print_json, say, stdout_console
from sim.replicates.interim import conduct, hold_looks
from sim.replicates.replay import Life, Patient, replay
from sim.tables.trial_tables import flow_counts
from sim.trial import Trial


def replay_patient(
    directory: Path, *, replicate: int | None, participant: int, figure: Path | None, as_json: bool
) -> int:
    """Print a participant's two lives, draw them and return the exit code.

    Raises
    ------
    InputError
        If the folder holds no study, the study no such replicate or participant, or this version
        of the code simulates the replicate differently.
    """
    scenario, first, count = _study(directory)
    number = first if replicate is None else replicate
    if not first <= number < first + count:
        raise InputError(
            f"--replicate {number} is not in {directory}: must be from {first} to "
            f"{first + count - 1}"
        )
    patient, trial = replay(scenario, number, participant)
    _check_same(directory, trial)
    drawn = _draw(patient, figure or directory / f"patient_{number}_{participant}.png")
    if as_json:
        lives = [asdict(life) for life in patient.lives]
        print_json(
            {
                "scenario": scenario.name,
                "seed": scenario.seed,
                "replicate": number,
                "participant": participant,
                "traits": patient.traits,
                "visits": list(patient.visits),
                "lives": lives,
                "gain": patient.gain,
            }
        )
        return 0
    _print(patient, scenario)
    if drawn is None:
        say("a normal course has no days to draw, so there is no figure")
    else:
        say(f"both lives day by day are in {drawn}")
    return 0


def _study(directory: Path) -> tuple[Scenario, int, int]:
    """Return a study's scenario, first replicate and number of replicates."""
    try:
        manifest = read_manifest(directory)
        first, count = int(manifest["first_replicate"]), int(manifest["replicates"])
        text = json.dumps(manifest["scenario"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{directory} is no study: {MANIFEST} cannot be read: {one_line(str(error))}"
        ) from None
    try:
        return Scenario.model_validate_json(text, strict=True), first, count
    except ValidationError as error:
        what = error.errors()[0]
        key = ".".join(map(str, what["loc"]))
        raise InputError(
            f"{directory / MANIFEST}: the scenario is not one of this version of the code: {key}: "
            f"{one_line(what['msg'])}"
        ) from None


def _check_same(directory: Path, trial: Trial) -> None:
    """Refuse a study that other code made: its patients are not those simulated here."""
    file = directory / "flow.parquet"
    if not file.is_file():
        return
    flow = pq.read_table(file, filters=[("replicate", "=", trial.replicate)]).to_pydict()
    kept = dict(zip(flow["stage"], flow["count"], strict=True))
    looks = hold_looks(trial, trial.scenario.analysis.primary_analysis)
    if kept and kept != flow_counts(conduct(trial, looks)):
        raise InputError(
            f"{directory}: this version of the code simulates replicate {trial.replicate} "
            f"differently: run the study again, or use the version in its {MANIFEST}"
        )


def _draw(patient: Patient, path: Path) -> Path | None:
    if "symptoms" not in patient.tables:
        return None
    names = [f"{patient.participant} {life.name}" for life in patient.lives]
    try:
        draw_patients(patient.tables, names, path)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot write {path}: {one_line(str(error))}") from error
    return path


def _print(patient: Patient, scenario: Scenario) -> None:
    console = stdout_console()
    traits = "; ".join(
        f"{name.replace('_', ' ')} {value:.4g}" if isinstance(value, float) else
        f"{name.replace('_', ' ')} {value}" for name, value in patient.traits.items()
    )  # fmt: skip
    console.print(
        f"Participant {patient.participant} of replicate {patient.replicate}, {scenario.name}, "
        f"seed {scenario.seed}\n{traits}"
    )
    for life in patient.lives:
        console.print(f"\n[bold]{life.name}: {life.arm}[/bold]")
        for event in life.events:
            line = f"{event.date.isoformat()}  day {event.day:>6.1f}  {event.what}"
            console.print(line, soft_wrap=True, markup=False)
    scores: list[tuple[str, ...]] = []
    for outcome, gain in patient.gain.items():
        digits = 1 if SCALES[outcome].step >= 1.0 else 3
        label = SCALES[outcome].label
        scores += [
            (f"{label}, {life.name}", *_cells(life, outcome, digits)) for life in patient.lives
        ]
        cells = [_cell(value, f"+.{digits}f") for value in gain]
        scores.append(("  intervention minus control, when due", *cells))
    print_table(TextTable("Scores by visit", ("", *patient.visits), scores), console)
    console.print("\nIn brackets: not answered; what would have been given on the day it was due.")


def _cells(life: Life, outcome: str, digits: int) -> list[str]:
    form = f".{digits}f"
    return [
        _cell(due, form, "()") if given is None else _cell(given, form)
        for given, due in zip(life.answered[outcome], life.due[outcome], strict=True)
    ]


def _cell(value: float, form: str, brackets: str = "") -> str:
    """Return a score in words of numbers, "-" for one that the visit does not have."""
    return "-" if isnan(value) else f"{brackets[:1]}{value:{form}}{brackets[1:]}"
