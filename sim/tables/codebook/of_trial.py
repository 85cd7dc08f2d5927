"""The tables of a trial's own data, but for those of the app."""

from scenarios.people.care import CONTACT_KINDS
from sim.tables.codebook.described import (
    OPENING,
    RANDOMIZATION,
    YES_NO,
    Column,
    Described,
    participant,
)

PARTICIPANTS = Described(
    "participants",
    "a participant",
    (
        participant(),
        Column("arm", "arm to which the participant was randomized"),
        Column("interest_day", "day of interest, with the time of day", "days", "", OPENING),
        Column("calls", "calls made until one was taken", "calls"),
        Column("screened_day", "end of screening, with the time of day", "days", "", OPENING),
        Column("randomized_day", "whole day of randomization", "days", "", OPENING),
        Column(
            "installed_day",
            "first whole day with the app, or with a wristband alone; missing: none", "days", "",
            OPENING,
        ),
        Column(
            "withdrew_after_days", "day of withdrawal; missing: did not withdraw", "days", "",
            RANDOMIZATION,
        ),
        Column("withdrawal_reason", "reason given for withdrawing; empty: did not withdraw"),
        Column("plans_made", "plans made in the weeks of adherence after randomization", "plans"),
        Column("clinic", "number of the clinic that the participant comes from"),
    ),
    "a column for each covariate",
)  # fmt: skip

VISITS = Described(
    "visits",
    "a participant and visit, baseline included",
    (
        participant(),
        Column("visit", "when the questionnaire was due"),
        Column(
            "answered_after_days", "day of the answer; missing: not answered", "days", "",
            RANDOMIZATION,
        ),
        Column("reminders", "reminders sent, and calls made after them", "contacts"),
    ),
    "a column for each outcome (missing: not answered) and each item",
)  # fmt: skip

EVENTS = Described(
    "events",
    "an event of the trial's log, in order of time",
    (
        Column("day", "when it happened, with the time of day", "days", "", OPENING),
        participant(),
        Column(
            "what", "what happened", "",
            "randomized; installed the app; stopped using the app; got the wristband; stopped "
            "with the wristband; withdrew; invited; reminded; called; answered; reported an "
            "adverse event; adverse event reviewed",
        ),
        Column("detail", "the visit of a questionnaire, the reason of a withdrawal, the kind of an "
               "adverse event; empty otherwise"),
    ),
)  # fmt: skip

ADVERSE_EVENTS = Described(
    "adverse_events",
    "a harm or adverse event that was reported",
    (
        participant(),
        Column("reported_day", "when it was reported, with the time of day", "days", "", OPENING),
        Column("serious", "whether it was serious", "", YES_NO),
        Column("related", "whether it was related to the treatment", "", YES_NO),
        Column(
            "reviewed_day", "day of the meeting that reviewed it; missing: not reviewed", "days",
            "", OPENING,
        ),
    ),
)  # fmt: skip

CARE = Described(
    "care",
    "a contact with health care, or a spell of sick leave, from randomization to the last visit",
    (
        participant(),
        Column("kind", "what it was", "", ", ".join((*CONTACT_KINDS, "sick_leave"))),
        Column(
            "day", "day, of a spell its first; 0 where it was under way", "days", "", RANDOMIZATION
        ),
        Column("days", "days of a spell within follow-up; missing: a contact", "days"),
        Column("cost", "at the prices of the scenario's care.price_year", "EUR"),
    ),
)  # fmt: skip

TABLES = (PARTICIPANTS, VISITS, CARE, EVENTS, ADVERSE_EVENTS)
