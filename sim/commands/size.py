"""``selfback power --target``: the sample size that a power takes."""

from pathlib import Path

import joblib

from analysis.figures_power import draw_search
from analysis.report_trial import print_table
from analysis.tables import TextTable
from sim.commands.output import say, stdout_console
from sim.commands.power import share
from sim.commands.progress import show_progress
from sim.commands.run import default_folder
from sim.study.executors import make_executor
from sim.study.json_text import json_text
from sim.study.size_search import SEARCH, TRIALS, Answer, Question, search_size

FIGURE = "search.png"


def size(
    question: Question,
    *,
    verify: int,
    jobs: int | None,
    out: Path | None,
    overwrite: bool,
    as_json: bool,
) -> int:
    """Search the size, print it and return the exit code.

    Raises
    ------
    InputError
        If the power is not to be had, or the folder cannot be made.
    """
    jobs = joblib.cpu_count() if jobs is None else jobs
    name = question.scenario(question.smallest).name
    out = default_folder(f"{name}_size") if out is None else out
    with show_progress(f"searching the size of {name}") as advance:
        found = search_size(
            question,
            verify=verify,
            executor=make_executor("joblib", jobs),
            out=out,
            overwrite=overwrite,
            jobs=jobs,
            on_progress=advance,
            finish=lambda answer, curve, folder: draw_search(
                answer.to_dict(), curve, question.target, folder / FIGURE
            ),
        )
    if not found.settled:
        say(
            f"after {found.trials} trials the error of power is {found.power_error:.4f}, not "
            f"{question.tolerance:g}: allow more with --most"
        )
    if as_json:
        print(json_text({"directory": str(out), **found.to_dict()}))  # noqa: T201
        return 0
    _print(found, question, name)
    say(f"{TRIALS}, {SEARCH} and {FIGURE} are in {out}")
    return 0


def _print(found: Answer, question: Question, name: str) -> None:
    console = stdout_console()
    rows: list[tuple[str, ...]] = [
        (str(step["size"]), str(step["trials"]), f"{step['rejected'] / step['trials']:.3f}")
        for step in found.rounds
    ]
    title = f"{name}: search for power {question.target:g} of {question.analysis}"
    print_table(TextTable(title, ("sample size", "trials", "rejected"), rows), console)
    checked = found.verified
    gap = checked.power - question.target
    own = checked.power * (1.0 - checked.power) / checked.replicates
    error = (found.power_error**2 + own) ** 0.5
    console.print(
        f"\nSample size {found.size} (95% limits {found.lower:.0f} to {found.upper:.0f}) from "
        f"{found.trials} trials.\nFitted power there {question.target:g}, Monte Carlo standard "
        f"error {found.power_error:.4f}.\nVerified at seed {found.verified_seed} with "
        f"{checked.replicates} trials: {share(checked)}, {gap:+.3f} from the "
        f"target with standard error {error:.3f} of search and verification."
    )
