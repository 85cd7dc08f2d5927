"""``selfback assurance``: power averaged over a calibration's posterior sample."""

from pathlib import Path

from scenarios.loading.layers import merge
from scenarios.loading.load import load_scenario
from sim.cli.commands.study_options import StudyOptions
from sim.cli.output import print_json, say, stdout_console
from sim.cli.progress import show_progress
from sim.study.designs.assurance import ASSURANCE, SETS, ParameterSets, run_assurance
from sim.study.designs.posterior import posterior_overrides


def assurance(
    scenario: str,
    overrides: list[str],
    options: StudyOptions,
    *,
    posterior: Path,
    sets: int | None,
    each: int,
    analysis: str | None,
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
    out = options.folder(f"{name}_assurance")
    found = run_assurance(
        ParameterSets(scenario, tuple(overrides), tuple(changes), each, decides),
        executor=options.executor(),
        out=out,
        overwrite=options.overwrite,
        jobs=options.workers,
        progress=lambda label: show_progress(f"simulating {label}"),
    )
    if found.failed:
        say(f"{found.failed} trials failed; a failure is no success")
    if options.as_json:
        print_json({"directory": str(out), **found.to_dict()})
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
