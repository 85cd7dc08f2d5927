"""The tables of what no trial has."""

from agents.symptoms import CLASSES
from sim.tables.codebook.described import (
    OPENING,
    RANDOMIZATION,
    YES_NO,
    Column,
    Described,
    participant,
)

_VISIT = Column("visit", "when the questionnaire was due")
_OUTCOME = Column("outcome", "outcome, by the name of its column in visits")
_FIT = ("", "0 (does not suit) to 1 (suits in full)")

EFFECT_COLUMNS = (
    Column("replicate", "number of the simulated trial, from 0"),
    Column(
        "population", "among whom: would-be adherers make enough plans when they have the app; "
        "with `, as answered` behind it the effect on answers, where expectation moves them", "",
        "all randomized, would-be adherers",
    ),
    Column("contrast", "pair of arms, the later in the scenario less the earlier"),
    _OUTCOME,
    _VISIT,
    Column("effect", "mean of one arm's scores less the other's, in the same people",
           "of the outcome"),
    Column("n", "participants in the population", "participants"),
)  # fmt: skip

TABLES = (
    Described(
        "truth/participants",
        "a participant",
        (
            participant(),
            Column("course_class", "class of the course of symptoms", "", ", ".join(CLASSES)),
        ),
    ),
    Described(
        "truth/symptoms",
        "a participant and day, from the week before randomization to the last visit, whatever was "
        "asked or answered",
        (
            participant(),
            Column("day", "day, the week before randomization included", "days", "", RANDOMIZATION),
            Column("pain", "mean pain of the day", "NRS points", "0 to 10"),
            Column("worst_pain", "worst pain of the day", "NRS points", "0 to 10"),
            Column("disability", "disability", "RMDQ points", "0 to 24"),
        ),
    ),
    Described(
        "truth/missingness",
        "a participant and follow-up visit",
        (
            participant(),
            _VISIT,
            Column("sent", "whether a questionnaire was sent: not to the withdrawn", "", YES_NO),
            Column(
                "probability", "that it would be answered in the end, given all that the answer "
                "depends on but the person's own tendency; missing: not sent", "probability",
            ),
            Column("answered", "whether it was answered", "", YES_NO),
        ),
        "a column for each outcome: the score that would be given on the day it was due, reported "
        "or not (missing: a stopped trial ended before)",
    ),
    Described(
        "truth/steps",
        "a row of steps",
        (
            participant(),
            Column("day", "day", "days", "", RANDOMIZATION),
            Column("true_steps", "steps walked", "steps"),
        ),
    ),
    Described(
        "truth/plans",
        "a row of plans",
        (
            participant(),
            Column("day", "day on whose evening the plan was made", "days", "", OPENING),
            Column("fit_exercise", "how the exercise suits the patient", *_FIT),
            Column("fit_education", "how the education suits the patient", *_FIT),
            Column("fit_steps", "how the step goal suits the patient", *_FIT),
            Column("regret", "1 less the mean of the three: by how much the plan falls behind one "
                   "that suits in full", "", "0 to 1"),
        ),
    ),
    Described(
        "truth/potential_outcomes",
        "a participant, arm, outcome and follow-up visit",
        (
            participant(),
            Column("arm", "arm in which the participant is simulated, with the same random "
                   "numbers"),
            _OUTCOME,
            _VISIT,
            Column("score", "on the day it was due, reported or not, without what expectation "
                   "adds to answers; missing: not asked then",
                   "of the outcome"),
        ),
    ),
    Described(
        "truth/effects", "a true average effect in the trial's own participants", EFFECT_COLUMNS
    ),
)  # fmt: skip
