"""ADEMP: the simulation study by aims, data, estimands, methods and performance measures."""

from analysis.report.checklists.facts import StudyFacts
from analysis.report.checklists.items import Source, Told, Topic, author, not_applicable, told
from analysis.report.checklists.words import model, outcomes, people, plan, study
from analysis.report.checklists.words.wording import listed, sentence
from scenarios.analyses.register import primary_contrast
from scenarios.people.plain_course import NormalCourse
from scenarios.schema import Scenario

_CITATION = (
    "Morris TP, White IR, Crowther MJ. Using simulation studies to evaluate statistical methods. "
    "Stat Med 2019;38:2074-2102. Table 1."
)
_ABOUT = (
    "Numbers are the article's sections; a letter tells apart the points of one section. Topics "
    "are in short words of our own."
)
_SHOWN_ASSUMPTIONS = 12


def _aims(s: Scenario, f: StudyFacts) -> Told:
    aim = study.aim(f)
    wanted = "State the aim as a question, and what will be decided by the answer."
    if not aim:
        return author(wanted)
    return told(f"{sentence(aim)} Trial: {s.title}.", "manifest: command", "title", wanted=wanted)


_KIND = told(
    "Simulation from a parametric model; no data of participants are resampled.", "course.model"
)


def _complexity(s: Scenario, f: StudyFacts) -> Told:
    parts = (
        model.course(s), model.prognosis(s), people.losses(s), model.missingness(s),
        model.masking(s), model.shock(s), study.sources(s, f),
    )  # fmt: skip
    return told(
        " ".join(part for part in parts if part),
        "course", "followup", "reporting", *(["sources of the scenario"] if f.parameters else []),
        wanted="" if f.parameters else "Name the data that the parameters are based on.",
    )  # fmt: skip


def _factors(_s: Scenario, f: StudyFacts) -> Told:
    text = study.factors(f)
    if text:
        return told(text, "results of the study")
    if not f.there:
        return author("Name the factors to vary, and their levels.")
    return told(
        "Nothing is varied: there is one data-generating mechanism.",
        "manifest: command",
    )


def _crossing(_s: Scenario, f: StudyFacts) -> Told:
    if f.varied:
        return told(
            "Levels are crossed fully, every combination is simulated."
            if len(f.varied) > 1
            else "One factor is varied.",
            "results of the study",
        )
    if f.designs:
        return told(
            "Designs are compared as wholes, one against the first.", "results of the study"
        )
    if f.target is not None or f.draws or f.kind in study.VARIED_BY:
        return told(sentence(study.factors(f)), "results of the study")
    if not f.there:
        return author("Say whether factors are crossed fully, partly, or varied one at a time.")
    return not_applicable("No factor is varied.", "manifest: command")


def _estimand(s: Scenario, f: StudyFacts) -> Told:
    text = (
        f"Treatment: assignment to {plan.contrasts(s)}, whatever is taken up. Population: all who "
        f"are randomized. Variable: {outcomes.primary(s)}. Summary: the "
        f"{_summary(s)}."
    )
    if isinstance(s.course, NormalCourse):
        text += " Its true value follows from the effect of the course, see 3.2b."
    elif f.with_truth:
        text += (
            " Its true value is the mean difference of the participants' potential outcomes, each "
            "simulated in every arm with the same draws (table truth)."
        )
    else:
        text += " Its true value is known only where the study asks for it (truth = true)."
    if s.reporting.shifts:
        text += (
            " Where knowing one's arm moves answers, the effect on the state and the effect on the "
            "answers are two estimands."
        )
    return told(
        text, "analysis", "outcomes", *(["truth"] if f.with_truth else []),
        wanted="Say which intercurrent events matter, and by which strategy they are handled.",
    )  # fmt: skip


def _summary(s: Scenario) -> str:
    return primary_contrast(s.analysis.primary_analysis)


def _methods(s: Scenario, _f: StudyFacts) -> Told:
    extra = [text for text in (plan.sensitivity(s), plan.alternatives(s)) if text]
    text = f"Primary: {plan.primary(s)}; {plan.level(s)}."
    text += f" Compared with it: {listed(extra)}." if extra else " No other method is compared."
    more = " ".join(part for part in (plan.clustering(s), plan.multiplicity(s)) if part)
    return told(f"{text} {more}", "analysis")


def _literature(s: Scenario, _f: StudyFacts) -> Told:
    if not (s.analysis.sensitivity or s.analysis.alternatives):
        return not_applicable("No methods are compared.", "analysis.alternatives")
    return author("Say how the methods compared were chosen, and which relevant ones are left out.")


_ALL_MEASURES = (
    "bias, empirical SE, model SE and its relative error, mean squared error, coverage, "
    "bias-eliminated coverage, power, rejections against and on either side, convergence"
)


_MEASURES = told(
    f"Measures: {_ALL_MEASURES}.", "performance", wanted="Say which of them answers the aim."
)


_FORMULAE = told(
    "Formulas are those of the article's table 6. Power counts an analysis without an estimate "
    "as no rejection; power among converged fits stands beside it.",
    "performance",
)


def _size(_s: Scenario, f: StudyFacts) -> Told:
    if not f.there:
        return author("Choose the number of replicates by the Monte Carlo SE that is acceptable.")
    if f.replicates == 1:
        return not_applicable("A single trial has no performance.", "manifest: replicates")
    text = study.performance(f, ("power", "coverage", "bias"))
    return told(
        f"{study.replicates(f)} {text}".strip(), "manifest: replicates",
        *([study.origin(f)] if text else []),
        wanted="Say which Monte Carlo SE was wanted of which measure, and why.",
    )  # fmt: skip


_SCRIPTS = told(
    "Simulated trials are analysed replicate by replicate and their estimates kept; performance "
    "is computed from the kept estimates by separate functions.",
    "records of the study",
)


_CHECKS = told(
    "Estimators are tested against an independent implementation and closed forms; the model is "
    "tested against limits that theory gives.",
    "tests of the software",
    wanted="Say what was checked of this study: a small run, and one trial looked at.",
)


def _seed(s: Scenario, f: StudyFacts) -> Told:
    seed = s.seed if f.seed is None else f.seed
    return told(
        f"One root seed, {seed}, is set once; the number of a replicate is part of the name of "
        "each of its streams.",
        "seed" if f.seed is None else "manifest: seed",
    )


_STATES = told(
    "States need not be stored: seed and number of a replicate name its streams, from which it "
    "can be simulated again alone.",
    "manifest: seed",
)


def _streams(_s: Scenario, f: StudyFacts) -> Told:
    return told(study.seeds(f), "seed" if f.seed is None else "manifest: seed")


def _exploration(_s: Scenario, f: StudyFacts) -> Told:
    text = study.failures(f)
    wanted = "Plot the estimates, and say whether outliers or failures need attention."
    return (
        told(text, "manifest: failed", *(["estimates"] if f.fits else []), wanted=wanted)
        if text
        else author(wanted)
    )


def _estimates(_s: Scenario, f: StudyFacts) -> Told:
    text = study.performance(f)
    if f.replicates == 1:
        return not_applicable("A single trial has no performance.", "manifest: replicates")
    if not text:
        return author("Give the performance of the analyses, each with its Monte Carlo SE.")
    return told(text, study.origin(f))


_STRUCTURE = told(
    "This list has the structure of ADEMP; each value of the scenario has a source or is marked "
    "as an assumption.",
    "scenario",
    wanted="Give the rationale of choices that no source is stated for.",
)


_PRESENTATION = author(
    "Choose tables and figures that put the comparisons which matter side by side."
)


def _code(_s: Scenario, f: StudyFacts) -> Told:
    text = study.software(f)
    wanted = "State where code, scenario and seed can be had."
    if not text:
        return author(wanted)
    return told(text, "manifest: packages", "manifest: code_hash", wanted=wanted)


_AIMS, _DATA, _ESTIMANDS = "Aims", "Data-generating mechanisms", "Estimands"
_METHODS, _PERFORMANCE = "Methods", "Performance measures"
_CODING, _ANALYSIS, _REPORTING = "Coding and execution", "Analysis", "Reporting"
ADEMP = Source(
    "ademp",
    "ADEMP, for the simulation study",
    _CITATION,
    _ABOUT,
    (
        Topic(_AIMS, "3.1", "Specific aims", _aims),
        Topic(_DATA, "3.2a", "Resampling or a parametric model", _KIND),
        Topic(_DATA, "3.2b", "The model, and the data that it rests on", _complexity),
        Topic(_DATA, "3.2c", "Factors and their levels", _factors),
        Topic(_DATA, "3.2d", "Fully or partly crossed, or one at a time", _crossing),
        Topic(_ESTIMANDS, "3.3", "Estimands and other targets", _estimand),
        Topic(_METHODS, "3.4a", "Methods evaluated", _methods),
        Topic(_METHODS, "3.4b", "Choice of the methods compared", _literature),
        Topic(_PERFORMANCE, "3.5a", "Measures, and why they are relevant", _MEASURES),
        Topic(_PERFORMANCE, "3.5b", "Formulas", _FORMULAE),
        Topic(_PERFORMANCE, "3.5c", "Number of replicates and Monte Carlo SE", _size),
        Topic(_CODING, "4a", "Simulation and performance by separate scripts", _SCRIPTS),
        Topic(_CODING, "4b", "Checks of the code", _CHECKS),
        Topic(_CODING, "4c", "Seed", _seed),
        Topic(_CODING, "4d", "States of the generator", _STATES),
        Topic(_CODING, "4e", "Streams of parallel parts", _streams),
        Topic(_ANALYSIS, "5a", "Exploration, failures", _exploration),
        Topic(_ANALYSIS, "5b", "Performance with Monte Carlo SE", _estimates),
        Topic(_REPORTING, "6a", "Structure and rationale", _STRUCTURE),
        Topic(_REPORTING, "6b", "Tables and figures", _PRESENTATION),
        Topic(_REPORTING, "6c", "Code", _code),
    ),
)
"""The list."""
