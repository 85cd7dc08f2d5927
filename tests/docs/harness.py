"""Executes the blocks of a page, as a reader would who follows it in an empty folder.

``python``
    Executed; the blocks of a page share their names. A block that begins with ``>>>`` is a doctest.
``console``
    Lines that begin with ``$ `` are commands, given one by one in the page's folder; lines below a
    command are what it prints, on either stream. ``...`` alone on a line stands for any lines. A
    command without output may print what it likes. Exit codes are 0, but for that of the last
    command below a line ``% exit CODE``.
``toml``
    A scenario, a part of one, or another file; it is read. With ``:caption: NAME.toml``, in
    ``{code-block} toml``, it is also written to the folder.
``text``, ``r``, ``sas``
    Not executed. Commands of ours in it, and within sentences, are ones that there are.

The front matter of a page may say ``slow: true``, for ``make slow``, and ``files: FOLDER`` of the
repository, whose files are in the page's folder. A page that is a notebook is executed, cell by
cell, when the site is built, which an error ends.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import typer
import yaml
from sybil import Document, Example
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser

from scenarios.loading.keys import place_at
from scenarios.loading.load import load_scenario
from scenarios.schema import Scenario
from sim.cli.main import app

ROOT = Path(__file__).parents[2]
LANGUAGES = {"console", "python", "r", "sas", "text", "toml"}
FENCE = re.compile(r"^ *(`{3,}|~{3,}|:{3,})(?P<info>.*)$", re.MULTILINE)
FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
EXIT = re.compile(r"% exit (\d+)\n+\Z")
EVERYWHERE = {"--help", "--install-completion", "--show-completion"}
COMMAND = re.compile(r"(?:^|(?<=`)|(?<=\$ ))selfback ((?:[^\n`\\]|\\\n)*)", re.MULTILINE)


def pages() -> list[Path]:
    """Return all pages, in the repository's order."""
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("examples/**/README.md")]
    apart = {ROOT / "docs" / "studies", ROOT / "docs" / "reference" / "generated"}
    found += [page for page in ROOT.glob("docs/**/*.md") if not apart & set(page.parents)]
    return sorted(found)


def front_matter(page: Path) -> dict[str, object]:
    """Return what a page says of itself before it begins."""
    found = FRONT.match(page.read_text("utf-8"))
    return yaml.safe_load(found[1]) if found else {}


def is_notebook(page: Path) -> bool:
    """Return whether a page is a notebook in text form."""
    return front_matter(page).get("file_format") == "mystnb"


def languages(text: str) -> set[str]:
    """Return the languages of a page's blocks; directives are left out, but for ``{code-block}``.

    >>> sorted(languages("```r\\n1\\n```\\n```{code-block} toml\\na=1\\n```\\n```{toctree}\\n```"))
    ['r', 'toml']
    """
    found, fence = set(), ""
    for match in FENCE.finditer(text):
        if fence:
            fence = "" if match[0].strip() == fence else fence
            continue
        fence, info = match[1], match["info"].strip()
        directive, _, argument = info.partition(" ")
        if not directive.startswith("{"):
            found.add(info)
        elif directive == "{code-block}":
            found.add(argument)
    return found


def prepare(page: Path, folder: Path) -> Document:
    """Return a page whose examples can be evaluated, in this folder."""
    parsers = (
        PythonCodeBlockParser(),
        CodeBlockParser("console", run_commands),
        CodeBlockParser("toml", read_toml),
    )
    document = Document.parse(str(page), *parsers)
    document.namespace["__folder__"] = folder
    files = front_matter(page).get("files")
    if files:
        shutil.copytree(ROOT / str(files), folder, dirs_exist_ok=True)
    return document


def run_commands(example: Example) -> str | None:
    """Give the commands of a block; return what is not as the block shows it."""
    before = example.document.text[: example.region.start]
    wanted = EXIT.search(before)
    commands = list(commands_in(example.parsed))
    for number, (command, shown) in enumerate(commands, start=1):
        code = int(wanted[1]) if wanted and number == len(commands) else 0
        done = subprocess.run(  # noqa: S603 - what our own pages show
            ["/bin/bash", "-c", command], cwd=example.namespace["__folder__"], env=environment(),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            text=True, check=False,
        )  # fmt: skip
        printed = [line.rstrip() for line in done.stdout.rstrip().splitlines()]
        if done.returncode != code:
            return f"$ {command}\nexit code {done.returncode}, not {code}:\n{done.stdout}"
        if shown and not is_as_shown(printed, shown):
            return "\n".join([f"$ {command}", "printed", *printed, "and the page shows", *shown])
    return None


def commands_in(block: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the commands of a block, each with what is shown below it.

    >>> list(commands_in("$ one \\\\\\n    --more\\n$ two\\nsaid\\n"))
    [('one \\\\\\n    --more', []), ('two', ['said'])]
    """
    command, shown = "", []
    for line in block.rstrip().split("\n"):
        if command.endswith("\\"):
            command += f"\n{line}"
        elif line.startswith("$ "):
            if command:
                yield command, shown
            command, shown = line.removeprefix("$ "), []
        elif command:
            shown.append(line.rstrip())
        else:
            raise ValueError(
                f"a console block begins with a command behind '$ ', not with {line!r}"
            )
    yield command, shown


def is_as_shown(printed: list[str], shown: list[str]) -> bool:
    """Return whether lines are those that are shown, of which ``...`` is any number.

    >>> is_as_shown(["a", "b", "c"], ["a", "...", "c"]), is_as_shown(["a"], ["a", "..."])
    (True, True)
    >>> is_as_shown(["a", "b"], ["a"]), is_as_shown(["a", "b"], ["...", "a"])
    (False, False)
    """
    lines = [r"(?:.*\n)*" if line == "..." else re.escape(f"{line}\n") for line in shown]
    return re.fullmatch("".join(lines), "".join(f"{line}\n" for line in printed)) is not None


def environment() -> dict[str, str]:
    """Return the environment of commands: this checkout, this interpreter, no terminal."""
    kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "PYTHONPATH": str(ROOT)}


def read_toml(example: Example) -> str | None:
    """Read a block of TOML, and write it where it has a name; return what is wrong with it."""
    text = str(example.parsed)
    data = tomllib.loads(text)
    caption = example.region.lexemes.get("options", {}).get("caption", "")
    folder = example.namespace["__folder__"]
    if caption:
        (folder / caption).write_text(text, encoding="utf-8")
    if "extends" in data:
        file = folder / (caption or f"{data['name']}.toml")
        if not caption:
            file = folder / "unnamed" / file.name
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        load_scenario(file)
    elif set(data) <= set(Scenario.model_fields):
        unknown = [".".join(map(str, path)) for path in paths(data) if not place_at(path, data)]
        return f"no scenario has the keys {', '.join(unknown)}" if unknown else None
    return None


def paths(data: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the paths of all tables and values."""
    if path:
        yield path
    if isinstance(data, dict):
        for name, child in data.items():
            yield from paths(child, (*path, name))
    elif isinstance(data, list) and all(isinstance(child, dict) for child in data):
        for position, child in enumerate(data):
            yield from paths(child, (*path, position))


def unknown_in_commands(text: str) -> list[str]:
    """Return the commands and options of ``selfback`` that a page names, and that there are not.

    >>> unknown_in_commands("`selfback run SCENARIO --jobs 2`, `selfback power x --cores 2`")
    ['selfback power --cores']
    >>> unknown_in_commands("`selfback sumulate`, `selfback scenarios list | show`")
    ['selfback sumulate']
    """
    found = []
    for match in COMMAND.finditer(text):
        # Behind two spaces stands what a command is for.
        words = re.split(r"\s{2,}(?!-)|[|;>)#]", match[1].replace("\\\n", " "))[0].split()
        found += _unknown(words)
    return found


def _unknown(words: list[str]) -> list[str]:
    command, name = typer.main.get_command(app), "selfback"
    while hasattr(command, "commands") and words and re.fullmatch(r"[a-z]+", words[0]):
        name, group, words = f"{name} {words[0]}", command.commands, words[1:]
        command = group.get(name.rpartition(" ")[2])
        if command is None:
            return [name]
    command = command.load() if hasattr(command, "load") else command
    known = {option for parameter in command.params for option in parameter.opts}
    given = {word.split("=")[0].strip("'\"`,.[]") for word in words if word.startswith("--")}
    return [f"{name} {option}" for option in sorted(given - known - EVERYWHERE)]
