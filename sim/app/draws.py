"""What is drawn for the app, by person and day: settled before anybody is randomized."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import special

from agents import activity, engagement
from agents.engagement import READ
from agents.population import Patients
from agents.quitting import paused_weeks, quitting_day
from agents.step_sources import StepRecording, days_with_band, nothing_recorded, record_steps
from agents.symptoms import LEAD_IN, NaturalCourse
from recommender.protocol import ATTRIBUTES
from scenarios.arms.given import Given
from scenarios.schema import Scenario
from sim.core.lasting import step_source_draws
from sim.core.streams import Mechanism, Streams, uniforms_by_name
from sim.core.usual_care import recovery_score
from sim.enrolment.candidates import bounded_delay

QUESTIONS = ("pain", "function", "sleep", "barriers")
"""What a tailoring session asks; pain and function reach the recommender."""


@dataclass(frozen=True, slots=True)
class AppDraws:
    """What n persons would do with the app, over the days and weeks of follow-up.

    Columns count from :data:`LEAD_IN` days before installation, where it says so from that many
    days before randomization; weeks count from installation.

    Attributes
    ----------
    never, appointment, quits
        (n,) never installs the app; days to the appointment; days of use.
    paused
        (n, weeks) weeks in which the app is left alone.
    opening, exercise
        (n, columns) thresholds on the logit scale, see :mod:`agents.engagement`.
    would
        (n, columns since randomization) what would be done if the app were opened, bits of
        :data:`agents.engagement.ACTIVITIES`.
    hurt
        (n, columns since randomization) uniforms that decide whether a session brings a flare on.
    usual_steps
        (n, columns since randomization) steps without a goal on an average weekday.
    recording
        The step source.
    session
        (n, columns) whether a session that is due would be done.
    answered
        (n, weeks) which questions of a session are answered, bits of :data:`QUESTIONS`.
    makes_plan
        (n, weeks) whether a plan is made at the end of a session.
    random_plan
        (n, weeks, attributes) uniforms for recommenders that choose by chance.
    """

    never: np.ndarray
    appointment: np.ndarray
    quits: np.ndarray
    paused: np.ndarray
    opening: np.ndarray
    exercise: np.ndarray
    would: np.ndarray
    hurt: np.ndarray
    usual_steps: np.ndarray
    recording: StepRecording
    session: np.ndarray
    answered: np.ndarray
    makes_plan: np.ndarray
    random_plan: np.ndarray


def draw_for_app(
    scenario: Scenario, streams: Streams, patients: Patients, natural: NaturalCourse
) -> AppDraws:
    """Draw for everybody who may be randomized to the app."""
    app = scenario.mechanisms.app
    n, columns = natural.pain.shape
    weeks = (columns - LEAD_IN) // 7 + 1
    generator = streams.generator(Mechanism.INSTALLATION)
    never, appointment = uniforms_by_name(generator, ("never", "appointment"), n)
    generator = streams.generator(Mechanism.QUITTING)
    quitting, frailty = uniforms_by_name(generator, ("quitting", "frailty"), n)
    shared = app.leaving.with_prognosis
    frailty_score = special.ndtri(frailty)
    if shared:
        own = math.sqrt(1.0 - shared**2)
        frailty_score = shared * recovery_score(streams, n) + own * frailty_score
    more_pain = natural.pain - patients.values["pain"].astype(np.float32)[:, None]
    return AppDraws(
        never=never < app.never_installed,
        appointment=bounded_delay(app.appointment, appointment),
        quits=quitting_day(app, patients, -np.log1p(-quitting), frailty_score),
        paused=paused_weeks(
            app,
            streams.uniforms(Mechanism.PAUSE, n, weeks, "start"),
            streams.uniforms(Mechanism.PAUSE, n, weeks, "length"),
        ),
        opening=engagement.opening_threshold(
            app, patients, LEAD_IN, streams.uniforms(Mechanism.OPENING, n, columns)
        ),
        exercise=engagement.exercise_threshold(
            app, patients, streams.uniforms(Mechanism.EXERCISE, n, columns)
        ),
        would=engagement.inclinations(
            app,
            streams.uniforms(Mechanism.READING, n, columns),
            np.stack(
                [streams.uniforms(Mechanism.TOOLS, n, columns, tool) for tool in engagement.TOOLS]
            ),
            more_pain,
        ),
        hurt=(
            streams.uniforms(Mechanism.EXERCISE_FLARE, n, columns)
            if scenario.mechanisms.pathway.flare_per_overload
            else np.ones((n, columns), dtype=np.float32)
        ),
        usual_steps=activity.usual_steps(
            scenario.mechanisms.activity,
            patients.values["steps"][:, None],
            more_pain,
            streams.normals(Mechanism.STEPS, n, columns),
        ),
        recording=record_steps(
            scenario.mechanisms.step_sources,
            LEAD_IN,
            step_source_draws(streams, n),
            streams.uniforms(Mechanism.WEAR, n, columns),
            streams.normals(Mechanism.DEVICE, n, columns),
            streams.uniforms(Mechanism.SYNC, n, columns),
        ),
        session=streams.uniforms(Mechanism.SESSION, n, columns) < app.session_probability,
        answered=np.packbits(
            _by_week(streams, Mechanism.QUESTIONS, n, weeks, QUESTIONS) < app.question_probability,
            axis=2,
            bitorder="little",
        )[:, :, 0],
        makes_plan=streams.uniforms(Mechanism.PLAN_MADE, n, weeks) < app.plan_probability,
        random_plan=_by_week(streams, Mechanism.RANDOM_PLAN, n, weeks, ATTRIBUTES),
    )


def as_given(draws: AppDraws, given: Given) -> AppDraws:
    """Return what persons would do with what an arm is given, on the same draws.

    Whatever a component would bring about does not happen without it: an app that is not there is
    not opened, nor are plans made, and what is given up in time is the wristband; without exercises
    there are no sessions, without education nothing is read, without tools none is used, without a
    wristband nothing is recorded.
    """
    never = np.float32(np.inf)
    changed: dict[str, Any] = {}
    if not given.app:
        changed["opening"] = np.full_like(draws.opening, never)
        changed["quits"] = days_with_band(draws.recording)
        changed["makes_plan"] = np.zeros_like(draws.makes_plan)
    if "exercise" not in given.features:
        changed["exercise"] = np.full_like(draws.exercise, never)
    does = READ * ("education" in given.features) | ~READ * ("tools" in given.features)
    changed["would"] = draws.would & np.uint8(does & 0xFF)
    if not given.wristband:
        changed["recording"] = nothing_recorded(draws.recording)
    return replace(draws, **changed)


def _by_week(
    streams: Streams, mechanism: Mechanism, persons: int, weeks: int, names: Sequence[str]
) -> np.ndarray:
    """Return uniforms of things that a week has side by side, (persons, weeks, names)."""
    return np.stack([streams.uniforms(mechanism, persons, weeks, name) for name in names], axis=2)
