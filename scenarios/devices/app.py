"""Parts of a scenario that describe the intervention: app use and the effect pathway."""

from scenarios.design.trial import Delay
from scenarios.fields import Part, probability, quantity


class ToolUse(Part):
    """Tools of the app, each used or not on a day the app is opened."""

    goal_setting: float = probability("sets or looks at a goal")
    mindfulness: float = probability("listens to a mindfulness audio")
    pain_relief: float = quantity(
        "probability", "does pain-relieving exercises at usual pain", gt=0, lt=1
    )
    sleep_reminders: float = probability("uses the sleep reminders")
    pain_relief_per_pain: float = quantity(
        "logit per NRS point", "more pain-relieving exercises on days of more than baseline pain"
    )


class Minutes(Part):
    """Minutes in the app."""

    opening: float = quantity("minutes", "an opening", ge=0.0)
    session: float = quantity("minutes", "a tailoring session", ge=0.0)
    exercise: float = quantity("minutes", "an exercise session on a day the app is opened", ge=0.0)
    reading: float = quantity("minutes", "an education message", ge=0.0)
    tool: float = quantity("minutes", "a tool, each time it is used", ge=0.0)


class ExerciseOdds(Part):
    """What moves the odds of an exercise session from day to day; 0 where it does not."""

    per_fit: float = quantity(
        "logit", "of exercises that suit the patient in full, against those that do not at all"
    )
    per_overload: float = quantity(
        "logit per plan unit",
        "of load above what the patient can do by now; below 0 where it deters",
    )
    per_pain: float = quantity("logit per NRS point", "of pain today above that at baseline")
    per_repetition: float = quantity(
        "logit per week", "of the same list of exercises, for weeks after the first"
    )
    most_repetition: float = quantity("weeks", "after which boredom grows no more", ge=0.0)
    per_mastery: float = quantity(
        "logit", "of all sessions asked for done in the week before, against none"
    )


class Leaving(Part):
    """What moves the hazard of stopping for good from day to day; 0 where it does not."""

    per_pain: float = quantity("log hazard per NRS point", "of pain today above that at baseline")
    if_well: float = quantity("log hazard", "on days of hardly any pain: the app has done its work")
    well_below: float = quantity("NRS points", "pain that counts as hardly any", ge=0.0, le=10.0)
    per_missed_goal: float = quantity("log hazard per week", "in a row with the step goal missed")
    per_message: float = quantity("log hazard per message", "remembered and not forgotten yet")
    with_prognosis: float = quantity(
        "correlation",
        "of the frailty behind stopping with recovery under usual care: below 0, those who stop "
        "early would have fared worse anyway",
        gt=-1.0,
        lt=1.0,
    )


class AppUse(Part):
    """Installation, engagement, tailoring sessions, notifications, badges."""

    never_installed: float = probability("randomized to the app, never installs or opens it")
    appointment: Delay = quantity("table", "from randomization to the installation appointment")
    appointment_hours: float = quantity("hours", "staff time of one installation", gt=0.0, le=8.0)
    assistants: int = quantity("persons", "research assistants in each country", gt=0)
    quit_hazard: float = quantity("per week", "stops using the app for good", ge=0.0, le=1.0)
    quit_spread: float = quantity("log SD", "of the quit hazard between persons", ge=0.0)
    quit_per_depression: float = quantity("log hazard per SD", "more depressed, earlier quitting")
    quit_per_stress: float = quantity("log hazard per SD", "more stressed, earlier quitting")
    quit_per_age: float = quantity("log hazard per SD", "of age; older users stay longer")
    pause_hazard: float = probability("that a pause begins in a week")
    pause_weeks: float = quantity("weeks", "mean length of a pause", ge=1.0)
    open_logit: float = quantity("logit", "of opening the app on a day in week 0 without habit")
    open_per_motivation: float = quantity("logit per SD", "more motivated, more openings")
    open_per_depression: float = quantity("logit per SD", "more depressed, fewer openings")
    open_per_stress: float = quantity("logit per SD", "more stressed, fewer openings")
    open_per_habit: float = quantity("logit", "of opening after days that all had an opening")
    habit_memory: float = quantity("days", "over which openings make a habit", ge=1.0)
    open_decay: float = quantity("logit per week", "decrease of opening", ge=0.0)
    open_per_badge: float = quantity("logit", "for each badge of the week before")
    open_per_pain: float = quantity(
        "logit per NRS point", "of pain today above that at baseline: opening by need"
    )
    discouragement: float = quantity(
        "logit per week",
        "lost from opening and exercise by each week in a row with the step goal missed",
        ge=0.0,
    )
    most_discouragement: float = quantity(
        "weeks", "after which discouragement grows no more", ge=0.0
    )
    session_probability: float = probability("does a due tailoring session on opening the app")
    question_probability: float = probability("answers a question of a tailoring session")
    plan_probability: float = probability("makes a plan at the end of a tailoring session")
    encourage_after: int = quantity("days", "without opening, then an encouraging message", gt=0)
    behind_sessions: float = quantity(
        "sessions", "behind an even pace, then an encouraging message", gt=0.0
    )
    message_gap: int = quantity("days", "minimum interval between messages", gt=0)
    notification_logit: float = quantity("logit", "effect of a message on opening that day")
    notification_fatigue: float = quantity("messages", "that halve the effect", gt=0.0)
    fatigue_half_life: float = quantity("days", "half-life of the fatigue", gt=0.0)
    exercise_logit: float = quantity("logit", "of an exercise session on a day without opening")
    exercise_per_motivation: float = quantity("logit per SD", "more motivated, more exercise")
    exercise_if_opened: float = quantity("logit", "added on a day the app is opened")
    read_probability: float = probability("reads the education message of a day it is opened")
    exercise: ExerciseOdds = quantity("table", "what moves the odds of exercise from day to day")
    leaving: Leaving = quantity("table", "what moves the hazard of stopping from day to day")
    tools: ToolUse = quantity("table", "tools used on a day the app is opened")
    badge_step_days: int = quantity("days", "at the step goal in a week, for a badge", gt=0, le=7)
    badge_readings: int = quantity("messages", "read in a week, for a badge", gt=0, le=7)
    minutes: Minutes = quantity("table", "time spent in the app")


class Pathway(Part):
    """The arrows from use of the app to symptoms; each can be set to 0."""

    tailoring_share: float = probability("of a dose's effect that depends on the plan's fit")
    fit_width: float = quantity("plan units", "distance from the need at which fit falls", gt=0.0)
    needs_move: float = quantity(
        "proportion",
        "of the way to a healthy person's needs that full recovery goes, and of the way back that "
        "a flare goes; 0 where needs stay as they were at enrolment",
        ge=0.0,
        le=1.0,
    )
    load_peak: float = quantity(
        "plan units", "load above what can be done by now at which a session gains most", ge=0, le=1
    )
    flare_from: float = quantity(
        "plan units", "load above what can be done by now from which a session may harm", ge=0, le=1
    )
    flare_per_overload: float = quantity(
        "probability per plan unit", "of a flare after a session, for load above flare_from", ge=0.0
    )
    flare_height: float = quantity("NRS points", "rise of pain in such a flare", ge=0.0, le=10.0)
    flare_days: float = quantity("days", "time constant with which it fades", gt=0.0)
    steps_scale: float = quantity(
        "steps per day",
        "above the patient's own, with which a day's gain saturates; 0 where a day counts in full "
        "or not at all, as the step goal is met or missed",
        ge=0.0,
    )
    capacity_per_session: float = quantity("proportion", "of the rest, per fitting session", ge=0)
    capacity_per_steps: float = quantity("proportion", "of the rest, per day at the goal", ge=0.0)
    capacity_half_life: float = quantity("days", "without exercise", gt=0.0)
    belief_per_message: float = quantity("proportion", "of the rest, per fitting message", ge=0.0)
    belief_per_tool: float = quantity("proportion", "of the rest, per tool used", ge=0.0)
    belief_half_life: float = quantity("days", "without messages", gt=0.0)
    pain_from_capacity: float = quantity(
        "proportion", "relief of pain at full capacity", ge=0, le=1
    )
    disability_from_belief: float = quantity(
        "proportion", "relief of disability at full change", ge=0
    )
    self_efficacy_from_belief: float = quantity("PSEQ points", "at full change", ge=0.0)
    fear_from_belief: float = quantity("FABQ points", "lost at full change", ge=0.0)
    illness_perception_from_belief: float = quantity("BIPQ points", "lost at full change", ge=0.0)
