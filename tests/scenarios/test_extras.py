"""Extras are those of pyproject.toml, and every message about one has the same form."""

import tomllib
from pathlib import Path

from scenarios.extras import EXTRAS, PACKAGE, needs, pip_line

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))[
    "project"
]


def test_names_are_those_of_the_project():
    assert PROJECT["name"] == PACKAGE
    assert list(EXTRAS) == sorted(PROJECT["optional-dependencies"])


def test_what_is_missing_is_told_with_the_line_that_installs_it():
    assert str(needs("--executor dask", "dask")) == (
        f"--executor dask needs the extra 'dask': {pip_line('dask')}"
    )
