"""CONSORT 2025, methods of the simulated trial: items 9 to 21."""

from analysis.report.checklists.facts import StudyFacts
from analysis.report.checklists.items import Told, Topic, author, not_applicable, told
from analysis.report.checklists.words import design, model, outcomes, people, plan, study
from analysis.report.checklists.words.wording import listed, sentence
from scenarios.schema import Scenario


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


_METHODS = "Methods"
METHODS = (
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
)
"""Items 9 to 21."""
