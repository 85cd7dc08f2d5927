"""CONSORT 2025, results and discussion of the simulated trial: items 22 to 30."""

from analysis.report.checklists.facts import StudyFacts
from analysis.report.checklists.items import Told, Topic, author, not_applicable, told
from analysis.report.checklists.words import design, model, outcomes, people, plan, study
from analysis.report.checklists.words.wording import listed
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario


def _flow(s: Scenario, f: StudyFacts) -> Told:
    if "randomized" not in f.flow:
        return author(
            f"Give, for each arm, the numbers assigned, treated and analysed ({_flow_source(f)})."
        )
    last = s.trial.visits[-1].name
    rows = []
    for arm in s.arms:
        told_of = [
            f"{what} {study.ranged(f.flow[stage])}"
            for what, stage in (
                ("allocated", f"{arm.name}: allocated"),
                ("installed the app", f"{arm.name}: installed the app"),
                ("got the wristband", f"{arm.name}: got the wristband"),
                (f"answered at {s.analysis.primary_visit}",
                 f"{arm.name}: answered at {s.analysis.primary_visit}"),
                (f"answered at {last}", f"{arm.name}: answered at {last}"),
            )
            if stage in f.flow
        ]  # fmt: skip
        rows.append(f"{arm.label}: {', '.join(dict.fromkeys(told_of))}")
    before = [
        f"{what} {study.ranged(f.flow[stage])}"
        for what, stage in (
            ("interested", "interested"),
            ("assessed for eligibility", "assessed for eligibility"),
            ("randomized", "randomized"),
        )
        if stage in f.flow
    ]
    if f.analysed is not None:
        rows.append(f"In the primary analysis: {study.ranged(f.analysed)} of all arms")
    return told(f"{_over(f)}: {', '.join(before)}. {'. '.join(rows)}.", "flow")


def _over(f: StudyFacts) -> str:
    if f.replicates == 1:
        return "In the simulated trial"
    return f"Median (2.5th to 97.5th percentile) over {f.replicates:,} simulated trials"


def _flow_source(f: StudyFacts) -> str:
    return "this study keeps no table flow" if f.there else "nothing was simulated yet"


def _losses(s: Scenario, f: StudyFacts) -> Told:
    modelled = people.losses(s)
    if "randomized" not in f.flow:
        return told(
            f"As modelled: {modelled}", "followup",
            wanted="Give losses and exclusions after randomization with reasons "
            f"({_flow_source(f)}).",
        )  # fmt: skip
    rows = []
    for arm in s.arms:
        reasons = {
            stage.rpartition(": ")[2]: counts.median
            for stage, counts in f.flow.items()
            if stage.startswith(f"{arm.name}: withdrew: ")
        }
        by = [v for v in s.trial.visits if f"{arm.name}: withdrew by {v.name}" in f.flow]
        sums = listed(
            f"{study.ranged(f.flow[f'{arm.name}: withdrew by {v.name}'])} by {v.name}" for v in by
        )
        most = sorted(reasons.items(), key=lambda each: -each[1])[:3]
        why = listed(f"{reason}" for reason, count in most if count)
        rows.append(f"{arm.label}: withdrew {sums}" + (f"; most often for: {why}" if why else ""))
    return told(f"{_over(f)}. {'. '.join(rows)}. Nobody is excluded after randomization.", "flow")


def _dates(s: Scenario, _f: StudyFacts) -> Told:
    return told(
        f"Recruitment opens on {s.trial.opens.isoformat()} and closes when {s.trial.sample_size} "
        f"are randomized; the last follow-up is due {s.trial.visits[-1].day} days after "
        "randomization.",
        "trial.opens", "trial.visits", "trial.sample_size",
        wanted="These are dates of the simulated calendar: give those of the real trial, if any.",
    )  # fmt: skip


def _ended(s: Scenario, f: StudyFacts) -> Told:
    if not s.trial.interim.looks:
        return not_applicable(
            "Without interim looks the trial ends as planned.", "trial.interim.looks"
        )
    if not f.looks_stopped:
        return told(
            design.looks(s), "trial.interim",
            wanted="Say how many simulated trials stopped early, and why (the table looks).",
        )  # fmt: skip
    total = sum(f.looks_stopped.values())
    ended = listed(f"{end} {count}" for end, count in f.looks_stopped.items())
    return told(f"Of {total:,} simulated trials ended, by the last look: {ended}.", "looks")


def _delivery(s: Scenario, f: StudyFacts) -> Told:
    taken = [
        f"{arm.label}: {what} {study.ranged(f.flow[f'{arm.name}: {what}'])} of "
        f"{study.ranged(f.flow[f'{arm.name}: allocated'])}"
        for arm in s.arms
        for what in ("installed the app", "got the wristband")
        if f"{arm.name}: {what}" in f.flow
    ]
    if taken:
        return told(
            f"{_over(f)}. {'. '.join(taken)}.", "flow",
            wanted="Describe who delivers the interventions, and fidelity and adherence.",
        )  # fmt: skip
    if not isinstance(s.course, MechanisticCourse):
        return told(
            "A plain course has the effect of being assigned: delivery and adherence are not "
            "simulated.",
            "course.model",
            wanted="Describe who delivers the interventions, and how fidelity and adherence are "
            "assessed.",
        )
    return author("Describe delivery, fidelity and adherence as they were.")


def _concomitant(s: Scenario, _f: StudyFacts) -> Told:
    text = model.concomitant(s)
    if not text:
        return told(
            "Concomitant care is not simulated.", "course.model",
            wanted="Say what care participants may have besides the trial's.",
        )  # fmt: skip
    return told(text, "care", "course.usual_care")


def _baseline(s: Scenario, _f: StudyFacts) -> Told:
    labels = [each.label for each in s.covariates]
    scores = [each.label for each in s.outcomes if each.has_baseline]
    return told(
        f"Baseline characteristics by arm: {listed(labels) or 'none are declared'}; baseline "
        f"scores of {listed(scores) or 'no outcome'}.",
        "covariates", "outcomes",
        wanted="Insert Table 1 of a simulated trial, or of all replicates.",
    )  # fmt: skip


def _results(_s: Scenario, f: StudyFacts) -> Told:
    text = study.performance(f) or study.finding(f)
    if f.analysed is not None:
        text = f"In the primary analysis: {study.ranged(f.analysed)} participants. {text}".strip()
    if not text:
        return author(
            "Give for each outcome and arm the number analysed, the result, the effect and its "
            "interval; of a study of many trials, the performance of the analysis."
        )
    return told(
        text, "estimates" if f.fits else "results of the study",
        *(["truth"] if f.with_truth else []),
        wanted="Insert Tables 2 and 3; one trial's estimates are no result of a trial with people.",
    )  # fmt: skip


def _harms(s: Scenario, f: StudyFacts) -> Told:
    if not outcomes.harms(s):
        return not_applicable("No adverse events are simulated.", "safety.rates")
    counts = [
        f"{arm.label}: {study.ranged(f.flow[f'{arm.name}: adverse events'])} adverse events, "
        f"{study.ranged(f.flow[f'{arm.name}: serious adverse events'])} serious"
        for arm in s.arms
        if f"{arm.name}: adverse events" in f.flow
        and f"{arm.name}: serious adverse events" in f.flow
    ]
    if not counts:
        return author("Give adverse events, all and serious ones, of each arm.")
    return told(f"{_over(f)}. {'. '.join(counts)}.", "flow")


def _ancillary(s: Scenario, f: StudyFacts) -> Told:
    extra = [text for text in (plan.sensitivity(s), plan.alternatives(s)) if text]
    if not extra:
        return not_applicable("The plan has no ancillary analyses.", "analysis")
    if not f.fits:
        return author("Report the sensitivity and further analyses of the plan.")
    return told(
        f"The table estimates has, besides the primary analysis: {listed(extra)}.", "estimates",
        wanted="Report them, and say which were not prespecified.",
    )  # fmt: skip


_INTERPRETATION = author(
    "Interpret the results as those of a model: benefits against harms, and other evidence."
)


def _limitations(s: Scenario, f: StudyFacts) -> Told:
    text = study.sources(s, f)
    wanted = (
        "Discuss bias, imprecision and generalizability; first the assumptions that move results "
        "most."
    )
    return told(text, "sources of the scenario", wanted=wanted) if text else author(wanted)


_RESULTS, _DISCUSSION = "Results", "Discussion"
RESULTS = (
    Topic(_RESULTS, "22a", "Participant flow: numbers by arm", _flow),
    Topic(_RESULTS, "22b", "Participant flow: losses and exclusions", _losses),
    Topic(_RESULTS, "23a", "Recruitment: dates", _dates),
    Topic(_RESULTS, "23b", "Recruitment: why the trial ended", _ended),
    Topic(_RESULTS, "24a", "Intervention and comparator as delivered", _delivery),
    Topic(_RESULTS, "24b", "Concomitant care", _concomitant),
    Topic(_RESULTS, "25", "Baseline data", _baseline),
    Topic(_RESULTS, "26", "Numbers analysed, outcomes and estimation", _results),
    Topic(_RESULTS, "27", "Harms", _harms),
    Topic(_RESULTS, "28", "Ancillary analyses", _ancillary),
    Topic(_DISCUSSION, "29", "Interpretation", _INTERPRETATION),
    Topic(_DISCUSSION, "30", "Limitations", _limitations),
)
"""Items 22 to 30."""
