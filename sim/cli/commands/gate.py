"""``selfback gate``: record the effect of a recommender, and test one against such a record."""

import time
from collections.abc import Sequence
from pathlib import Path

from analysis.report.report_trial import print_table
from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario
from sim.cli.commands.recommender import scenario_with
from sim.cli.commands.study_options import StudyOptions
from sim.cli.output import print_json, say, stdout_console
from sim.cli.progress import show_progress
from sim.recommenders.own import try_out
from sim.replicates.subgroup_effects import USUAL, read_split
from sim.study.folder import check_new_file, write_whole
from sim.study.gate import report
from sim.study.gate.baseline import (
    Baseline,
    check_has_app,
    check_replaceable,
    check_scenario,
    read_baseline,
    write_baseline,
)
from sim.study.gate.gate import GateResult, margin_in_points, record_baseline, run_gate

EXIT_CODES = {"pass": 0, "fail": 1, "inconclusive": 3}


def make(
    file: Path,
    name: str,
    overrides: Sequence[str],
    options: StudyOptions,
    *,
    recommender: str | None,
    margin: float,
    replicates: int,
) -> int:
    """Record a baseline, print what is in it and return the exit code.

    Raises
    ------
    InputError
        If the scenario or the recommender cannot be had, a replicate fails, the recommender has no
        effect, or the file cannot be written.
    """
    check_new_file("--make", file, overwrite=options.overwrite)
    if file.exists():
        check_replaceable(file)
    scenario = _scenario(name, overrides, recommender)
    with show_progress(f"simulating {scenario.name}") as advance:
        baseline = record_baseline(
            scenario,
            name,
            overrides,
            recommender,
            margin=margin,
            replicates=replicates,
            executor=options.executor(),
            on_progress=advance,
        )
    write_baseline(baseline, file)
    points = margin_in_points(baseline, margin)
    if options.as_json:
        content = {
            "file": str(file),
            "scenario": baseline.scenario,
            "seed": baseline.seed,
            "recommender": scenario.recommender.kind,
            "effect": baseline.effect,
            "effect_error": baseline.effect_error,
            "margin": points,
            "replicates": replicates,
        }
        print_json(content)
        return 0
    stdout_console().print(
        f"{scenario.recommender.kind} of {name}: effect {baseline.effect:.4f} on "
        f"{baseline.outcome} at {baseline.visit} (standard error {baseline.effect_error:.4f}) in "
        f"{replicates} replicates; margin {points:.4f} points",
        soft_wrap=True,
        markup=False,
    )
    say(f"the baseline is in {file}: put it under version control")
    return 0


def gate(
    file: Path,
    name: str | None,
    overrides: Sequence[str],
    options: StudyOptions,
    *,
    recommender: str | None,
    margin: float | None,
    alpha: float,
    power: float,
    junit: Path | None,
    markdown: Path | None,
) -> int:
    """Test a recommender against a baseline, print the verdict and return its exit code.

    What is not said is as in the baseline: the scenario, the recommender, the margin.

    Raises
    ------
    InputError
        If the baseline cannot be used, the recommender cannot be had, or a report cannot be
        written.
    """
    started = time.monotonic()
    taken = {file.resolve(): "the baseline"}
    for option, made in (("--junit", junit), ("--markdown", markdown)):
        if made is None:
            continue
        check_new_file(option, made, overwrite=True)
        if made.resolve() in taken:
            raise InputError(f"{option} {made} is {taken[made.resolve()]}: name another file")
        taken[made.resolve()] = f"the file of {option}"
    baseline = read_baseline(file)
    name = baseline.scenario if name is None else name
    overrides = [*baseline.overrides, *overrides]
    check_scenario(baseline, file, load_scenario(name, overrides), name)
    scenario = _scenario(name, overrides, recommender or baseline.target)
    with show_progress(f"simulating {scenario.name}") as advance:
        found = run_gate(
            baseline,
            scenario,
            share=baseline.margin if margin is None else margin,
            alpha=alpha,
            beta=1.0 - power,
            splits=tuple(read_split(text, scenario) for text in USUAL),
            executor=options.executor(),
            on_progress=advance,
        )
    if markdown is not None:
        write_whole(markdown, report.markdown(found, baseline))
    if junit is not None:
        write_whole(junit, report.junit(found, baseline, time.monotonic() - started))
    if options.as_json:
        print_json(report.to_dict(found, baseline))
    else:
        _print(found, baseline)
    return EXIT_CODES[found.verdict]


def _scenario(name: str, overrides: Sequence[str], recommender: str | None) -> Scenario:
    """Read the scenario; its recommender can be had, and no fallback plan hides its failures."""
    if recommender is None:
        scenario = load_scenario(name, overrides)
    else:
        scenario = scenario_with(recommender, name, overrides)
    check_has_app(scenario)
    strict = scenario.recommender.model_copy(update={"on_failure": "fail"})
    scenario = scenario.model_copy(update={"recommender": strict})
    try_out(scenario)
    return scenario


def _print(found: GateResult, baseline: Baseline) -> None:
    console = stdout_console()
    rows = report.effect_rows(found, baseline)
    title = f"{found.recommender} of {baseline.scenario}: {found.outcome} at {found.visit}"
    lines = [title, *(f"{name:<24}{value}" for name, value in rows)]
    console.print("\n".join(lines), soft_wrap=True, markup=False)
    if found.patients:
        print_table(report.patients_table(found), console)
        console.print(f"\n{report.patients_note(found)}", markup=False)
    if found.changed:
        console.print(f"\nChanged in [recommender]: {'; '.join(found.changed)}", markup=False)
    console.print(f"\n{report.sentence(found, baseline)}", soft_wrap=True, markup=False)
