"""``selfback scenarios new``: a template to write a scenario from."""

import os
import re
from pathlib import Path
from typing import Annotated

import typer

from scenarios.design.outcomes import NAME
from scenarios.errors import InputError
from scenarios.loading.layers import merge
from scenarios.loading.library import is_path, library_names
from scenarios.loading.load import validate
from scenarios.loading.template import template
from sim.cli.declare import command
from sim.cli.options import complete_scenario
from sim.cli.output import say
from sim.study.store.folder import check_new_file, write_whole


@command(example="selfback scenarios new fewer_quit --extends selfback_2021")
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new scenario.")],
    *,
    extends: Annotated[
        str,
        typer.Option(
            metavar="PARENT",
            help="Name in the library, or path of a .toml file, that it is a variant of.",
            autocompletion=complete_scenario,
        ),
    ] = "selfback_2021",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="File to write; default NAME.toml.")
    ] = None,
) -> int:
    """Write a template of a scenario: valid as it is, with what can be changed as comments."""
    if not re.fullmatch(NAME, name):
        raise InputError(
            f"NAME {name!r} is not allowed: must start with a letter or digit, then letters, "
            "digits, '_', '.', '-'"
        )
    if name in library_names():
        raise InputError(f"NAME {name} is not allowed: the library has a scenario of that name")
    file = Path(f"{name}.toml") if out is None else out
    if file.suffix != ".toml":
        raise InputError(f"--out {file} is not allowed: must end in .toml")
    if file.exists() and not file.is_dir():
        raise InputError(f"{file} exists, it is not overwritten: choose another name or --out FILE")
    check_new_file("--out", file)
    merged = merge(extends)
    validate(merged)
    parent = extends
    if is_path(extends):
        parent = Path(os.path.relpath(Path(extends).resolve(), file.parent.resolve())).as_posix()
        parent = parent if parent.endswith(".toml") or "/" in parent else f"./{parent}"
    write_whole(file, template(name, parent, merged, str(file)))
    say(f"{file} extends {extends}: change it, then run selfback scenarios validate {file}")
    return 0
