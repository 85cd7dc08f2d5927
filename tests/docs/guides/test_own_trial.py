"""What docs/guides/own_trial.md shows is what its commands printed when they were recorded."""

import importlib.util
import re
from pathlib import Path

from scenarios.loading.load import load_scenario

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "guides" / "own_trial.md").read_text(encoding="utf-8")
RECORDS = ROOT / "docs" / "studies" / "own_trial"
CLOSED = ROOT / "checks" / "record" / "closed_form_power.txt"


def test_every_block_is_part_of_a_record():
    files = [*sorted(RECORDS.glob("*.txt")), CLOSED]
    records = [file.read_text(encoding="utf-8") for file in files]
    blocks = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    printed = [block for block in blocks if not block.startswith("selfback ")]
    assert len(printed) >= 5
    for block in printed:
        assert any(block in record for record in records), block


def test_the_scenario_of_the_page_is_valid(tmp_path):
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "remission_first.toml"
    file.write_text(text, encoding="utf-8")
    axis = "course.further.remission.effect_size=1.4"
    assert load_scenario(file, [axis]).course.further["remission"].effect_size == 1.4


def test_every_command_that_is_recorded_stands_on_the_page():
    spec = importlib.util.spec_from_file_location(
        "own_trial_study", ROOT / "docs/studies/own_trial_study.py"
    )
    study = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(study)
    for command in study.COMMANDS.values():
        assert f"selfback {command}" in PAGE
