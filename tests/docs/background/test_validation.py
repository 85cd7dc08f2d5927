import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_page_has_the_table_that_the_command_prints():
    printed = subprocess.run(
        [sys.executable, "docs/studies/published_numbers.py"],
        capture_output=True, text=True, check=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)},
    ).stdout  # fmt: skip
    assert printed.count("\n") == 24
    assert printed in (ROOT / "docs" / "background" / "validation.md").read_text("utf-8")
