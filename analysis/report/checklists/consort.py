"""CONSORT 2025 for the simulated trial: what the scenario says of a trial as it would be run."""

from analysis.report.checklists.consort_methods import METHODS
from analysis.report.checklists.consort_results import RESULTS
from analysis.report.checklists.facts import StudyFacts
from analysis.report.checklists.items import Source, Told, Topic, author, told
from analysis.report.checklists.words import design, outcomes, plan, study
from analysis.report.checklists.words.wording import listed
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


_TITLE, _OPEN, _INTRO = "Title and abstract", "Open science", "Introduction"
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
        Topic("Methods", "8", "Patient and public involvement", _INVOLVEMENT),
        *METHODS,
        *RESULTS,
    ),
)
"""The list."""
