"""The data-generating model: course, answers, missingness, masking, in sentences."""

from collections.abc import Sequence

from analysis.report.checklists.words.wording import counted, listed, number, numbers, share
from scenarios.people.course import MechanisticCourse
from scenarios.people.plain_course import NormalCourse, OutcomeCourse
from scenarios.schema import Scenario

MECHANISMS = {
    "mcar": "completely at random (MCAR)",
    "mar": "at random given age and earlier answers (MAR)",
    "mnar": "not at random (MNAR): also by the state that is not reported",
}


def course(scenario: Scenario) -> str:
    """Return how outcomes come about."""
    own = scenario.course
    if isinstance(own, NormalCourse):
        every = [_of_outcome(scenario, name, each) for name, each in own.by_outcome.items()]
        scale = "" if own.on_scale else " Scores are not rounded or bounded to their scale."
        return (
            f"A plain course of {listed(scenario.outcome(n).label for n in own.by_outcome)} at the "
            "visits, from correlated normal deviates; nothing between the visits is simulated. "
            + " ".join(every)
            + scale
        )
    recommender = scenario.mechanisms.recommender.kind
    return (
        "A mechanistic course, day by day: pain, beliefs and disability of patients whose course "
        "is recovering, fluctuating or persistent, with flares, remission and season; usual care; "
        "use of the app, and plans made each week by the recommender "
        f"({recommender}). No effect is added to an outcome: exercise, steps and education that a "
        "participant takes up change capacity and beliefs, and these change pain and disability."
    )


def _of_outcome(scenario: Scenario, name: str, own: OutcomeCourse) -> str:
    outcome = scenario.outcome(name)
    word = {"binary": "risks", "count": "rates"}.get(outcome.kind, "means")
    first = "at baseline and the visits" if outcome.has_baseline else "at the visits"
    sds = f", SD {_same(own.sd)}" if own.sd else ""
    return (
        f"{outcome.label}: {word} in the reference arm {numbers(own.means)} {first}{sds}; "
        f"{_effects(scenario, name, own)}."
    )


def _effects(scenario: Scenario, name: str, own: OutcomeCourse) -> str:
    """Return the effect on an outcome, of each arm where arms have effects of their own."""
    if scenario.factorial is not None:
        return "effects by component, as the factorial states them"
    follow_ups = len(scenario.trial.visits)
    told = {
        arm.label: _same(each.course.by_outcome[name].effects(follow_ups))
        for arm, each in list(zip(scenario.arms, scenario.by_arm, strict=True))[1:]
        if isinstance(each.course, NormalCourse)
    }
    if len(set(told.values())) == 1:
        return f"effect ({own.effect_measure}) {next(iter(told.values()))}"
    by_arm = "; ".join(f"{label} {effects}" for label, effects in told.items())
    return f"effect ({own.effect_measure}) by arm: {by_arm}"


def _same(values: Sequence[float]) -> str:
    if len(set(values)) == 1:
        return f"{number(values[0])} at all of them"
    return numbers(values)


def prognosis(scenario: Scenario) -> str:
    """Return what baseline covariates tell of a plain course; '' for nothing."""
    own = scenario.course
    if not isinstance(own, NormalCourse) or not own.prognostic:
        return ""
    told = []
    labels = {each.name: each.label for each in scenario.covariates}
    for name, each in own.by_outcome.items():
        if not any(each.prognosis.values()):
            continue
        which = listed(labels.get(trait, trait) for trait, w in each.prognosis.items() if w)
        r2 = "" if each.r2 is None else f", together {share(each.r2)} of the variance"
        told.append(f"{scenario.outcome(name).label} depends on {which}{r2}")
    return f"{'; '.join(told)}."


def missingness(scenario: Scenario) -> str:
    """Return the mechanism of missing answers, as modelled."""
    return f"Answers are missing {MECHANISMS[scenario.followup.missingness]}, by the model."


def masking(scenario: Scenario) -> str:
    """Return what knowing one's arm does, as modelled."""
    own = scenario.reporting
    labels = {arm.name: arm.label for arm in scenario.arms}
    parts = []
    for arm, shifts in own.expectation.items():
        moved = [
            f"{scenario.outcome(name).label} {number(abs(value))} SD "
            f"{'better' if value > 0 else 'worse'}"
            for name, value in shifts.items()
            if value
        ]
        if moved:
            parts.append(f"answers in {labels.get(arm, arm)} are moved: {listed(moved)}")
    for arm, own_of in own.disappointment.items():
        label = labels.get(arm, arm)
        if own_of.withdrawal != 1.0:
            parts.append(f"withdrawal in {label} is multiplied by {number(own_of.withdrawal)}")
        if own_of.contacts != 1.0:
            parts.append(
                f"contacts with health care in {label} are multiplied by {number(own_of.contacts)}"
            )
    if not parts:
        return (
            "Masking is not modelled: answers are how participants are, in all arms alike, and "
            "nothing is added for knowing one's arm; withdrawal and response are "
            "those stated for each arm."
        )
    fading = (
        "" if own.half_life is None or not own.shifts
        else f" The shift halves in {number(own.half_life)} days."
    )  # fmt: skip
    return f"As modelled, participants know their arm: {'; '.join(parts)}.{fading}"


def shock(scenario: Scenario) -> str:
    """Return the change of circumstances, '' for none."""
    own = scenario.shock
    if not own.enabled:
        return ""
    return (
        f"Circumstances change on {own.begins.isoformat()}: pain {number(own.pain_shift)} points "
        f"higher, steps times {number(own.steps_ratio)}."
    )


def concomitant(scenario: Scenario) -> str:
    """Return the care besides the trial's, as modelled; '' where there is none."""
    if not isinstance(scenario.course, MechanisticCourse):
        return ""
    if scenario.care is None:
        kinds = scenario.course.usual_care.contacts
        return (
            f"In all arms contacts with {counted(len(kinds), 'kind')} of clinicians "
            f"({listed(name.replace('_', ' ') for name in kinds)}) relieve symptoms."
        )
    relieve = "relieve symptoms" if scenario.care.relieves else "are counted and relieve nothing"
    return (
        "In all arms participants have contacts with health care (advice, manual therapy, "
        "supervised exercise, medication, imaging, referral) and sick leave, at rates that depend "
        f"on their pain; contacts {relieve}."
    )
