"""Credibility of the model: the FDA's categories of evidence, and the factors of ASME V&V 40."""

from analysis.report.checklists.facts import StudyFacts
from analysis.report.checklists.items import Source, Told, Topic, author, not_applicable, told
from analysis.report.checklists.words import design, model, outcomes, plan, study
from analysis.report.checklists.words.wording import listed
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario

_CITATION = (
    "US Food and Drug Administration. Assessing the credibility of computational modeling and "
    "simulation in medical device submissions: guidance for industry and FDA staff. 17 November "
    "2023. ASME V&V 40-2018: Assessing credibility of computational modeling through verification "
    "and validation: application to medical devices."
)
_ABOUT = (
    "The preliminary steps and the eight categories of evidence are the guidance's, with its "
    "numbers; the 13 factors are those of V&V 40 in their order, numbered here. Topics are in "
    "short words of our own. What a study cannot know, the risk and whether the evidence is "
    "enough, is for the author."
)


def _question(s: Scenario, f: StudyFacts) -> Told:
    aim = study.aim(f)
    text = f"The model is asked about this trial: {s.title}."
    return told(
        f"{text} Study: {aim}." if aim else text,
        "title", *(["manifest: command"] if aim else []),
        wanted="State the decision or question that the simulation is to help with.",
    )  # fmt: skip


def _context(s: Scenario, _f: StudyFacts) -> Told:
    return told(
        f"Simulated: {design.arms(s)} {s.trial.sample_size} participants, {design.visits(s)}. "
        f"Quantity of interest: the effect on {outcomes.primary(s)}, by {plan.primary(s)}.",
        "arms", "trial", "analysis",
        wanted="State what the model's role is, which other evidence answers the question, and in "
        "which patients and settings the result is to hold.",
    )  # fmt: skip


_RISK = author(
    "Rate model influence (weight of the simulation against other evidence) and decision "
    "consequence (harm of a wrong decision), and the risk that follows from both."
)


_CODE = (
    "Estimators are tested against independent implementations and closed forms; simulated trials "
    "against limits that theory gives; results are bit-identical for any number of workers."
)


def _code_verification(_s: Scenario, f: StudyFacts) -> Told:
    hashed = f" SHA-256 of the code that ran: {f.code_hash}." if f.code_hash else ""
    return told(
        f"{_CODE}{hashed}", "tests of the software", *(["manifest: code_hash"] if hashed else []),
        wanted="Attach the protocol of the tests of this version.",
    )  # fmt: skip


def _calibration(s: Scenario, f: StudyFacts) -> Told:
    fitted = study.of_kinds(s, f, "calibrated", "set by hand")
    if fitted:
        text = (
            f"Of {len(study.parameters(s, f))} parameters {len(fitted)} are calibrated or set by "
            "hand to published numbers."
        )
        agreed = _agreement(f, "calibration")
        return told(
            f"{text} {agreed}".strip(), "sources of the scenario",
            *(["validation"] if agreed else []),
        )  # fmt: skip
    if f.parameters:
        return not_applicable("No parameter is calibrated.", "sources of the scenario")
    return author("Say which parameters are calibrated, to which data, and how well they fit.")


def _agreement(f: StudyFacts, role: str) -> str:
    found = next((each for each in f.agreement if each.role == role), None)
    if found is None:
        return ""
    return (
        f"{found.inside} of {found.targets} published numbers of this role lie inside their "
        "simulated 95% intervals."
    )


_BENCH = not_applicable("The model is of people in a trial: there is no bench test.", "scenario")


_IN_VIVO = author(
    "Compare with data of single persons, if there are any: this software compares populations."
)


def _population(s: Scenario, f: StudyFacts) -> Told:
    text = _agreement(f, "held-out")
    if text:
        return told(
            f"Held out of calibration: {text[:1].lower()}{text[1:]}", "validation",
            wanted="Explain those outside.",
        )  # fmt: skip
    if not s.published:
        return told(
            "The scenario is compared with no published numbers.", "published",
            wanted="Name a trial in this population; compare flow, outcomes and losses with it.",
        )  # fmt: skip
    return author("Compare with the scenario's published numbers (the command validate).")


def _emergent(s: Scenario, f: StudyFacts) -> Told:
    if not isinstance(s.course, MechanisticCourse):
        return not_applicable(
            "A plain course has what is stated of it, and nothing emerges.", "course.model"
        )
    text = _agreement(f, "implied")
    wanted = "Name known behaviour that nothing was fitted to, and whether the model shows it."
    if not text:
        return author(wanted)
    return told(f"Implied by the model, not fitted: {text}", "validation", wanted=wanted)


def _plausibility(s: Scenario, f: StudyFacts) -> Told:
    parts = [model.course(s), study.sources(s, f)]
    return told(
        " ".join(part for part in parts if part),
        "course", *(["sources of the scenario"] if f.parameters else []),
        wanted="Say why equations, parameters and assumptions are plausible for this question.",
    )  # fmt: skip


def _calculation(_s: Scenario, f: StudyFacts) -> Told:
    text = study.performance(f, ("power", "coverage", "bias"))
    if not text:
        return author("Give the Monte Carlo SE of the quantity of interest, and its sensitivity.")
    return told(
        f"{study.replicates(f)} {text}", study.origin(f),
        "manifest: replicates",
        wanted="Add the uncertainty of the parameters (the command assurance), and sensitivity to "
        "the assumptions.",
    )  # fmt: skip


def _quality(_s: Scenario, f: StudyFacts) -> Told:
    software = study.software(f)
    return told(
        "Source under version control; lint, types, layers and tests run on every change. "
        f"{software}".strip(),
        "tests of the software", *(["manifest: packages"] if software else []),
        wanted="State by whom and how the software is maintained.",
    )  # fmt: skip


_NUMERICAL = told(_CODE, "tests of the software")


def _discretization(s: Scenario, _f: StudyFacts) -> Told:
    if isinstance(s.course, MechanisticCourse):
        return told(
            "The course advances by days and plans by weeks: that is the resolution of the model, "
            "no approximation of a continuous one. Between days there is no state.",
            "course.model",
        )
    return not_applicable("Scores are drawn at the visits: nothing is discretized.", "course.model")


def _solver(_s: Scenario, f: StudyFacts) -> Told:
    text = study.failures(f)
    base = "Fits are exact to the optimum; one that does not converge is a row with its reason."
    return told(
        f"{base} {text}".strip(), "tests of the software", *(["estimates"] if f.fits else [])
    )


def _use(_s: Scenario, f: StudyFacts) -> Told:
    if not f.there:
        return told(
            "A scenario is validated before it runs: unknown keys and values that are not allowed "
            "are refused.",
            "scenario",
            wanted="Have inputs and results checked by a second person.",
        )
    return told(
        "A scenario is validated before it runs, and its resolved copy is kept with a checksum; "
        "the records refuse to be read when they were changed.",
        "manifest: scenario", "manifest: tables",
        wanted="Have inputs and results checked by a second person.",
    )  # fmt: skip


def _form(s: Scenario, _f: StudyFacts) -> Told:
    parts = (
        model.course(s), model.missingness(s), model.masking(s), design.clinics(s), model.shock(s)
    )  # fmt: skip
    return told(
        " ".join(part for part in parts if part), "course", "followup", "reporting", "clinics",
        wanted="Say what other forms of the model were tried, and what they change.",
    )  # fmt: skip


def _inputs(s: Scenario, f: StudyFacts) -> Told:
    text = study.sources(s, f)
    wanted = "Quantify the uncertainty of the inputs that matter, and the sensitivity to them."
    return told(text, "sources of the scenario", wanted=wanted) if text else author(wanted)


def _samples(s: Scenario, _f: StudyFacts) -> Told:
    return _comparator(s, "Describe number and characteristics of the participants compared with.")


def _conditions(s: Scenario, _f: StudyFacts) -> Told:
    return _comparator(s, "Describe setting, schedule and care of the trial compared with.")


def _comparator(s: Scenario, wanted: str) -> Told:
    names = [s.published] if isinstance(s.published, str) else list(s.published)
    named = [name for name in names if name]
    if not named:
        return not_applicable("The scenario is compared with no published numbers.", "published")
    return told(f"Comparator: the published numbers {listed(named)}.", "published", wanted=wanted)


def _equivalency(s: Scenario, _f: StudyFacts) -> Told:
    if not s.published:
        return not_applicable("The scenario is compared with no published numbers.", "published")
    return author("Say where inputs of the simulation differ from those of the comparator.")


def _output(s: Scenario, f: StudyFacts) -> Told:
    text = study.agreement(f)
    if text:
        return told(text, "validation")
    if not s.published:
        return not_applicable("The scenario is compared with no published numbers.", "published")
    return author("Compare outputs with their published numbers (the command validate).")


def _relevance(s: Scenario, _f: StudyFacts) -> Told:
    return author(
        f"Say how the quantities compared relate to the quantity of interest, the effect on "
        f"{s.primary_outcome.label} at {s.analysis.primary_visit}."
    )


_RELEVANCE_OF_ACTIVITIES = author(
    "Say how near population, intervention and setting of the validation are to the context of "
    "use, and whether the evidence is adequate to the risk."
)


_STEPS = "FDA guidance: preliminary steps"
_CATEGORIES = "FDA guidance: categories of credibility evidence"
_VERIFICATION = "V&V 40: verification"
_VALIDATION, _APPLICABILITY = "V&V 40: validation", "V&V 40: applicability"
CREDIBILITY = Source(
    "credibility",
    "Credibility evidence, by the FDA's guidance and ASME V&V 40",
    _CITATION,
    _ABOUT,
    (
        Topic(_STEPS, "Step 1", "Question of interest", _question),
        Topic(_STEPS, "Step 2", "Context of use", _context),
        Topic(_STEPS, "Step 3", "Model risk", _RISK),
        Topic(_CATEGORIES, "Category 1", "Code verification", _code_verification),
        Topic(_CATEGORIES, "Category 2", "Model calibration", _calibration),
        Topic(_CATEGORIES, "Category 3", "Bench test validation", _BENCH),
        Topic(_CATEGORIES, "Category 4", "In vivo validation", _IN_VIVO),
        Topic(_CATEGORIES, "Category 5", "Population-based validation", _population),
        Topic(_CATEGORIES, "Category 6", "Emergent model behaviour", _emergent),
        Topic(_CATEGORIES, "Category 7", "Model plausibility", _plausibility),
        Topic(
            _CATEGORIES, "Category 8", "Calculation verification and uncertainty in the context "
            "of use", _calculation,
        ),
        Topic(_VERIFICATION, "Factor 1", "Software quality assurance", _quality),
        Topic(_VERIFICATION, "Factor 2", "Numerical code verification", _NUMERICAL),
        Topic(_VERIFICATION, "Factor 3", "Discretization error", _discretization),
        Topic(_VERIFICATION, "Factor 4", "Numerical solver error", _solver),
        Topic(_VERIFICATION, "Factor 5", "Use error", _use),
        Topic(_VALIDATION, "Factor 6", "Model form", _form),
        Topic(_VALIDATION, "Factor 7", "Model inputs", _inputs),
        Topic(_VALIDATION, "Factor 8", "Comparator: test samples", _samples),
        Topic(_VALIDATION, "Factor 9", "Comparator: test conditions", _conditions),
        Topic(_VALIDATION, "Factor 10", "Equivalency of input parameters", _equivalency),
        Topic(_VALIDATION, "Factor 11", "Output comparison", _output),
        Topic(_APPLICABILITY, "Factor 12", "Relevance of the quantities of interest", _relevance),
        Topic(
            _APPLICABILITY, "Factor 13", "Relevance of the validation to the context of use",
            _RELEVANCE_OF_ACTIVITIES,
        ),
    ),
)  # fmt: skip
"""The list."""
