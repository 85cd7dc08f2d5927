"""What the records of a study tell; every part of it may be absent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pandas as pd

from analysis.contrasts.labels import kind_of, name_of
from analysis.replicates.performance import performance
from scenarios.analyses.register import primary_contrast
from scenarios.loading.provenance import Parameter

_PAIRED = ("quantity", "design", "reference", "difference", "mcse")
_NOTHING: Mapping[str, Any] = MappingProxyType({})
CENTRAL = (0.025, 0.975)
"""Quantiles of a simulated range."""


@dataclass(frozen=True, slots=True)
class Range:
    """A count over replicates.

    Attributes
    ----------
    median, lower, upper
        Median, and quantiles of :data:`CENTRAL`.
    replicates
        That have the count.
    """

    median: float
    lower: float
    upper: float
    replicates: int


@dataclass(frozen=True, slots=True)
class Measure:
    """A performance measure of the primary analysis.

    Attributes
    ----------
    contrast
        What is compared; '' for the only contrast of two arms.
    name
        Of the measure, see :func:`analysis.replicates.performance.performance`.
    value, mcse
        The value, and its Monte Carlo standard error.
    n
        Replicates behind it.
    """

    contrast: str
    name: str
    value: float
    mcse: float
    n: int


@dataclass(frozen=True, slots=True)
class Finding:
    """The estimate of the primary analysis in a single trial, with its confidence limits."""

    contrast: str
    estimate: float
    lower: float
    upper: float
    p: float
    n: int


@dataclass(frozen=True, slots=True)
class PowerAt:
    """Power of an analysis at one design, with its 95% Monte Carlo interval.

    Attributes
    ----------
    where
        The values that were set there, or the sample size found.
    analysis
        Its name in tables.
    power, lower, upper, replicates
        The share of so many trials, and Wilson's limits.
    """

    where: str
    analysis: str
    power: float
    lower: float
    upper: float
    replicates: int


@dataclass(frozen=True, slots=True)
class Paired:
    """A difference between two designs, paired by replicate, with its Monte Carlo SE."""

    quantity: str
    design: str
    reference: str
    difference: float
    mcse: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many published numbers of a role lie inside their simulated intervals."""

    role: str
    targets: int
    inside: int


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """What the records of a study tell. Make it with :func:`study_facts`.

    Attributes
    ----------
    command
        Arguments after the program's name, as they were given; () where they are not recorded.
    kind
        First of them: ``run``, ``power`` and so on; '' if it is not known.
    seed, replicates, first_replicate, failed
        Root seed, how many trials were simulated, number of the first, how many of them failed.
    scenario_hash, code_hash, git_revision, processor, blas, python, executor, jobs, started
        As in the manifest; '' or None where it says nothing.
    duration
        Of the study, seconds.
    packages
        Versions of the software, by distribution.
    tables
        Names of the files that the manifest vouches for.
    flow
        Stage to count.
    looks_stopped
        Decision of the last look held, to the number of trials that it ended.
    measures
        Of the primary analysis at the primary visit.
    findings
        Of a single trial, in place of measures.
    powers, differences
        Of a power study, or a search; of a comparison.
    draws
        From a calibration's posterior, at which trials are simulated; None without.
    analysed
        Participants in the primary analysis.
    fits, fits_failed
        Analyses over all replicates and estimates, and those without an estimate.
    reasons
        Why fits failed, and how often, the most frequent first.
    with_truth
        Whether true effects are known.
    varied
        Key to the values that a power study crosses.
    designs
        What is compared, by the name of the design: its scenario and changes.
    target
        Power of a sample size search.
    agreement
        With published numbers, by role.
    parameters
        Of the scenario, with their sources; () where these are not known.
    """

    command: tuple[str, ...] = ()
    kind: str = ""
    seed: int | None = None
    replicates: int | None = None
    first_replicate: int = 0
    failed: int | None = None
    scenario_hash: str = ""
    code_hash: str = ""
    git_revision: str = ""
    processor: str = ""
    blas: str = ""
    python: str = ""
    executor: str = ""
    jobs: int | None = None
    started: str = ""
    duration: float | None = None
    packages: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[str, ...] = ()
    flow: Mapping[str, Range] = field(default_factory=dict)
    looks_stopped: Mapping[str, int] = field(default_factory=dict)
    measures: tuple[Measure, ...] = ()
    findings: tuple[Finding, ...] = ()
    powers: tuple[PowerAt, ...] = ()
    differences: tuple[Paired, ...] = ()
    draws: int | None = None
    analysed: Range | None = None
    fits: int | None = None
    fits_failed: int | None = None
    reasons: Mapping[str, int] = field(default_factory=dict)
    with_truth: bool = False
    varied: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    designs: Mapping[str, str] = field(default_factory=dict)
    target: float | None = None
    agreement: tuple[Agreement, ...] = ()
    parameters: tuple[Parameter, ...] = ()

    @property
    def there(self) -> bool:
        """Whether there is a study at all."""
        return self.replicates is not None


NO_STUDY = StudyFacts()
"""Nothing was simulated yet."""


def study_facts(
    manifest: Mapping[str, Any] | None = None,
    tables: Mapping[str, pd.DataFrame] = _NOTHING,
    results: Mapping[str, Any] = _NOTHING,
    parameters: Sequence[Parameter] = (),
) -> StudyFacts:
    """Return the facts of a study of any kind.

    Parameters
    ----------
    manifest
        Of the folder; None where nothing was simulated.
    tables
        Those of ``estimates``, ``flow``, ``looks`` and ``truth`` that there are, and
        ``performance``: measures of all analyses of the primary outcome, with the truth where it
        is known (:func:`sim.front.performance.performance`). Without it the measures that need no
        truth are made from ``estimates``.
    results
        What the folder's own JSON file says: of power, search, comparison or validation.
    parameters
        Of the scenario, with sources (:func:`scenarios.loading.provenance.provenance`).
    """
    said = manifest or _NOTHING
    command = tuple(str(word) for word in said.get("command") or ())[1:]
    plan = said.get("scenario", _NOTHING).get("analysis", _NOTHING)
    estimates = tables.get("estimates")
    fits, fits_failed, reasons = _fits(estimates)
    single = said.get("replicates") == 1
    return StudyFacts(
        command=command,
        # A single trial keeps neither its command nor what makes a study of it.
        kind=command[0] if command else "trial" if single and "study" not in said else "",
        seed=said.get("seed"),
        replicates=said.get("replicates"),
        first_replicate=int(said.get("first_replicate", 0)),
        failed=said.get("failed"),
        **{
            key: str(said.get(key) or "")
            for key in (
                "scenario_hash", "code_hash", "git_revision", "processor", "blas", "python",
                "executor", "started",
            )
        },
        jobs=said.get("jobs"),
        duration=said.get("duration"),
        packages=dict(said.get("packages") or {}),
        tables=tuple(said.get("tables") or ()),
        flow=_flow(tables.get("flow")),
        looks_stopped=_stopped(tables.get("looks"), plan),
        measures=() if single else _measures(tables.get("performance"), estimates, plan),
        findings=_findings(estimates, plan) if single else (),
        powers=_powers(results),
        differences=tuple(
            Paired(*(each[key] for key in _PAIRED))
            for each in results.get("differences") or ()
            if each["difference"] is not None  # of what only one of the designs has
        ),
        draws=results.get("posterior_draws"),
        analysed=_analysed(estimates, plan),
        fits=fits,
        fits_failed=fits_failed,
        reasons=reasons,
        with_truth=any(name.startswith("truth") for name in (*tables, *(said.get("tables") or ()))),
        varied={key: tuple(values) for key, values in dict(results.get("vary") or {}).items()},
        designs=_designs(results),
        target=_target(results),
        agreement=tuple(
            Agreement(str(each["role"]), int(each["targets"]), int(each["inside"]))
            for each in results.get("agreement") or ()
        ),
        parameters=tuple(parameters),
    )  # fmt: skip


def _flow(table: pd.DataFrame | None) -> dict[str, Range]:
    if table is None or table.empty:
        return {}
    found = {}
    for stage, counts in table.groupby("stage", sort=False)["count"]:
        found[str(stage)] = _range(counts)
    return found


def _range(counts: pd.Series) -> Range:
    lower, upper = (float(counts.quantile(share)) for share in CENTRAL)
    return Range(float(counts.median()), lower, upper, len(counts))


def _findings(estimates: pd.DataFrame | None, plan: Mapping[str, Any]) -> tuple[Finding, ...]:
    if estimates is None or "primary_analysis" not in plan:
        return ()
    mine = _of_primary(estimates, plan)
    return tuple(
        Finding(
            name_of(row["contrast"]), float(row["estimate"]), float(row["lower"]),
            float(row["upper"]), float(row["p"]), int(row["n"]),
        )
        for row in mine[mine["converged"].astype(bool)].to_dict("records")
    )  # fmt: skip


def _analysed(estimates: pd.DataFrame | None, plan: Mapping[str, Any]) -> Range | None:
    if estimates is None or "primary_analysis" not in plan:
        return None
    mine = _of_primary(estimates, plan)
    counts = mine[mine["converged"].astype(bool)].groupby("replicate")["n"].max()
    return None if counts.empty else _range(counts)


def _powers(results: Mapping[str, Any]) -> tuple[PowerAt, ...]:
    found = []
    for cell in results.get("cells") or ():
        where = ", ".join(f"{key} {value}" for key, value in dict(cell["point"]).items())
        found.append(_power_at(where, str(cell["analysis"]), cell["power"]))
    if results.get("verified"):
        series = str(dict(results["question"]).get("analysis", ""))
        found.append(_power_at(f"{results['size']} participants", series, results["verified"]))
    return tuple(found)


def _power_at(where: str, analysis: str, said: Mapping[str, Any]) -> PowerAt:
    power, lower, upper = (float(said[key]) for key in ("power", "lower", "upper"))
    return PowerAt(where, analysis, power, lower, upper, int(said["replicates"]))


def _fits(estimates: pd.DataFrame | None) -> tuple[int | None, int | None, dict[str, int]]:
    if estimates is None:
        return None, None, {}
    failed = estimates.loc[~estimates["converged"].astype(bool), "failure"]
    counts = failed.fillna("no reason recorded").value_counts()
    return len(estimates), len(failed), {str(why): int(count) for why, count in counts.items()}


def _stopped(looks: pd.DataFrame | None, plan: Mapping[str, Any]) -> dict[str, int]:
    """Return how the trials ended by the primary analysis, where all have one contrast."""
    if looks is None or looks.empty or "primary_analysis" not in plan:
        return {}
    mine = looks[looks["analysis"] == plan["primary_analysis"]]
    if mine.empty or len(mine["contrast"].unique()) > 1:
        return {}
    last = mine.sort_values("look").groupby("replicate").tail(1)
    return {str(end): int(count) for end, count in last["decision"].value_counts().items()}


def _measures(
    made: pd.DataFrame | None, estimates: pd.DataFrame | None, plan: Mapping[str, Any]
) -> tuple[Measure, ...]:
    if "primary_analysis" not in plan:
        return ()
    table = made
    if table is None and estimates is not None and not estimates.empty:
        table = performance(_of_primary(estimates, plan))
    if table is None or table.empty:
        return ()
    return tuple(
        Measure(
            name_of(row["contrast"]), row["measure"], float(row["value"]), float(row["mcse"]),
            int(row["n"]),
        )
        for row in _of_primary(table, plan).to_dict("records")
        if pd.notna(row["value"])
    )  # fmt: skip


def _of_primary(table: pd.DataFrame, plan: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows of the contrasts on which the primary analysis decides."""
    keys = {"analysis": "primary_analysis", "outcome": "primary_outcome", "visit": "primary_visit"}
    chosen = pd.Series(data=True, index=table.index)
    for column, key in keys.items():
        chosen &= table[column] == plan[key]
    decides = primary_contrast(plan["primary_analysis"])
    return table[chosen & (table["contrast"].map(kind_of) == decides)]


def _designs(results: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for each in results.get("designs") or ():
        changes = ", ".join(each.get("overrides") or ())
        found[str(each["design"])] = f"{each['scenario']}{f' with {changes}' if changes else ''}"
    return found


def _target(results: Mapping[str, Any]) -> float | None:
    target = dict(results.get("question") or {}).get("target")
    return None if target is None else float(target)
