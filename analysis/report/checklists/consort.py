"""CONSORT 2025 for the simulated trial: what the scenario says of a trial as it would be run."""

from analysis.report.checklists.facts import StudyFacts
from analysis.report.checklists.items import Source, Told, Topic, author, not_applicable, told
from analysis.report.checklists.words import design, model, outcomes, people, plan, study
from analysis.report.checklists.words.wording import listed, sentence
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario

_CITATION = (
    "Hopewell S, Chan A-W, Collins GS, et al. CONSORT 2025 statement: updated guideline for "
    "reporting randomised trials. BMJ 2025;389:e081123."
)
_ABOUT = (
    "The trial is a simulated one: items are told as the scenario would have the trial be run and "
    "reported. Topics are in short words of our own; the statement has their full wording. What a "
    "scenario cannot know is left to the author."
)


def _title(s: Scenario, _f: StudyFacts) -> Told:
    cluster = "cluster randomized" if s.clinics.randomized else "randomized"
    return told(
        f"Identification: a simulated {cluster} trial, {s.title}.",
        "title", "clinics.randomized",
        wanted="Put 'randomised' and 'simulated' into the title of the report.",
    )  # fmt: skip


def _abstract(s: Scenario, f: StudyFacts) -> Told:
    text = (
        f"Design: {design.arms(s)} Participants: {s.trial.sample_size}, allocated "
        f"{design.ratio(s)}. Primary outcome: {outcomes.primary(s)}."
    )
    power = study.performance(f, ("power", "coverage")) or study.finding(f)
    if power:
        text += f" {power}"
    return told(
        text, "arms", "trial.sample_size", "analysis", *([study.origin(f)] if power else []),
        wanted="Write the structured abstract, with background and conclusions.",
    )  # fmt: skip


_REGISTRATION = author(
    "State registry, identifier and date of the real trial that this design belongs to, or that "
    "there is none: nobody was randomized."
)


def _protocol(s: Scenario, f: StudyFacts) -> Told:
    text = f"The scenario {s.name} states design and statistical analysis plan completely"
    text += f"; its SHA-256 is {f.scenario_hash}." if f.scenario_hash else "."
    return told(
        text, "name", *(["manifest: scenario_hash"] if f.scenario_hash else []),
        wanted="State where scenario, protocol and analysis plan can be had.",
    )  # fmt: skip


def _data(_s: Scenario, f: StudyFacts) -> Told:
    if not f.tables:
        return author("State where simulated data, data dictionary and code can be had.")
    return told(
        f"The records of the study are {listed(sorted(f.tables))}, with checksums in manifest.json "
        "and a codebook of all columns; the simulated participants are no persons, so that nothing "
        "has to be de-identified.",
        "manifest: tables",
        wanted="State where they and the code can be had.",
    )


_FUNDING = author("State sources of funding and other support, and the role of funders.")


_CONFLICTS = author("State financial and other conflicts of interest of the authors.")


_BACKGROUND = author(
    "Explain the condition, what is known of the interventions compared, and why this trial is "
    "needed, with references to systematic reviews."
)


def _objectives(s: Scenario, _f: StudyFacts) -> Told:
    return told(
        f"To compare {plan.contrasts(s)} in {outcomes.primary(s)}. Framework: {plan.framework(s)}.",
        "analysis.hypothesis", "analysis.contrasts", "analysis.primary_outcome",
        wanted="State the objectives related to harms."
        if not outcomes.harms(s) else "",
    )  # fmt: skip


_INVOLVEMENT = author(
    "Say whether and how patients or the public took part in design, conduct and reporting."
)


def _design(s: Scenario, _f: StudyFacts) -> Told:
    text = (
        f"{sentence(design.arms(s))} Allocation ratio {design.ratio(s)}; unit of randomization: "
        f"{design.unit(s)}. Framework: {plan.framework(s)}."
    )
    clinics = design.clinics(s)
    return told(
        f"{text} {clinics}".strip(),
        "arms", "factorial" if s.factorial else "arms", "analysis.hypothesis", "clinics",
    )  # fmt: skip


def _changes(_s: Scenario, f: StudyFacts) -> Told:
    changed = [each.key for each in f.parameters if each.file == "--set"]
    if changed:
        return told(
            f"Set by hand for this study, against the scenario's file: {listed(changed)}. A "
            "simulated trial does not change after it begins.",
            "parameters set by hand",
            wanted="Give the reasons, and any analysis added after results were seen.",
        )
    return told(
        "A simulated trial is run as its scenario says: nothing changes after it begins.",
        "scenario",
        wanted="Name changes of the scenario or of the analyses after first results were seen.",
    )


def _setting(s: Scenario, _f: StudyFacts) -> Told:
    text = " ".join(part for part in (people.setting(s), design.clinics(s)) if part)
    wanted = "Describe settings and locations of the trial that the scenario stands for."
    return told(text, "trial.strata", "clinics", wanted=wanted) if text else author(wanted)


def _eligibility(s: Scenario, _f: StudyFacts) -> Told:
    text = people.eligibility(s)
    if not text:
        return told(
            "All who are interested and do not refuse are eligible.", "recruitment",
            wanted="State the criteria of the trial that the scenario stands for.",
        )  # fmt: skip
    return told(text, "recruitment.eligibility", "recruitment.exclusions", "recruitment.run_in")


_SITES = author(
    "State criteria for sites and for those who deliver the interventions; the scenario has none."
)


def _interventions(s: Scenario, _f: StudyFacts) -> Told:
    return told(
        design.interventions(s), "arms",
        wanted="Describe interventions and comparator so that they can be replicated, with access "
        "to their materials.",
    )  # fmt: skip


def _outcomes(s: Scenario, _f: StudyFacts) -> Told:
    others = outcomes.secondary(s)
    text = f"Primary: {outcomes.primary(s)}."
    text += f" Others: {'; '.join(others)}." if others else " There is no other outcome."
    response = outcomes.responses(s)
    return told(
        f"{text} {response} Measured at {design.visits(s)}.".replace("  ", " "),
        "outcomes", "analysis", "trial.visits",
        wanted="Cite the instruments, and say who chose the outcomes."
    )  # fmt: skip


def _harms_assessed(s: Scenario, _f: StudyFacts) -> Told:
    text = outcomes.harms(s)
    if not text:
        return told(
            "The scenario has no adverse events: none are simulated.", "safety.rates",
            wanted="Define harms and say how they are assessed in the trial that it stands for.",
        )  # fmt: skip
    return told(
        text, "safety",
        wanted="Define harms by the trial's protocol, and say who assesses them.",
    )  # fmt: skip


def _sample_size(s: Scenario, f: StudyFacts) -> Told:
    text = f"{s.trial.sample_size} participants are randomized, {plan.level(s)}."
    power = study.performance(f, ("power",))
    if power:
        text += f" {power}"
    important = s.primary_outcome.smallest_important
    if important is not None:
        text += (
            f" The smallest important difference of {s.primary_outcome.label} is {important:g} "
            f"{s.primary_outcome.unit}."
        )
    return told(
        text, "trial.sample_size", "analysis.alpha", *([study.origin(f)] if power else []),
        wanted="Justify the effect that the trial is to detect."
        if power else "State the power, and justify the effect that the trial is to detect.",
    )  # fmt: skip


def _looks(s: Scenario, _f: StudyFacts) -> Told:
    text = design.looks(s)
    if not text:
        return not_applicable("The trial has no interim analysis.", "trial.interim.looks")
    return told(text, "trial.interim")


def _sequence(_s: Scenario, f: StudyFacts) -> Told:
    return told(
        "The simulation generates the sequence, from random streams that only allocation uses.",
        "trial.randomization", *(["manifest: seed"] if f.there else []),
        wanted="Say who generates the sequence in the trial that it stands for.",
    )  # fmt: skip


def _restriction(s: Scenario, _f: StudyFacts) -> Told:
    key = "clinics" if s.clinics.randomized else "trial.randomization"
    return told(
        f"{design.restriction(s)} Allocation ratio {design.ratio(s)}.", key, "trial.strata", "arms"
    )


def _concealment(s: Scenario, _f: StudyFacts) -> Told:
    text = (
        "Clinics are allocated before participants are recruited; the model has no recruiter who "
        "acts on a clinic's arm, so that identification bias is not simulated."
        if s.clinics.randomized
        else "Nothing in the model knows the next allocation: it cannot affect who is recruited."
    )
    return told(
        text, "trial.randomization",
        wanted="Name the mechanism that conceals the sequence in practice.",
    )  # fmt: skip


_IMPLEMENTATION = author(
    "Say whether those who enrol and assign participants have access to the sequence."
)


def _blinding(s: Scenario, _f: StudyFacts) -> Told:
    return told(
        model.masking(s), "reporting",
        wanted="Say who is blinded: participants, care providers, outcome assessors, analysts.",
    )  # fmt: skip


def _blinding_how(s: Scenario, _f: StudyFacts) -> Told:
    sham = [a.label for a, g in zip(s.arms, s.given, strict=True) if g.app and not g.features]
    if sham:
        return told(
            f"{listed(sham)} has a sham app, which can be opened and does nothing.",
            "arms.components",
            wanted="Describe how alike the interventions are to those who are blinded.",
        )
    return author("If anybody is blinded, say how, and how alike the interventions are.")


def _methods(s: Scenario, _f: StudyFacts) -> Told:
    families = plan.families(s)
    text = f"Primary: {plan.primary(s)}; {plan.contrasts(s)}; {plan.level(s)}."
    if families:
        text += f" All outcomes: {'; '.join(families)}."
    parts = (text, plan.multiplicity(s), plan.clustering(s))
    return told(
        " ".join(part for part in parts if part),
        "analysis",
        wanted="State how harms are compared: the plan has no test of them.",
    )


def _populations(s: Scenario, _f: StudyFacts) -> Told:
    return told(plan.populations(s), "analysis.sensitivity")


def _missing(s: Scenario, _f: StudyFacts) -> Told:
    return told(f"{plan.missing(s)} {model.missingness(s)}", "analysis", "followup.missingness")


def _additional(s: Scenario, _f: StudyFacts) -> Told:
    parts = []
    if plan.sensitivity(s):
        parts.append(f"Prespecified sensitivity analyses: {plan.sensitivity(s)}.")
    if plan.alternatives(s):
        parts.append(f"Prespecified further analyses: {plan.alternatives(s)}.")
    if not parts:
        return told(
            "The plan has no further analysis of the primary outcome.",
            "analysis.sensitivity", "analysis.alternatives",
            wanted="Name post hoc analyses, if there are any.",
        )  # fmt: skip
    return told(
        " ".join(parts), "analysis.sensitivity", "analysis.alternatives",
        wanted="Name post hoc analyses, if there are any.",
    )  # fmt: skip


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


_TITLE, _OPEN, _INTRO = "Title and abstract", "Open science", "Introduction"
_METHODS, _RESULTS, _DISCUSSION = "Methods", "Results", "Discussion"
CONSORT = Source(
    "consort",
    "CONSORT 2025, for the simulated trial",
    _CITATION,
    _ABOUT,
    (
        Topic(_TITLE, "1a", "Randomised trial in the title", _title),
        Topic(_TITLE, "1b", "Structured abstract", _abstract),
        Topic(_OPEN, "2", "Trial registration", _REGISTRATION),
        Topic(_OPEN, "3", "Protocol and statistical analysis plan", _protocol),
        Topic(_OPEN, "4", "Data sharing", _data),
        Topic(_OPEN, "5a", "Funding", _FUNDING),
        Topic(_OPEN, "5b", "Conflicts of interest", _CONFLICTS),
        Topic(_INTRO, "6", "Background and rationale", _BACKGROUND),
        Topic(_INTRO, "7", "Objectives", _objectives),
        Topic(_METHODS, "8", "Patient and public involvement", _INVOLVEMENT),
        Topic(_METHODS, "9", "Trial design", _design),
        Topic(_METHODS, "10", "Changes to trial protocol", _changes),
        Topic(_METHODS, "11", "Trial setting", _setting),
        Topic(_METHODS, "12a", "Eligibility of participants", _eligibility),
        Topic(_METHODS, "12b", "Eligibility of sites and deliverers", _SITES),
        Topic(_METHODS, "13", "Intervention and comparator", _interventions),
        Topic(_METHODS, "14", "Outcomes", _outcomes),
        Topic(_METHODS, "15", "Harms: definition and assessment", _harms_assessed),
        Topic(_METHODS, "16a", "Sample size", _sample_size),
        Topic(_METHODS, "16b", "Interim analyses and stopping", _looks),
        Topic(_METHODS, "17a", "Sequence generation: who and how", _sequence),
        Topic(_METHODS, "17b", "Sequence generation: type and restriction", _restriction),
        Topic(_METHODS, "18", "Allocation concealment mechanism", _concealment),
        Topic(_METHODS, "19", "Implementation", _IMPLEMENTATION),
        Topic(_METHODS, "20a", "Blinding: who", _blinding),
        Topic(_METHODS, "20b", "Blinding: how", _blinding_how),
        Topic(_METHODS, "21a", "Statistical methods", _methods),
        Topic(_METHODS, "21b", "Who is in each analysis", _populations),
        Topic(_METHODS, "21c", "Missing data", _missing),
        Topic(_METHODS, "21d", "Additional analyses", _additional),
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
    ),
)
"""The list."""
