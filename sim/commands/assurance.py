"""``selfback assurance``: power averaged over a calibration's posterior sample."""

from pathlib import Path

import joblib

from scenarios.layers import merge
from scenarios.load import load_scenario
from sim.commands.output import say, stdout_console
from sim.commands.progress import show_progress
from sim.commands.run import default_folder
from sim.study.assurance import ASSURANCE, SETS, ParameterSets, run_assurance
from sim.study.executors import make_executor
from sim.study.json_text import json_text
from sim.study.posterior import posterior_overrides


def assurance(
    scenario: str,
    overrides: list[str],
    *,
    posterior: Path,
    sets: int | None,
    each: int,
    analysis: str | None,
    jobs: int | None,
    out: Path | None,
    overwrite: bool,
    as_json: bool,
) -> int:
    """Simulate the parameter sets, print assurance beside power and return the exit code.

    Raises
    ------
    InputError
        If the sample does not fit the scenario, or the folder cannot be had.
    """
    read = load_scenario(scenario, overrides)
    name, decides = read.name, analysis or read.analysis.primary_analysis
    changes = posterior_overrides(posterior, merge(scenario, overrides).data, sets=sets)
    jobs = joblib.cpu_count() if jobs is None else jobs
    out = default_folder(f"{name}_assurance") if out is None else out
    found = run_assurance(
        ParameterSets(scenario, tuple(overrides), tuple(changes), each, decides),
        executor=make_executor("joblib", jobs),
        out=out,
        overwrite=overwrite,
        jobs=jobs,
        progress=lambda label: show_progress(f"simulating {label}"),
    )
    if found.failed:
        say(f"{found.failed} trials failed; a failure is no success")
    if as_json:
        print(json_text({"directory": str(out), **found.to_dict()}))  # noqa: T201
        return 0
    stdout_console().print(
        f"{name}: {found.sets} parameter sets of {posterior.name}, {found.each} trials of each\n"
        f"assurance   {found.assurance:.3f} ({found.assurance_error:.3f})\n"
        f"power       {found.power:.3f} ({found.power_error:.3f}) at the scenario's own "
        "parameters\n"
        f"difference  {found.difference:+.3f} ({found.difference_error:.3f})\n"
        f"Success: {decides} finds the intervention better, P below alpha. Monte Carlo standard "
        "errors in brackets."
    )
    say(f"{ASSURANCE}, {SETS} and both studies are in {out}")
    return 0
