"""docs/reference/analyses.md lists the register, as it is."""

from pathlib import Path

from scenarios.analyses.register import REGISTER

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "analyses.md").read_text(
    encoding="utf-8"
)


def test_every_analysis_of_the_register_has_its_row():
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.splitlines()
        if line.startswith("| `")
    ]
    expected = []
    for entry in REGISTER:
        key = ""
        if entry.kind == "sensitivity":
            key = f"`sensitivity`: `{entry.key}`"
        elif entry.kind == "alternative":
            key = "`alternatives`"
        decides = "yes" if entry.decides else ""
        expected.append([f"`{entry.name}`", key, ", ".join(entry.of), decides, entry.label])
    assert sorted(rows) == sorted(expected)
