"""The index names every example, and each has its page."""

import re
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
INDEX = (EXAMPLES / "README.md").read_text("utf-8")
NAMES = sorted(
    path.name
    for path in EXAMPLES.iterdir()
    if not path.name.startswith((".", "_")) and path.name != "README.md"
)


def test_no_example_is_missing_from_the_index_and_no_more_are_there():
    rows = re.findall(
        r"^\| \[`([\w./]+)`\]\(([\w./]+)\) \| [^|]+ \| [^|]+ \|$", INDEX, re.MULTILINE
    )
    assert all(shown == target for shown, target in rows)
    assert sorted(target for _, target in rows) == NAMES


@pytest.mark.parametrize("name", [name for name in NAMES if (EXAMPLES / name).is_dir()])
def test_each_folder_has_a_page_that_names_its_files(name):
    page = (EXAMPLES / name / "README.md").read_text("utf-8")
    files = [file.name for file in (EXAMPLES / name).iterdir() if file.is_file()]
    unnamed = [
        file for file in files if not file.startswith(("test_", "README")) and file not in page
    ]
    assert unnamed == []
