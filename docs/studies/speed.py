"""Puts the recorded measurement, benchmarks/record.json, into docs/background/speed.md as tables.

``make bench-record`` measures anew and runs it.
"""

import json
from pathlib import Path
from typing import Any

from marks import insert

from analysis.report.markdown import markdown_table

PAGE = Path(__file__).parents[1] / "background" / "speed.md"
RECORD = Path(__file__).parents[2] / "benchmarks" / "record.json"
WORK = {
    "simulate": "simulate `selfback_2021`",
    "analyse": "analyse it, the whole plan",
    "replicate": "a full replicate, with its tables",
    "power trial": "a trial in `power` (`planned_2018`)",
    "weekly plans": "weekly plans of a trial, 20,000 cases at the start",
    "retrieval": "retrieval, 5 requests x 400 cases",
    "import": "import of a worker",
}
TOOLS = ("ours", "statsmodels", "lme4", "nlme")


def tables(record: dict[str, Any]) -> dict[str, str]:
    """Return the tables of a measurement by the names of their marks."""
    rows = [
        [what, _number(row["milliseconds"]), _number(row["multiple"]), row["unit"]]
        for name, what in WORK.items()
        if (row := record["rows"].get(name))
    ]
    estimators = [
        [name, *(_number(times[tool]) if tool in times else "" for tool in TOOLS), _ratio(times)]
        for name, times in record["estimators"].items()
    ]
    memory = [[name, f"{size:.0f}"] for name, size in record["memory"].items()]
    return {
        "work": markdown_table(["", "ms", "multiple", "of"], rows),
        "memory": markdown_table(["one replicate of", "MB"], memory, numbers=True),
        "estimators": markdown_table(
            ["ms", *TOOLS, "statsmodels / ours"], estimators, numbers=True
        ),
        "versions": ", ".join(f"{name} {number}" for name, number in record["versions"].items())
        + f"; medians of {record['turns']} turns.",
    }


def _ratio(times: dict[str, float]) -> str:
    return _number(times["statsmodels"] / times["ours"]) if "statsmodels" in times else ""


def _number(value: float) -> str:
    """Return three significant digits, without an exponent."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def recorded() -> dict[str, Any]:
    """Return the recorded measurement."""
    record: dict[str, Any] = json.loads(RECORD.read_text("utf-8"))
    return record


if __name__ == "__main__":
    insert(PAGE, tables(recorded()))
