"""No character of any file commands the terminal, and no markup of any title is obeyed."""

import json
import re
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from rich.table import Table

from analysis.report.report_trial import print_table
from analysis.report.tables import TextTable
from scenarios.printable import COMMANDS, printable
from sim.cli import call
from sim.front.results import HtmlPage
from sim.study.json_text import json_text
from sim.study.progress import show_progress
from sim.study.store.manifest_file import write_manifest
from sim.terminal import PlainConsole, tell

RED = "\x1b[31mred\x9b2J\u202e"
MARKUP = "[bold]a[/bold] [/nothing] :warning: $x_1$ <b>b</b>"
ROOT = Path(__file__).parents[2]


def told(capsys, *arguments):
    capsys.readouterr()
    code = call(list(arguments))
    printed = capsys.readouterr()
    assert not COMMANDS.search(printed.out + printed.err), repr(printed)
    return code, printed.out + printed.err


def console():
    return PlainConsole(file=StringIO(), width=200, force_terminal=True, color_system="truecolor")


@pytest.mark.parametrize("shown", [RED, MARKUP])
def test_a_console_shows_texts_as_they_are(shown):
    page, ours = HtmlPage(), console()
    table = Table(title=shown)
    table.add_column(shown)
    table.add_row(shown)
    for each in (ours, page):
        each.print(shown, style="bold")
        each.print(table)
        print_table(TextTable(shown, ("", shown), [(shown, "1")]), each)
    printed = re.sub(r"\x1b\[[0-9;]*m", "", ours.file.getvalue())
    assert printed.count(printable(shown)) >= 6
    assert not COMMANDS.search(printed)
    assert "<b>b" not in page.html
    assert "\x1b" not in page.html


def test_bold_is_said_by_style_alone():
    ours = console()
    ours.print("a", style="bold")
    assert ours.file.getvalue() == "\x1b[1ma\x1b[0m\n"


def test_json_has_the_characters_as_numbers():
    text = json_text({"title": RED})
    assert json.loads(text) == {"title": RED}
    assert not COMMANDS.search(text)


def test_progress_and_remarks_take_names_as_text(capsys):
    with show_progress(f"simulating {{x}} {RED} {MARKUP}") as advance:
        advance(0, 2)
    tell(f"{RED}\nsecond")
    err = capsys.readouterr().err
    assert f"simulating {{x}} {printable(RED)} {MARKUP}: 0 of 2" in err
    assert err.splitlines()[-1] == f"selfback: {printable(RED)} second"


def test_a_scenario_says_nothing_to_the_terminal(tmp_path, capsys):
    text = f'extends = "planned_2018"\nname = "toy"\ntitle = {json.dumps(RED + MARKUP)}\n'
    file = tmp_path / "toy.toml"
    file.write_text(text, encoding="utf-8")
    assert told(capsys, "scenarios", "show", str(file))[0] in {0, 2}
    file.write_text(text + '"\\u001b[31m" = 1\n[trial]\n"\\u009b2J" = 2\n', encoding="utf-8")
    assert told(capsys, "scenarios", "validate", str(file))[0] == 2


def test_a_manifest_says_nothing_to_the_terminal(tmp_path, capsys):
    content = {
        "scenario_name": RED, "scenario_hash": "", "seed": 1, "first_replicate": 0,
        "replicates": 1, "started": RED, "duration": 1.0, "scenario": {}, "command": ["/", RED],
    }  # fmt: skip
    write_manifest(tmp_path, content, sync=False)
    assert told(capsys, "status", str(tmp_path))[0] == 0
    assert told(capsys, "resume", str(tmp_path))[0] == 2


@pytest.mark.parametrize("role", ["column", "level"])
def test_data_say_nothing_to_the_terminal(role, tmp_path, capsys):
    people = pd.DataFrame({"participant": ["1", "2"], "arm": [RED, MARKUP]})
    if role == "column":
        people = people.rename(columns={"arm": RED})
    people.to_parquet(tmp_path / "p.parquet")
    pd.DataFrame({"participant": ["1"], "visit": [RED]}).to_parquet(tmp_path / "v.parquet")
    files = (str(tmp_path / "p.parquet"), str(tmp_path / "v.parquet"))
    assert told(capsys, "analyse", *files)[0] == 2


def test_mappings_posteriors_and_baselines_say_nothing_to_the_terminal(tmp_path, capsys):
    mapping = tmp_path / "m.toml"
    mapping.write_text('[participants]\n"\\u001b[31m" = "x"\n"\\u009b" = 2\n', encoding="utf-8")
    people = tmp_path / "p.csv"
    people.write_text("participant,arm\n1,control\n", encoding="utf-8")
    assert told(capsys, "analyse", str(people), str(people), "--mapping", str(mapping))[0] == 2
    sample = tmp_path / "posterior.parquet"
    pd.DataFrame({RED: [1.0]}).to_parquet(sample)
    assert told(capsys, "assurance", "planned_2018", "--posterior", str(sample))[0] == 2
    shipped = json.loads((ROOT / "results/baselines/selfback_2021.json").read_text("utf-8"))
    file = tmp_path / "b.json"
    for key in ("format", "scenario", "outcome"):
        file.write_text(json.dumps({**shipped, key: f"{shipped[key]}{RED}"}), encoding="utf-8")
        assert told(capsys, "gate", "--baseline", str(file))[0] == 2


def test_what_is_written_is_written_in_one_place():
    """Nothing but :mod:`sim.terminal` writes to a terminal what may quote a file."""
    allowed = {
        "sim/terminal.py",
        "sim/interrupts.py",  # before anything is imported; cleans what it quotes
        "sim/__main__.py",
        "sim/doctor/startup.py",  # where libraries are missing; cleans what it quotes
        "sim/study/executors/cluster.py",  # addresses
        "scenarios/compiled/cache.py",  # folders of the cache
        "sim/export/scripts/r_script.py",  # a line of R
    }
    own = re.compile(r"sys\.std(out|err)\.write|(?<![\w.])print\(|(?<!Plain)(?<!: )\bConsole\(")
    found = {
        file.relative_to(ROOT).as_posix()
        for package in ("sim", "analysis", "scenarios", "agents", "recommender")
        for file in (ROOT / package).rglob("*.py")
        if any(
            own.search(line)
            for line in file.read_text("utf-8").splitlines()
            if ">>>" not in line and "class " not in line and "def " not in line
        )
    }
    assert found <= allowed
