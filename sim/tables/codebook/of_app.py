"""The tables of app use, and of the steps that wristbands and phones count."""

from recommender.protocol import REVISIONS
from sim.tables.codebook.described import (
    OPENING,
    RANDOMIZATION,
    YES_NO,
    Column,
    Described,
    participant,
)

INSTALLATION = "first whole day with the app"
_TOOLS = {
    "goal_setting": "goal setting",
    "mindfulness": "mindfulness",
    "pain_relief": "pain-relieving exercises",
    "sleep_reminders": "sleep reminders",
}

APP_WEEKS = Described(
    "app_weeks",
    "an app user and week since installation, within follow-up",
    (
        participant(),
        Column("week", "week, from 0", "weeks", "", INSTALLATION),
        Column("days", "days of the week that are within follow-up", "days"),
        Column("read", "days on which an education message was read", "days"),
        *(
            Column(name, f"days on which a tool was used: {tool}", "days")
            for name, tool in _TOOLS.items()
        ),
        Column("opened", "days on which the app was opened", "days"),
        Column("exercised", "days with an exercise session", "days"),
        Column("commended", "commending messages sent", "messages"),
        Column("encouraged", "encouraging messages sent", "messages"),
        Column("goal_reached", "days on which the app saw the step goal reached", "days"),
        Column("session", "tailoring sessions", "sessions"),
        Column("plan", "plans made", "plans"),
        Column("badge_exercise", "badge awarded for exercise sessions", "", "0 no, 1 yes"),
        Column("badge_steps", "badge awarded for days at the step goal", "", "0 no, 1 yes"),
        Column("badge_education", "badge awarded for messages read", "", "0 no, 1 yes"),
        Column("minutes", "time spent in the app", "minutes"),
    ),
)

STEPS = Described(
    "steps",
    "a participant with a wristband and day with it, or with the app of an arm that has one, until "
    "it is given up or follow-up ends",
    (
        participant(),
        Column("day", "day", "days", "", RANDOMIZATION),
        Column("source", "what counts steps", "", "mi_band, other_band, phone"),
        Column("worn", "whether the source was worn or carried", "", YES_NO),
        Column("recorded_steps", "steps recorded; missing: not worn", "steps"),
        Column(
            "synced_day", "when the app got to know of them; missing: never", "days", "",
            RANDOMIZATION,
        ),
    ),
)  # fmt: skip

MESSAGES = Described(
    "messages",
    "a push notification",
    (
        participant(),
        Column("day", "day", "days", "", RANDOMIZATION),
        Column("kind", "what it was sent for", "", "commending, encouraging"),
    ),
)

_ATTRIBUTE = ("", "0 to 1")
PLANS = Described(
    "plans",
    "a plan",
    (
        participant(),
        Column("day", "day on whose evening it was made", "days", "", OPENING),
        Column("study_day", "the same day", "days", "", RANDOMIZATION),
        Column("week", "week, from 0", "weeks", "", INSTALLATION),
        Column(
            "questions_answered", "of the 4 questions of the tailoring session: pain, function, "
            "sleep, barriers", "questions",
        ),
        Column("load", "intensity of exercise", *_ATTRIBUTE),
        Column("strength_share", "share of strength exercise, the rest being flexibility",
               *_ATTRIBUTE),
        Column("reassurance", "share of education against fear, the rest being on coping",
               *_ATTRIBUTE),
        Column("progression", "rate at which the step goal rises", *_ATTRIBUTE),
        Column("exercises", "codes of exercises, separated by blanks"),
        Column("messages", "codes of education messages, separated by blanks"),
        Column("tools", "codes of tools, separated by blanks"),
        Column("step_goal", "step goal; 0: none, such as before steps are known", "steps a day"),
        Column("similarity", "of the cases behind it; missing: there are none", "", "0 to 1"),
        Column("cases", "numbers of these cases, the most similar first, separated by blanks"),
        Column("case_similarities", "their similarities, separated by blanks", "", "0 to 1"),
        Column("case_weights", "their weights in the plan, separated by blanks", "", "0 to 1"),
        Column("revised", "how the plan was revised, separated by semicolons", "",
               "; ".join(REVISIONS)),
    ),
)  # fmt: skip

TABLES = (APP_WEEKS, STEPS, MESSAGES, PLANS)
