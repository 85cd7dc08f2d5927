"""The template of a new scenario: it extends another, and lists what can be changed."""

from collections.abc import Iterator

from scenarios.loading.keys import Path, dotted
from scenarios.loading.layers import Merged
from scenarios.loading.provenance import parameters_of
from scenarios.loading.toml_document import comment_of
from scenarios.loading.toml_text import toml_text

OFFERED = ("trial", "clinics", "recruitment", "followup", "analysis", "app")
"""Sections whose parameters a template lists."""
OFFERED_PLAIN = ("course", "trial", "recruitment", "followup", "analysis")
"""The same for a plain course."""


def template(name: str, parent: str, merged: Merged, file: str) -> str:
    """Return the TOML of a scenario that is as its parent, with what can be changed as comments.

    Parameters
    ----------
    name
        Of the new scenario.
    parent
        What it extends, as its file names it.
    merged
        The parent's layers.
    file
        What commands call the new file.
    """
    title = f"{name} (a variant of {merged.data['name']})"
    lines = [
        f"# {name}: say here in a sentence what this scenario asks.",
        "#",
        f"#   selfback scenarios validate {file}",
        f"#   selfback scenarios show {file} --changed",
        f"#   selfback run {file} --replicates 200",
        "",
        "# What this file does not say is as in the scenario that it extends.",
        f"extends = {toml_text(parent)}",
        f"name = {toml_text(name)}",
        f"title = {toml_text(title)}",
        "",
        *_published(merged),
        "# Tables are merged with the parent's, key by key; those named here replace them whole:",
        f'# replace = ["followup.arms.{_first_arm(merged)}.withdrawal_reasons"]',
        "",
        "# To change a parameter, remove the # before it, and write the source behind the value:",
        '# "unit; source", or "unit; assumption". Here are the parameters of some sections;',
        f"# `selfback scenarios show {parent}` lists all.",
    ]
    plain = merged.data["course"]["model"] == "normal"
    for section in OFFERED_PLAIN if plain else OFFERED:
        lines += ["", *(f"# {line}" for line in _lines(merged, section, parent))]
    return "\n".join(lines) + "\n"


def _published(merged: Merged) -> Iterator[str]:
    """Say how results are compared with the published numbers that the parent has, if any."""
    told = [layer.data["published"] for layer in merged.layers if layer.data.get("published")]
    for published in told[:1]:
        yield "# Results are compared with published numbers only if the file says with which:"
        yield f"# published = {toml_text(published)}"
        yield ""


def _first_arm(merged: Merged) -> str:
    return str(next(iter(merged.data["followup"]["arms"])))


def _lines(merged: Merged, section: str, parent: str) -> Iterator[str]:
    """Yield the parameters of a section as they can stand at the head of a file."""
    lists: dict[Path, None] = {}
    for path, parameter in parameters_of(merged).items():
        if path[0] != section:
            continue
        at = next((n for n, step in enumerate(path) if isinstance(step, int)), None)
        if at is None:
            yield f"{dotted(path)} = {toml_text(parameter.value)}{comment_of(parameter)}"
        else:
            lists[path[:at]] = None
    for path in lists:
        key = dotted(path)
        yield f"{key} is a list of tables: selfback scenarios show {parent} {key} --toml"
