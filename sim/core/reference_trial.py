"""The reference trial of a scenario: many participants, with draws that are always the same."""

from scenarios.analyses.register import deciding_on
from scenarios.design.allocation import PermutedBlocks
from scenarios.design.interim import Interim
from scenarios.design.run_in import NoRunIn
from scenarios.design.trial import Delay
from scenarios.schema import Scenario

REFERENCE_SIZE = 1000
"""Participants of two arms; each further arm has half as many. A share that depends on how they
fare is met up to their sampling error: with an inclination of SD s (probits) that is about
0.28 s / sqrt(500) at a share of 0.8, for s = 0.2 0.3 percentage points."""


def reference_trial(scenario: Scenario) -> Scenario:
    """Return a scenario like this one as far as its participants' courses and app use go.

    Recruitment takes some weeks, staff are many, arms take turns, there is no shock.
    Of the reasons for which somebody is not randomized only the minimum RMDQ is left: the others
    do not depend on symptoms, or are what else eligibility asks for and the run-in, which narrow a
    trial down whose shares of answers are known without them. All enter near the opening of the
    trial, in the season of that date.
    """
    app, care = scenario.app, scenario.care
    at_once = Delay(mean=0.01, longest=0.01)
    return scenario.model_copy(
        update={
            "name": "reference",
            "title": "",
            "published": "",
            "seed": 0,
            "truth": False,
            "arms": tuple(arm.model_copy(update={"share": 1}) for arm in scenario.arms),
            "trial": scenario.trial.model_copy(
                update={
                    "sample_size": REFERENCE_SIZE // 2 * len(scenario.arms),
                    "randomization": PermutedBlocks(
                        kind="stratified_blocks", block_sizes=(len(scenario.arms),)
                    ),
                    "interim": Interim(looks=(), boundary="pocock", futility=0.0),
                }
            ),
            "recruitment": scenario.recruitment.model_copy(
                update={
                    "interest_per_day": REFERENCE_SIZE / 20.0,
                    "contact": at_once,
                    "reached_per_call": 1.0,
                    "refused_at_contact": 0.0,
                    "screeners": REFERENCE_SIZE,
                    "exclusions": (),
                    "minimum_pain": 0,
                    "minimum_duration": "",
                    "eligibility": (),
                    "refused_at_screening": 0.0,
                    "run_in": NoRunIn(kind="none"),
                    "questionnaire": at_once,
                }
            ),
            "clinics": scenario.clinics.model_copy(update={"randomized": False}),
            "analysis": scenario.analysis.model_copy(
                update={
                    "primary_analysis": deciding_on(scenario.primary_outcome.kind)[0],
                    "covariates": (),
                    "responder_points": (),
                    "sensitivity": (),
                    "alternatives": (),
                    "cluster": "none",
                    "engine": "profiled",
                }
            ),
            "app": app and app.model_copy(update={"assistants": REFERENCE_SIZE}),
            "safety": scenario.safety.model_copy(
                update={"rates": dict.fromkeys(scenario.arm_names, 0.0)}
            ),
            "care": care if care is not None and care.relieves else None,
            "shock": scenario.shock.model_copy(update={"enabled": False}),
        }
    )
