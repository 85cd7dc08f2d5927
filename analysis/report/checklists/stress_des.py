"""STRESS-DES: the discrete-event simulation, so that somebody else could build it again."""

from analysis.report.checklists.facts import StudyFacts
from analysis.report.checklists.items import Source, Told, Topic, author, not_applicable, told
from analysis.report.checklists.words import design, model, outcomes, people, study
from analysis.report.checklists.words.wording import (
    counted,
    hours,
    listed,
    number,
    readable,
    sentence,
)
from scenarios.design.run_in import NoRunIn
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario

_CITATION = (
    "Monks T, Currie CSM, Onggo BS, Robinson S, Kunc M, Taylor SJE. Strengthening the reporting of "
    "empirical simulation studies: introducing the STRESS guidelines. J Simul 2019;13:55-67."
)
_ABOUT = (
    "The 20 items of the guideline for discrete-event simulation; 2.5 is told in its five parts. "
    "Topics are in short words of our own."
)


def _mechanistic(s: Scenario) -> bool:
    return isinstance(s.course, MechanisticCourse)


def _purpose(s: Scenario, f: StudyFacts) -> Told:
    aim = study.aim(f)
    text = f"A randomized trial is simulated from first contact to last follow-up: {s.title}."
    return told(
        f"{text} Study: {aim}." if aim else text,
        "title", *(["manifest: command"] if aim else []),
        wanted="Give the background, and the decision that the model is to support.",
    )  # fmt: skip


def _outputs(s: Scenario, _f: StudyFacts) -> Told:
    return told(
        "Of each simulated trial: counts of its flow, summaries of every outcome by arm and visit, "
        "and estimates of every analysis at its end. Over trials: performance measures with Monte "
        f"Carlo SEs by the formulas of Morris et al. (2019). Primary: {outcomes.primary(s)}.",
        "outcomes", "analysis", "performance",
    )  # fmt: skip


def _aims(_s: Scenario, f: StudyFacts) -> Told:
    text = study.factors(f)
    if f.target is not None:
        text = (
            f"Search for the smallest sample size with a power of {100 * f.target:g}%; "
            "docs/guides/designs.md has the algorithm."
        )
    if not text:
        base = study.aim(f)
        text = sentence(base) if base else ""
    wanted = "State the hypotheses of the experiments, and why these scenarios."
    if not text:
        return author(wanted)
    return told(text, "manifest: command", "results of the study", wanted=wanted)


def _diagram(s: Scenario, _f: StudyFacts) -> Told:
    parts = ["interest", "first calls", "screening"]
    if not isinstance(s.recruitment.run_in, NoRunIn):
        parts.append("run-in")
    parts += ["baseline questionnaire", "randomization"]
    if any(given.anything for given in s.given):
        parts.append("installation of app or step source in the arms that get them")
    parts += [visit.name for visit in s.trial.visits]
    arrow = " > ".join(parts)
    return told(
        f"Process of a participant: {arrow}; withdrawal at any time after randomization.",
        "recruitment", "arms", "trial.visits",
        wanted="Draw it; the CONSORT diagram of the report has its counts.",
    )  # fmt: skip


def _logic(s: Scenario, _f: StudyFacts) -> Told:
    parts = (
        people.recruiting(s), sentence(design.restriction(s)), people.contacts(s),
        people.losses(s), model.course(s), model.concomitant(s), outcomes.harms(s), design.looks(s),
    )  # fmt: skip
    return told(
        " ".join(part for part in parts if part),
        "recruitment",
        "trial",
        "followup",
        "course",
        "safety",
    )


def _scenarios(_s: Scenario, f: StudyFacts) -> Told:
    text = study.factors(f)
    if text:
        return told(
            f"{text} All else is as in the base model.", "manifest: command", "results of the study"
        )
    if f.there:
        return not_applicable("The study has the base model alone.", "manifest: command")
    return author("Say by what scenarios differ from the base model.")


def _algorithms(s: Scenario, _f: StudyFacts) -> Told:
    parts = [f"Allocation: {design.restriction(s)}"]
    if _mechanistic(s):
        own = s.mechanisms.recommender
        how = (
            f"case-based reasoning: {counted(own.neighbours, 'case')} retrieved of "
            f"{own.seed_cases} at first, by similarity of {listed(map(readable, own.weights))}"
            if own.kind == "cbr"
            else own.kind
        )
        parts.append(f"Weekly plans: {how}.")
    if s.trial.interim.looks:
        parts.append(f"Stopping: {design.looks(s)}")
    parts.append(
        "Traits of people: Gaussian copula of their margins. Waiting times: exponential, cut off."
    )
    return told(
        " ".join(parts), "trial.randomization", "population",
        *(["recommender"] if _mechanistic(s) else []),
    )  # fmt: skip


def _entities(s: Scenario, _f: StudyFacts) -> Told:
    traits = [each.label for each in s.covariates]
    text = f"Persons who are interested, {s.trial.sample_size} of whom become participants"
    text += f", with {listed(traits)}" if traits else ""
    if s.clinics.number:
        text += f"; {counted(s.clinics.number, 'clinic')} from which they come"
    if _mechanistic(s):
        text += "; requests to the recommender, answered in one batch each evening"
    return told(f"{text}.", "population", "covariates", "clinics")


def _activities(s: Scenario, _f: StudyFacts) -> Told:
    own = s.recruitment
    text = (
        f"Call, when {_delay(own.contact.mean, own.contact.longest)} are over; screening, "
        f"{hours(own.screening_hours)}; baseline questionnaire, after "
        f"{_delay(own.questionnaire.mean, own.questionnaire.longest)}; answer to a questionnaire, "
        f"after {_delay(s.followup.answer_delay.mean, s.followup.answer_delay.longest)} from "
        "invitation, reminder or call"
    )
    if s.app is not None and _mechanistic(s) and any(given.anything for given in s.given):
        text += (
            f"; installation, {hours(s.app.appointment_hours)}, after "
            f"{_delay(s.app.appointment.mean, s.app.appointment.longest)}; daily use of the app "
            "and weekly tailoring session"
        )
    return told(f"{text}.", "recruitment", "followup.answer_delay", *(["app"] if s.app else []))


def _delay(mean: float, longest: float) -> str:
    return f"exponential days of mean {number(mean)}, at most {number(longest)}"


def _resources(s: Scenario, _f: StudyFacts) -> Told:
    staff = s.staff
    teams = f", a team for each level of {_label(s, staff.teams_by)}" if staff.teams_by else ""
    text = (
        f"{counted(s.recruitment.screeners, 'assistant')} who screen{teams}, on weekdays without "
        f"holiday, {number(staff.day_hours)} hours a day from {number(staff.day_start)}"
    )
    if s.app is not None and _mechanistic(s):
        text += f"; {counted(s.app.assistants, 'assistant')} who install, likewise"
    return told(f"{text[:1].upper()}{text[1:]}.", "staff", "recruitment.screeners")


def _label(s: Scenario, name: str) -> str:
    return next((each.label for each in s.covariates if each.name == name), name)


def _queues(s: Scenario, _f: StudyFacts) -> Told:
    text = (
        "People who are to be screened wait for a free assistant of their team, first come, first "
        "served, overnight and over weekends; no limit of length, nobody leaves the queue."
    )
    if _mechanistic(s):
        text += " So do those who wait for installation."
    return told(text, "staff")


def _entry(s: Scenario, _f: StudyFacts) -> Told:
    text = (
        f"Entry: interest, a Poisson process of {number(s.recruitment.interest_per_day)} a day. "
        "Exit: not reached, refused, excluded, withdrawn, or the last visit's answer or silence."
    )
    if s.trial.interim.looks:
        text += " A look may stop the trial for all."
    return told(text, "recruitment.interest_per_day", "recruitment", "followup")


def _data_sources(s: Scenario, f: StudyFacts) -> Told:
    text = study.sources(s, f)
    if not text:
        return told(
            "Every parameter has its source in a comment of the scenario's file.", "scenario",
            wanted="Name the main sources; the command 'scenarios show' lists them.",
        )  # fmt: skip
    return told(text, "sources of the scenario")


def _parameters(s: Scenario, f: StudyFacts) -> Told:
    margins = [readable(name) for name in s.population.margins]
    text = (
        f"All parameters stand in the scenario, each with its unit; the main ones in this list. "
        f"Base: {s.trial.sample_size} participants, {counted(len(s.arms), 'arm')}, "
        f"{counted(len(s.trial.visits), 'visit')}."
    )
    if margins:
        text += f" Distributions of people: {listed(margins)}."
    varied = study.factors(f)
    return told(f"{text} {varied}".strip(), "scenario", *(["manifest: command"] if varied else []))


def _preprocessing(s: Scenario, f: StudyFacts) -> Told:
    if not f.parameters:
        return author("Say which parameters were derived from published numbers, and how.")
    derived = study.of_kinds(s, f, "derived")
    fitted = study.of_kinds(s, f, "calibrated", "set by hand")
    parts = []
    if derived:
        parts.append(f"Derived by arithmetic from published numbers: {study.keys(derived)}.")
    if fitted:
        parts.append(f"Calibrated or set by hand to published numbers: {study.keys(fitted)}.")
    if not parts:
        return not_applicable(
            "No parameter is derived or fitted: all are stated as they are.",
            "sources of the scenario",
        )
    return told(" ".join(parts), "sources of the scenario")


def _assumptions(s: Scenario, f: StudyFacts) -> Told:
    if not f.parameters:
        return author("List the assumptions; the scenario's file marks each as one.")
    assumed = study.of_kinds(s, f, "assumption")
    every = len(study.parameters(s, f))
    if not assumed:
        return told("No parameter is marked as an assumption.", "sources of the scenario")
    return told(
        f"{len(assumed)} of {every} parameters are marked as assumptions: {study.keys(assumed)}.",
        "sources of the scenario",
        wanted="Say which of them move the results, and how far.",
    )


def _initialisation(s: Scenario, _f: StudyFacts) -> Told:
    return told(
        f"A trial begins empty on its day 0, {s.trial.opens.isoformat()}; there is no warm-up, as "
        "it ends with its last follow-up and is no steady state.",
        "trial.opens",
    )


def _run_length(s: Scenario, _f: StudyFacts) -> Told:
    last = s.trial.visits[-1]
    text = (
        f"Until {s.trial.sample_size} are randomized and the answers to the last visit "
        f"({last.name}, day {last.day}) are in, at most {number(s.followup.longest_answer)} days "
        "after it is due; recruitment lasts as long as it takes. Time unit: day."
    )
    if s.trial.interim.looks:
        text += " A look may end it before."
    return told(text, "trial.sample_size", "trial.visits", "followup")


def _estimation(_s: Scenario, f: StudyFacts) -> Told:
    if not f.there:
        return author("State how many replicates are simulated, and why.")
    return told(
        f"Independent replications. {study.replicates(f)} {study.failures(f)}".strip(),
        "manifest: replicates", "manifest: failed", *(["estimates"] if f.fits else []),
        wanted="" if f.replicates == 1 else "Justify the number by the Monte Carlo SE wanted.",
    )  # fmt: skip


def _software(_s: Scenario, f: StudyFacts) -> Told:
    text = study.software(f)
    if not text:
        return author("Give names and versions of language, libraries and this software.")
    return told(text, "manifest: python", "manifest: packages")


def _random(_s: Scenario, f: StudyFacts) -> Told:
    return told(
        f"NumPy's generators, keyed by SeedSequence. {study.seeds(f)}",
        "seed" if f.seed is None else "manifest: seed",
    )


def _execution(s: Scenario, f: StudyFacts) -> Told:
    text = (
        "Process interaction by SimPy for calls, screening, questionnaires and withdrawal; what "
        "happens to everybody every day is advanced for the whole cohort at once."
        if _mechanistic(s)
        else "Process interaction by SimPy for calls, screening, questionnaires and withdrawal; "
        "the scores of a plain course are drawn for the whole cohort at once."
    )
    text += " First come, first served; no other priority."
    if f.jobs:
        text += f" Replicates run in parallel, {counted(f.jobs, 'worker')} on {f.executor}."
    return told(text, "course.model", *(["manifest: jobs"] if f.jobs else []))


def _system(_s: Scenario, f: StudyFacts) -> Told:
    text = study.machine(f)
    wanted = "State model of the processor, memory and operating system."
    if not text:
        return author(f"{wanted[:-1]}, and how long the study took.")
    return told(text, "manifest: processor", "manifest: duration", wanted=wanted)


def _sharing(_s: Scenario, f: StudyFacts) -> Told:
    wanted = "State where the model can be had, under which licence."
    text = " ".join(
        part
        for part in (
            f"SHA-256 of the scenario {f.scenario_hash}." if f.scenario_hash else "",
            f"SHA-256 of the code {f.code_hash}." if f.code_hash else "",
        )
        if part
    )
    if not text:
        return author(wanted)
    return told(text, "manifest: scenario_hash", "manifest: code_hash", wanted=wanted)


_OBJECTIVES, _LOGIC, _DATA = "Objectives", "Logic", "Data"
_EXPERIMENT, _IMPLEMENTATION, _ACCESS = "Experimentation", "Implementation", "Code access"
STRESS_DES = Source(
    "stress_des",
    "STRESS-DES, for the discrete-event simulation",
    _CITATION,
    _ABOUT,
    (
        Topic(_OBJECTIVES, "1.1", "Purpose of the model", _purpose),
        Topic(_OBJECTIVES, "1.2", "Model outputs", _outputs),
        Topic(_OBJECTIVES, "1.3", "Aims of experimentation", _aims),
        Topic(_LOGIC, "2.1", "Diagram of the base model", _diagram),
        Topic(_LOGIC, "2.2", "Logic of the base model", _logic),
        Topic(_LOGIC, "2.3", "Logic of the scenarios", _scenarios),
        Topic(_LOGIC, "2.4", "Algorithms", _algorithms),
        Topic(_LOGIC, "2.5.1", "Components: entities", _entities),
        Topic(_LOGIC, "2.5.2", "Components: activities", _activities),
        Topic(_LOGIC, "2.5.3", "Components: resources", _resources),
        Topic(_LOGIC, "2.5.4", "Components: queues", _queues),
        Topic(_LOGIC, "2.5.5", "Components: entry and exit points", _entry),
        Topic(_DATA, "3.1", "Data sources", _data_sources),
        Topic(_DATA, "3.2", "Input parameters", _parameters),
        Topic(_DATA, "3.3", "Pre-processing", _preprocessing),
        Topic(_DATA, "3.4", "Assumptions", _assumptions),
        Topic(_EXPERIMENT, "4.1", "Initialisation", _initialisation),
        Topic(_EXPERIMENT, "4.2", "Run length", _run_length),
        Topic(_EXPERIMENT, "4.3", "Estimation approach", _estimation),
        Topic(_IMPLEMENTATION, "5.1", "Software or programming language", _software),
        Topic(_IMPLEMENTATION, "5.2", "Random sampling", _random),
        Topic(_IMPLEMENTATION, "5.3", "Model execution", _execution),
        Topic(_IMPLEMENTATION, "5.4", "System specification", _system),
        Topic(_ACCESS, "6.1", "Sharing of the computer model", _sharing),
    ),
)
"""The list."""
