"""What was simulated, with what, and what came of it, in sentences."""

import math
from collections import Counter
from collections.abc import Sequence

from analysis.report.checklists.facts import Measure, Range, StudyFacts
from analysis.report.checklists.words.wording import counted, listed, share
from analysis.report.numbers import fixed, p_value, significant
from scenarios.loading.identity import CONDUCT
from scenarios.loading.provenance import Parameter
from scenarios.mechanisms import MECHANISTIC
from scenarios.people.plain_course import NormalCourse
from scenarios.schema import Scenario

KINDS = {
    "run": "replication of one design",
    "power": "power over a grid of designs, or a search for a sample size",
    "compare": "comparison of designs on common random numbers",
    "validate": "comparison with published numbers",
    "calibrate": "calibration of free parameters to published numbers",
    "gate": "test whether a recommender has become worse",
    "assurance": "power over a distribution of parameters",
    "components": "share of the effect that each component carries",
    "subgroups": "effects in subgroups",
    "sensitivity": "which parameters move the true effect, each by itself",
    "trial": "one trial",
}
"""What studies of each command are."""
VARIED_BY = {
    "assurance": "Varied: free parameters, by draws from the posterior of their calibration.",
    "sensitivity": "Varied: each parameter by itself, down and up.",
}
"""What studies of a command vary, whatever they are asked."""
_MEASURES = {
    "power": "power", "against": "rejected against", "rejected": "rejected on either side",
    "bias": "bias", "empirical_se": "empirical SE", "model_se": "model SE",
    "coverage": "coverage", "bias_eliminated_coverage": "bias-eliminated coverage",
    "convergence": "convergence",
}  # fmt: skip
_SHARES = frozenset(
    ("power", "against", "rejected", "coverage", "bias_eliminated_coverage", "convergence")
)
_SHOWN_REASONS = 3
_SHOWN_CONTRASTS = 4
_SHOWN_CELLS = 12
_SHOWN_KEYS = 12
_PAIRED = ("true effect", "estimate", "bias", "rejected in favour", "rejected against")


def replicates(facts: StudyFacts) -> str:
    """Return how many trials were simulated."""
    count = facts.replicates or 0
    if count == 1:
        return f"One trial was simulated (replicate {facts.first_replicate})."
    last = facts.first_replicate + count - 1
    return (
        f"{count:,} trials were simulated (replicates {facts.first_replicate} to {last})"
        + (" in each cell" if facts.varied else " of each design" if facts.designs else "")
        + "."
    )


def failures(facts: StudyFacts) -> str:
    """Return how many replicates and fits failed, and why."""
    parts = []
    if facts.failed is not None:
        count = facts.failed
        parts.append(f"{'None' if not count else f'{count:,}'} of the replicates failed.")
    if facts.fits:
        failed = facts.fits_failed or 0
        text = f"{failed:,} of {facts.fits:,} estimates over all analyses are missing"
        if facts.reasons:
            shown = list(facts.reasons.items())[:_SHOWN_REASONS]
            text += f", most often because: {listed(f'{why} ({n:,})' for why, n in shown)}"
        parts.append(f"{text}.")
    return " ".join(parts)


def seeds(facts: StudyFacts) -> str:
    """Return the seed, and how random streams are kept apart."""
    root = "" if facts.seed is None else f" (root seed {facts.seed})"
    return (
        f"Every draw is named by seed{root}, replicate, mechanism, person and occasion: streams "
        "are independent, any replicate can be simulated again alone, and results are the same for "
        "any number of workers. Designs compared share their draws (common random numbers)."
    )


def software(facts: StudyFacts) -> str:
    """Return the versions of the software."""
    packages = [f"{name} {version}" for name, version in facts.packages.items()]
    python = f"Python {facts.python}" if facts.python else ""
    versions = listed([part for part in (python, *packages) if part])
    parts = [f"{versions}." if versions else ""]
    if facts.code_hash:
        parts.append(f"SHA-256 of the code {facts.code_hash}.")
    if facts.git_revision:
        parts.append(f"Git revision {facts.git_revision}.")
    return " ".join(part for part in parts if part)


def machine(facts: StudyFacts) -> str:
    """Return what it ran on, and how long."""
    parts = []
    if facts.processor:
        parts.append(f"Processor {facts.processor}.")
    if facts.blas:
        parts.append(f"Linear algebra by {facts.blas}.")
    if facts.jobs:
        on = f" on {facts.executor}" if facts.executor else ""
        parts.append(f"{counted(facts.jobs, 'worker')}{on}.")
    if facts.duration is not None:
        parts.append(f"Duration {significant(facts.duration, 3)} seconds.")
    return _capitals(parts)


def _capitals(parts: list[str]) -> str:
    return " ".join(part[:1].upper() + part[1:] for part in parts)


def aim(facts: StudyFacts) -> str:
    """Return what kind of question the study is made for; '' where that is not known."""
    if facts.target is not None:
        return f"a search for the sample size with a power of {share(facts.target)}"
    if facts.varied:
        return f"power over a grid of {listed(facts.varied)}"
    if facts.designs:
        which = listed(f"{name}: {what}" for name, what in facts.designs.items())
        return f"comparison of designs on common random numbers ({which})"
    return KINDS.get(facts.kind, "")


def factors(facts: StudyFacts) -> str:
    """Return what is varied; '' for nothing."""
    if facts.target is not None:
        return "Varied: the sample size, by a search."
    if facts.draws:
        return (
            f"Varied: free parameters, each trial at one of {facts.draws:,} draws from the "
            "posterior of their calibration."
        )
    if facts.varied:
        told = [f"{key} ({listed(map(str, values))})" for key, values in facts.varied.items()]
        crossed = ", fully crossed" if len(told) > 1 else ""
        return f"Varied: {listed(told)}{crossed}."
    if facts.designs:
        which = listed(f"{name}: {what}" for name, what in facts.designs.items())
        return f"Designs compared: {which}."
    return VARIED_BY.get(facts.kind, "")


def measures(facts: StudyFacts, names: tuple[str, ...] | None = None) -> str:
    """Return performance measures of the primary analysis with Monte Carlo errors; '' for none."""
    by_contrast: dict[str, list[str]] = {}
    for each in facts.measures:
        if each.name in _MEASURES and (names is None or each.name in names):
            by_contrast.setdefault(each.contrast, []).append(_measure(each))
    told = []
    for contrast, texts in list(by_contrast.items())[:_SHOWN_CONTRASTS]:
        told.append(f"{contrast}: {listed(texts)}" if contrast else listed(texts))
    more = len(by_contrast) - _SHOWN_CONTRASTS
    if more > 0:
        told.append(f"and {counted(more, 'further contrast')} in the table estimates")
    return "; ".join(told)


def _measure(each: Measure) -> str:
    name = _MEASURES[each.name]
    if each.name in _SHARES and each.value in {0.0, 1.0}:
        # The Monte Carlo SE of a share is 0 there, which says nothing of its error.
        return f"{name} in {'all' if each.value else 'none'} of {each.n:,}"
    error = "" if math.isnan(each.mcse) else f" (Monte Carlo SE {_value(each, each.mcse)})"
    return f"{name} {_value(each, each.value)}{error}"


def _value(each: Measure, value: float) -> str:
    return f"{fixed(100.0 * value, 1)}%" if each.name in _SHARES else significant(value, 3)


def performance(facts: StudyFacts, names: tuple[str, ...] | None = None) -> str:
    """Return what was found of performance, in sentences, with Monte Carlo errors; '' for nothing.

    Parameters
    ----------
    facts
        Of the study.
    names
        Measures of the primary analysis to tell; all by default.
    """
    parts = []
    if text := measures(facts, names):
        parts.append(f"Primary analysis over {facts.replicates or 0:,} simulated trials: {text}.")
    powers = [
        f"{each.where}: {fixed(100 * each.power, 1)}% ({fixed(100 * each.lower, 1)}% to "
        f"{fixed(100 * each.upper, 1)}%) in {each.replicates:,} trials by {each.analysis}"
        for each in facts.powers
    ]
    if powers:
        shown = powers[:_SHOWN_CELLS]
        more = len(powers) - len(shown)
        rest = f"; {counted(more, 'more cell')} in the table trials" if more else ""
        parts.append(f"Power (95% Monte Carlo interval) with {'; '.join(shown)}{rest}.")
    paired = [
        f"{each.quantity} {significant(each.difference, 3)} (Monte Carlo SE "
        f"{significant(each.mcse, 3)})"
        for each in facts.differences
        if (names is None or "bias" in names)
        and each.quantity in _PAIRED
        and not math.isnan(each.mcse)
    ]
    if paired:
        first = facts.differences[0]
        parts.append(
            f"Difference of {first.design} from {first.reference}, paired by replicate: "
            f"{'; '.join(paired)}."
        )
    return " ".join(parts)


def origin(facts: StudyFacts) -> str:
    """Return from where performance is told."""
    return "estimates" if facts.measures or facts.findings else "results of the study"


def finding(facts: StudyFacts) -> str:
    """Return the estimates of a single trial's primary analysis, '' where there are none."""
    told = [
        f"{f'{each.contrast}: ' if each.contrast else ''}{significant(each.estimate, 3)} "
        f"(confidence limits {significant(each.lower, 3)} and {significant(each.upper, 3)}, P "
        f"{p_value(each.p)}, {each.n} participants)"
        for each in facts.findings
    ]
    return f"Primary analysis of the simulated trial: {'; '.join(told)}." if told else ""


def ranged(counts: Range) -> str:
    """Return a simulated count: its median and the central range of the replicates."""
    middle = fixed(counts.median, 1).removesuffix(".0")
    if counts.lower == counts.upper:
        return middle
    return f"{middle} ({fixed(counts.lower, 0)} to {fixed(counts.upper, 0)})"


def agreement(facts: StudyFacts) -> str:
    """Return how many published numbers lie inside their simulated intervals; '' for none."""
    told = [
        f"{each.inside} of {each.targets} ({each.role})" for each in facts.agreement if each.targets
    ]
    if not told:
        return ""
    return f"Published numbers inside their simulated 95% intervals, by role: {listed(told)}."


SOURCES = {
    "assumption": "assumption", "paper": "paper of the trial", "derived": "derived",
    "literature": "other literature", "calibrated": "calibrated", "hand-set": "set by hand",
    "own choice": "own choice", "by design": "by design", "scale": "scale of an instrument",
    "--set": "set for this study",
}  # fmt: skip
"""How the source of a parameter begins, and what that means."""


def parameters(scenario: Scenario, facts: StudyFacts) -> list[Parameter]:
    """Return the parameters with a source that the scenario uses.

    How a run is done, and which kind of part is meant, are no parameters; of a plain course nor are
    the sections of a mechanistic one that it may have inherited.
    """
    plain = isinstance(scenario.course, NormalCourse)
    unused = {*CONDUCT, *((*MECHANISTIC, "care") if plain else ())}
    return [
        each
        for each in facts.parameters
        if each.key.replace("[", ".").split(".")[0] not in unused
        and (each.source or each.key.rpartition(".")[2] not in {"kind", "model"})
    ]


def sources(scenario: Scenario, facts: StudyFacts) -> str:
    """Return how many parameters have a source of each kind; '' where sources are not known."""
    every = parameters(scenario, facts)
    if not every:
        return ""
    kinds = Counter(kind_of_source(each.source) for each in every)
    told = [f"{kind} {count}" for kind, count in kinds.most_common()]
    return f"Sources of the {len(every)} parameters: {', '.join(told)}."


def of_kinds(scenario: Scenario, facts: StudyFacts, *kinds: str) -> list[Parameter]:
    """Return the parameters whose source is of some kinds."""
    return [e for e in parameters(scenario, facts) if kind_of_source(e.source) in kinds]


def keys(chosen: Sequence[Parameter]) -> str:
    """Return the keys of parameters; of many, how many each section has."""
    if len(chosen) <= _SHOWN_KEYS:
        return listed(each.key for each in chosen)
    sections = Counter(each.key.replace("[", ".").split(".")[0] for each in chosen)
    return listed(f"{section} {count}" for section, count in sections.most_common())


def kind_of_source(source: str) -> str:
    """Return the kind of a parameter's source."""
    first = source.strip()
    return next(
        (word for begins, word in SOURCES.items() if first.startswith(begins)),
        "another source" if first else "not stated",
    )
