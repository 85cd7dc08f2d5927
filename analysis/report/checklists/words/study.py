"""What was simulated, with what, and what came of it, in sentences."""

import math
from collections import Counter

from analysis.report.checklists.facts import Measure, Range, StudyFacts
from analysis.report.checklists.words.wording import counted, listed, share
from analysis.report.numbers import fixed, significant

SIMPY = "SimPy"
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
    "trial": "one trial",
}
"""What studies of each command are."""
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
    if facts.varied:
        told = [f"{key} ({listed(map(str, values))})" for key, values in facts.varied.items()]
        crossed = ", fully crossed" if len(told) > 1 else ""
        return f"Varied: {listed(told)}{crossed}."
    if facts.designs:
        which = listed(f"{name}: {what}" for name, what in facts.designs.items())
        return f"Designs compared: {which}."
    return ""


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
    error = "" if math.isnan(each.mcse) else f" (Monte Carlo SE {_value(each, each.mcse)})"
    return f"{_MEASURES[each.name]} {_value(each, each.value)}{error}"


def _value(each: Measure, value: float) -> str:
    return f"{fixed(100.0 * value, 1)}%" if each.name in _SHARES else significant(value, 3)


def ranged(counts: Range) -> str:
    """Return a simulated count: its median and the central range of the replicates."""
    middle = significant(counts.median, 6)
    if counts.replicates == 1:
        return middle
    return f"{middle} ({significant(counts.lower, 6)} to {significant(counts.upper, 6)})"


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


def sources(facts: StudyFacts) -> str:
    """Return how many parameters have a source of each kind; '' where sources are not known."""
    if not facts.parameters:
        return ""
    kinds = Counter(kind_of_source(each.source) for each in facts.parameters)
    told = [f"{kind} {count}" for kind, count in kinds.most_common()]
    return f"Of {len(facts.parameters)} parameters the source is: {', '.join(told)}."


def kind_of_source(source: str) -> str:
    """Return the kind of a parameter's source."""
    first = source.strip()
    return next(
        (word for begins, word in SOURCES.items() if first.startswith(begins)),
        "another source" if first else "not stated",
    )
