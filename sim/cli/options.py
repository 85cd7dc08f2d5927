"""Arguments and options that several commands share, each declared once.

A command takes one of the dataclasses as an argument; see :mod:`sim.cli.declare`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analysis.figures.formats import DEFAULT_FORMAT, FORMATS
from scenarios.errors import InputError
from sim.cli.arguments import folder, one_of, share, study_folder, whole_number
from sim.cli.completion import DEFAULT, dotted_keys, scenarios_like
from sim.cli.invocation import CURRENT, recorded
from sim.doctor.machine import RESULTS

if TYPE_CHECKING:
    from sim.study.setting import Landing

MOST_REPLICATES = 2**31 - 1
"""Replicate numbers are 32-bit in the tables."""


def integer_option(
    option: str, lowest: int, highest: int | None = None, *, metavar: str = "N", help_text: str
) -> Any:
    """Return an option that takes a whole number from ``lowest`` to ``highest``."""
    read = whole_number(option, lowest, highest)
    return typer.Option(option, metavar=metavar, parser=read, help=help_text)


def complete_scenario(incomplete: str) -> list[str]:
    """Return the scenarios that a shell offers."""
    return scenarios_like(incomplete)


def complete_key(context: typer.Context, incomplete: str) -> Iterator[str]:
    """Yield the ``KEY=`` of the scenario on the command line that a shell offers."""
    named = (context.params.get(name) for name in ("scenario", "scenarios", "plan"))
    given = next((value for value in named if value), DEFAULT)
    name = given if isinstance(given, str) else given[0]
    yield from (f"{key}=" for key in dotted_keys(name) if key.startswith(incomplete))


def scenario_argument(help_text: str, metavar: str = "SCENARIO") -> Any:
    """Return an argument that names scenarios."""
    return typer.Argument(metavar=metavar, help=help_text, autocompletion=complete_scenario)


def scenario_option(help_text: str) -> Any:
    """Return an option that names a scenario."""
    return typer.Option(metavar="SCENARIO", help=help_text, autocompletion=complete_scenario)


ScenarioName = Annotated[str, scenario_argument("Name in the library, or path of a .toml file.")]
StudyFolder = Annotated[
    Path, typer.Argument(metavar="DIR", parser=study_folder, help="Folder of a study.")
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change a parameter; can be repeated.",
        autocompletion=complete_key,
    ),
]
Seed = Annotated[
    int | None,
    integer_option("--seed", 0, 2**63 - 1, metavar="S", help_text="Seed, instead of its own."),
]
Trials = Annotated[
    int,
    integer_option("--replicates", 2, MOST_REPLICATES, help_text="Number of trials to simulate."),
]
Jobs = Annotated[
    int | None,
    integer_option("--jobs", 1, metavar="J", help_text="Workers; default all cores."),
]
AllowCodeChange = Annotated[
    bool,
    typer.Option(
        "--allow-code-change",
        help="Go on with an unfinished study of other code, which is recorded.",
    ),
]
Truth = Annotated[
    bool,
    typer.Option(
        "--truth",
        help="Also simulate everybody in the other arm; what no trial has lands in DIR, too.",
    ),
]
FIGURE_FORMAT = "--figure-format"
FigureFormat = Annotated[
    str,
    typer.Option(
        FIGURE_FORMAT,
        metavar="|".join(FORMATS),
        parser=one_of(FIGURE_FORMAT, FORMATS),
        help="Format of figures.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")]
Trust = Annotated[bool, typer.Option("--trust", help="Run the code that the file or folder names.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is changed in a scenario that a command names in its own way."""

    set_: Set = None
    seed: Seed = None

    @property
    def overrides(self) -> list[str]:
        """What was set by hand, with a seed that was given apart."""
        return [*(self.set_ or ()), *self.seed_alone]

    @property
    def seed_alone(self) -> list[str]:
        """The seed that was given apart, if one was."""
        return [] if self.seed is None else [f"seed={self.seed}"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Changes):
    """The scenario that a command is about, with what is changed in it."""

    scenario: ScenarioName


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedWithTruth(Asked):
    """The scenario that a command is about, whose true effects it can be asked for."""

    truth: Truth = False

    @property
    def overrides(self) -> list[str]:
        """What was set by hand, with a seed and the truth that were given apart."""
        truth = ["truth=true"] if self.truth else []
        return [*(self.set_ or ()), *self.seed_alone, *truth]


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where results go, and in which form."""

    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            parser=folder("--out"),
            help="Folder to make for the results, or s3://BUCKET/FOLDER.",
        ),
    ] = None
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what is finished in DIR.")
    ] = False
    as_json: AsJson = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Study(Output):
    """How a study is run, and where its results go."""

    jobs: Jobs = None
    allow_code_change: AllowCodeChange = False
    max_failures: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            parser=share("--max-failures"),
            help="Share of failed replicates beyond which the study is stopped, 0 to 1.",
        ),
    ] = 0.5

    def folder(self, name: str) -> Path:
        """Return the folder to make, of this name in ``results`` by default.

        Raises
        ------
        InputError
            If the folder of all results cannot be made.
        """
        if self.out is not None:
            return self.out
        try:
            RESULTS.mkdir(exist_ok=True)
        except OSError as error:
            raise InputError(
                f"cannot make the folder {RESULTS}: {error.strerror}: use --out"
            ) from error
        return RESULTS / name

    def how(self, name: str) -> "Landing":
        """Return how a study is run that lands in a folder of this name by default."""
        invocation = CURRENT.get()
        return {
            "jobs": self.jobs,
            "out": self.folder(name),
            "overwrite": self.overwrite,
            "allow_code_change": self.allow_code_change,
            "max_failures": self.max_failures,
            "command": recorded(invocation.arguments),
            "repeat": invocation.repeat,
            "trust": invocation.trust,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnStudy(Study):
    """How a study is run of which a figure is drawn, and where its results go."""

    figure_format: FigureFormat = DEFAULT_FORMAT

    def how(self, name: str) -> "Landing":
        """Return how a study is run that lands in a folder of this name by default."""
        return {**Study.how(self, name), "figure_format": self.figure_format}
