"""``selfback power --target``: the sample size that a power takes."""

from collections.abc import Sequence

from analysis.figures.power import draw_search
from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
from scenarios.errors import InputError
from scenarios.loading.load import load_scenario
from sim.cli.commands.power import share
from sim.cli.commands.study_options import StudyOptions
from sim.cli.output import print_json, say, stdout_console
from sim.cli.progress import show_progress
from sim.study.designs.size_curve import Question
from sim.study.designs.size_search import SEARCH, TRIALS, Answer, search_size

FIGURE = "search.png"


def read_question(
    scenario: str,
    overrides: Sequence[str],
    analyses: Sequence[str],
    *,
    vary: Sequence[str],
    target: float,
    tolerance: float,
    sizes: str,
    most: int,
) -> Question:
    """Return what is searched, as the options of ``selfback power`` say it.

    Raises
    ------
    InputError
        If an option's value is not allowed, or has no place beside ``--target``.
    """
    if vary:
        raise InputError(
            f"--vary {vary[0]}: --target searches trial.sample_size in one scenario: leave out "
            "--vary, and set other keys with --set"
        )
    if len(analyses) > 1:
        raise InputError(f"--analysis {analyses[1]}: --target searches for one analysis: name one")
    if not 0.001 <= tolerance <= 0.2:
        raise InputError(f"--tolerance {tolerance:g} is not allowed: must be from 0.001 to 0.2")
    ends = sizes.split(":")
    if len(ends) != 2 or not all(end.isdigit() for end in ends):
        raise InputError(
            f"--sizes {sizes} is not allowed: write two whole numbers, such as 20:2000"
        )
    smallest, largest = (int(end) for end in ends)
    if not 2 <= smallest < largest <= 200_000:
        raise InputError(
            f"--sizes {sizes} is not allowed: must be from 2 to 200000, the first below the second"
        )
    analysis = analyses[0] if analyses else None
    decides = analysis or load_scenario(scenario, overrides).analysis.primary_analysis
    return Question(scenario, tuple(overrides), decides, target, tolerance, smallest, largest, most)


def size(question: Question, options: StudyOptions, *, verify: int) -> int:
    """Search the size, print it and return the exit code.

    Raises
    ------
    InputError
        If the power is not to be had, or the folder cannot be made.
    """
    name = question.scenario(question.smallest).name
    out = options.folder(f"{name}_size")
    with show_progress(f"searching the size of {name}") as advance:
        found = search_size(
            question,
            verify=verify,
            executor=options.executor(),
            out=out,
            overwrite=options.overwrite,
            jobs=options.workers,
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
    if options.as_json:
        print_json({"directory": str(out), **found.to_dict()})
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
