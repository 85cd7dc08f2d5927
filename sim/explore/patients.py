"""One virtual patient of a run on a page: in every arm, with the same random numbers."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from analysis.report.page.document import Grid
from sim.explore.runs import Study
from sim.explore.shown import drawing, stamp
from sim.front.replay import replay
from sim.front.reports.recorded import recorded
from sim.replicates.replay import Course
from sim.study.store.reading import KeptStudy


@dataclass(frozen=True, slots=True)
class Shown:
    """A patient.

    Attributes
    ----------
    participant, replicate
        Who it is.
    participants, replicates
        Of how many, and the numbers of the trials.
    traits
        Name to value at baseline, in words.
    courses
        What happens in each arm.
    scores
        Table of the scores in all arms.
    figure
        All arms day by day, as an address of the data; '' with a course that has no days.
    alt
        What the figure shows.
    """

    participant: int
    replicate: int
    participants: int
    replicates: range
    traits: dict[str, str]
    courses: Sequence[Course]
    scores: Grid
    figure: str
    alt: str


def patient(study: Study, participant: int, replicate: int | None) -> Shown:
    """Return a patient of a run, simulated again.

    Raises
    ------
    InputError
        If the run has no such replicate or participant, other code made it, or it names code that
        is not trusted.
    """
    numbers = KeptStudy(study.folder).numbers
    number = numbers.start if replicate is None else replicate
    return _patient(study.folder, participant, number, stamp(study.folder))


def people(study: Study) -> tuple[int, range]:
    """Return how many participants a trial of a run has at most, and the numbers of its trials.

    Raises
    ------
    InputError
        If the run is not finished or damaged.
    """
    kept = KeptStudy(study.folder)
    return int(kept.scenario["trial"]["sample_size"]), kept.numbers


@lru_cache(maxsize=64)
def _patient(folder: Path, participant: int, replicate: int, _stamp: int) -> Shown:
    with drawing(), TemporaryDirectory(prefix="selfback-explore-") as made:
        found = replay(folder, participant, replicate, figure=Path(made) / "patient.svg")
        figure = ""
        if found.figure is not None:
            content = b64encode(found.figure.read_bytes()).decode("ascii")
            figure = f"data:image/svg+xml;base64,{content}"
    traits = {
        name.replace("_", " "): f"{value:.4g}" if isinstance(value, float) else str(value)
        for name, value in found.patient.traits.items()
    }
    scores = next(block for block in recorded(found) if isinstance(block, Grid))
    numbers = KeptStudy(folder).numbers
    return Shown(
        participant=found.patient.participant,
        replicate=found.patient.replicate,
        participants=found.scenario.trial.sample_size,
        replicates=numbers,
        traits=traits,
        courses=found.patient.courses,
        scores=scores,
        figure=figure,
        alt=(
            f"Participant {participant} of trial {replicate} day by day, in every arm; the scores "
            "are in the table below."
        ),
    )
