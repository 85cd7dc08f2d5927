"""``gate`` and ``baseline``: whether a recommender is worse than it was."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict, Unpack, cast

from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario
from scenarios.trust import check_trusted, own_modules
from sim.front.gate_results import Gate, Recorded
from sim.front.reports.of_gate import gate_report
from sim.front.reports.written import check_ending, write_report
from sim.front.scenario import Changes, overrides, with_recommender
from sim.recommenders.own import try_out
from sim.replicates.subgroup_effects import USUAL, read_split
from sim.study.gate import documents
from sim.study.gate.advised import advised_arm
from sim.study.gate.baseline import Baseline, Terms
from sim.study.gate.baseline_file import (
    check_replaceable,
    check_scenario,
    has_anchor,
    read_baseline,
    write_baseline,
)
from sim.study.gate.criteria import Margins
from sim.study.gate.defaults import ADDED_MARGIN, ALPHA, MARGIN, POWER, REPLICATES, RIVAL
from sim.study.gate.gate import record_baseline, run_gate
from sim.study.gate.kept import scores_kept
from sim.study.gate.measures import changed_margins, default_margins, measure_margins
from sim.study.identity.same import check_repeated
from sim.study.setting import How, Setting, set_up
from sim.study.store.folder import check_new_file, checked, write_whole

Measures = Mapping[str, float | None] | Sequence[str]


class Kept(TypedDict, total=False):
    """How a gate is run; all have defaults.

    ``jobs``
        Number of workers, at least 1; as many as there are cores.
    ``out``
        Folder that keeps the replicates until the verdict, or the baseline, is there. If it has
        those of an interrupted gate of the same scenario and code, that is gone on with. None is
        kept by default.
    ``progress``
        Whether progress is shown; true.
    ``command``, ``repeat``
        See :class:`sim.study.setting.How`.
    """

    jobs: int | None
    out: str | Path | None
    progress: bool
    command: Sequence[str]
    repeat: str


def baseline(
    file: str | Path,
    scenario: str = "selfback_2021",
    changes: Changes = (),
    *,
    recommender: str | None = None,
    rival: str = RIVAL,
    margin: float = MARGIN,
    added_margin: float = ADDED_MARGIN,
    measures: Measures = (),
    anchor: str | Path | None = None,
    replicates: int = REPLICATES,
    overwrite: bool = False,
    trust: bool = False,
    **how: Unpack[Kept],
) -> Recorded:
    """Record the effect of a recommender in a file, for :func:`gate` to test against.

    Parameters
    ----------
    file, overwrite
        Where to write it, and whether to replace one.
    scenario, changes
        Name in the library or file, and what is changed.
    recommender
        Built-in name, module:attribute, entry point or address; the scenario's own by default.
    rival
        The same of the recommender over whose effect this one's is looked at, too.
    margin, added_margin
        Losses to look for, as a share of the effect and of what is added to the rival's, above 0
        and below 1.
    measures
        Name of a measure to the loss to look for in its own unit, None not to test it; see
        :data:`sim.study.gate.measures.MEASURES`. Or texts as ``--measure`` takes them.
    anchor
        File of an earlier baseline, such as ``file``. Its anchor is kept; if it has none it becomes
        that.
    replicates
        The most that a gate may use, at least 15.
    trust
        Whether code that is named may be run when ``selfback resume`` gives the command again.
    how
        See :class:`Kept`.

    Raises
    ------
    InputError
        If the scenario is not valid, the recommender cannot be reached, a replicate fails, the
        recommender has no effect, or the file cannot be written.
    """
    _check_shares(margin=margin, added_margin=added_margin)
    target, given = Path(file), overrides(changes)
    terms = Terms(
        margin, added_margin, changed_margins(default_margins(), measure_margins(measures)), rival
    )
    check_new_file("--make", target, overwrite=overwrite)
    if target.exists():
        check_replaceable(target)
    read, against = _strict(scenario, given, recommender), _strict(scenario, given, rival)
    before = None if anchor is None else _anchor(Path(anchor), read, scenario)
    setting = _setting(how, trust=trust)
    _check_apart({"--make": target}, setting)
    if anchor is None and target.exists() and has_anchor(target):
        setting.tell(f"the anchor of {target} is given up: --anchor {target} would keep it")
    for one in (read, against):
        check_repeated(one, setting)
        try_out(one)
    asked = {"make": "", "rival": against.mechanisms.recommender.model_dump(mode="json")}
    with scores_kept(read, setting, replicates=replicates, asked=asked) as kept:
        with setting.progress(f"simulating {read.name}") as advance:
            made = record_baseline(
                read,
                scenario,
                given,
                recommender,
                terms=terms,
                rival=against,
                replicates=replicates,
                executor=setting.executor,
                on_progress=advance,
                kept=kept,
                anchor=before,
            )
        write_baseline(made, target)
    return Recorded(target, made, read)


def gate(
    baseline: str | Path,
    scenario: str | None = None,
    changes: Changes = (),
    *,
    recommender: str | None = None,
    margin: float | None = None,
    added_margin: float | None = None,
    measures: Measures = (),
    alpha: float = ALPHA,
    power: float = POWER,
    junit: str | Path | None = None,
    markdown: str | Path | None = None,
    report: str | Path | None = None,
    trust: bool = False,
    **how: Unpack[Kept],
) -> Gate:
    """Say whether a recommender is worse than it was, on common random numbers.

    Parameters
    ----------
    baseline
        File that :func:`baseline` made.
    scenario, changes, recommender, margin, added_margin
        As in the baseline by default.
    measures
        What is to be tested otherwise than the baseline says, as :func:`baseline` takes it.
    alpha
        False alarms where nothing is lost: a share of at most this, of all tests together.
    power
        Probability of noticing a loss of a margin: at least this.
    junit, markdown, report
        Files to write the verdict to; the ending of a report chooses its format, ``.html``,
        ``.pdf`` or ``.docx``.
    trust
        Whether modules that the baseline names may be run.
    how
        See :class:`Kept`.

    Raises
    ------
    InputError
        If the baseline cannot be used or names modules that are not trusted, the recommender
        cannot be reached, or a report cannot be written.
    """
    _check_shares(margin=margin, added_margin=added_margin)
    started, file = time.monotonic(), Path(baseline)
    reports = {
        option: Path(made)
        for option, made in (("--junit", junit), ("--markdown", markdown), ("--report", report))
        if made is not None
    }
    _check_reports(reports, file)
    if "--report" in reports:
        check_ending("--report", reports["--report"])
    changed = measure_margins(measures)
    before = read_baseline(file)
    name = before.scenario if scenario is None else scenario
    given = [*before.overrides, *overrides(changes)]
    check_scenario(before, file, load_scenario(name, given), name)
    read = _strict(name, given, recommender or before.target)
    asked = [] if scenario is None else own_modules(load_scenario(scenario))
    said = "\n".join([*overrides(changes), recommender or ""])
    asked += [module for module in own_modules(read) if module in said]
    check_trusted(read, file, trust=trust, asked=asked)
    setting = _setting(how, trust=True)  # what its baseline names was looked at
    _check_apart(reports, setting)
    try_out(read)
    asked_of = {"baseline": before.sha256, "by": list(USUAL)}
    most = len(before.replicates)
    with (
        scores_kept(read, setting, replicates=most, asked=asked_of) as kept,
        setting.progress(f"simulating {read.name}") as advance,
    ):
        found = run_gate(
            before,
            read,
            margins=Margins(
                before.margin if margin is None else margin,
                before.added_margin if added_margin is None else added_margin,
                changed_margins(before.measures, changed),
            ),
            alpha=alpha,
            beta=1.0 - power,
            splits=tuple(read_split(text, read) for text in USUAL),
            executor=setting.executor,
            on_progress=advance,
            kept=kept,
        )
    if "--markdown" in reports:
        write_whole(reports["--markdown"], documents.markdown(found, before))
    if "--junit" in reports:
        took = time.monotonic() - started
        write_whole(reports["--junit"], documents.junit(found, before, took))
    if "--report" in reports:
        write_report(gate_report(Gate(found, before), read, file), reports["--report"])
    return Gate(found, before)


def _check_shares(**given: float | None) -> None:
    for name, share in given.items():
        if share is not None and not 0.0 < share < 1.0:
            raise InputError(f"{name} = {share!r} is not allowed: must be above 0 and below 1")


def _setting(how: Kept, *, trust: bool) -> Setting:
    return set_up(cast("How", {**how, "trust": trust}))


def _check_reports(reports: dict[str, Path], baseline: Path) -> None:
    """Refuse reports that cannot be written, or would overwrite another file of the gate."""
    taken = {baseline.resolve(): "the baseline"}
    for option, made in reports.items():
        check_new_file(option, made, overwrite=True)
        if made.resolve() in taken:
            raise InputError(f"{option} {made} is {taken[made.resolve()]}: name another file")
        taken[made.resolve()] = f"the file of {option}"


def _check_apart(files: Mapping[str, Path], setting: Setting) -> None:
    """Refuse a file in the folder of the replicates, which is removed in the end."""
    if not setting.place.kept:
        return
    folder = setting.place.path.resolve()
    for option, made in files.items():
        if folder in (made.resolve(), *made.resolve().parents):
            raise InputError(
                f"{option} {made} is in {setting.place.name}, which is removed in the end: name "
                "another file"
            )
    if setting.place.remote is None:
        checked(setting.place.path)


def _anchor(file: Path, scenario: Scenario, name: str) -> Baseline:
    """Read the baseline that is, or has, the anchor, and see that it is of this scenario."""
    found = read_baseline(file, any_version=True)
    check_scenario(found, file, scenario, name)
    return found


def _strict(name: str, given: Sequence[str], recommender: str | None) -> Scenario:
    """Read the scenario such that no fallback plan hides failures of its recommender."""
    if recommender is None:
        scenario = load_scenario(name, given)
    else:
        scenario = with_recommender(recommender, name, given)
    advised_arm(scenario)
    strict = scenario.mechanisms.recommender.model_copy(update={"on_failure": "fail"})
    return scenario.model_copy(update={"recommender": strict})
