"""The main facts of a scenario, before anything is run."""

from collections.abc import Mapping

from scenarios.analyses.hypothesis import Hypothesis
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario
from sim.front.reports.verdicts import primary_in_words, question_of_run

COURSES = {
    True: "patients, their symptoms and the app, day by day",
    False: "scores at the visits alone",
}
HYPOTHESES: Mapping[Hypothesis, str] = {
    "two_sided": "2-sided",
    "superiority": "superiority",
    "non_inferiority": "non-inferiority",
    "equivalence": "equivalence",
}


def facts_of(scenario: Scenario) -> dict[str, str]:
    """Return what a scenario asks, and what it is, in words by name."""
    trial, hypothesis = scenario.trial, HYPOTHESES[scenario.analysis.hypothesis]
    shares = [f"{arm.label} {arm.share}" for arm in scenario.arms]
    several = len({arm.share for arm in scenario.arms}) > 1
    return {
        "Question": question_of_run(scenario),
        "Arms": ", ".join(shares if several else (arm.label for arm in scenario.arms)),
        "Visits": ", ".join(visit.name for visit in trial.visits),
        "Primary analysis": f"{primary_in_words(scenario)}, {hypothesis}",
        "Course": COURSES[isinstance(scenario.course, MechanisticCourse)],
        "Random numbers": f"seed {scenario.seed}",
    }
