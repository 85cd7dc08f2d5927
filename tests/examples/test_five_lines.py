import runpy
from pathlib import Path

import selfback as sb

SCRIPT = Path(__file__).parents[2] / "examples" / "five_lines.py"


def test_the_script_runs_from_end_to_end(monkeypatch, capsys, tmp_path):
    """As it stands, but with fewer replicates and one worker."""
    monkeypatch.chdir(tmp_path)
    run, compare = sb.run, sb.compare
    few = {"replicates": 3, "jobs": 1, "progress": False}
    monkeypatch.setattr(sb, "run", lambda scenario, **_how: run(scenario, **few))
    monkeypatch.setattr(sb, "compare", lambda *designs, **_how: compare(*designs, **few))
    names = runpy.run_path(str(SCRIPT))
    assert names["study"].estimates["replicate"].nunique() == 3
    assert len(names["trial"].participants) == 100
    printed = capsys.readouterr().out
    assert "At 3 months" in printed
    assert "minus A: planned_2018" in printed
    assert list(tmp_path.iterdir()) == []


def test_the_first_cell_has_five_lines():
    first = SCRIPT.read_text("utf-8").split("# %%")[1].splitlines()[1:]
    assert len([line for line in first if line.strip()]) == 5
