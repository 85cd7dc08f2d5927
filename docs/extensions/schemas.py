"""JSON schemas as files of the site, written beside the pages that link them."""

import json
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from scenarios.schema import Scenario

FOLDER = "reference/generated"


def write_schemas(app: Sphinx) -> None:
    """Write the schema of scenarios where it is not there as it is."""
    text = json.dumps(Scenario.model_json_schema(), indent=2) + "\n"
    file = Path(app.srcdir) / FOLDER / "scenario.schema.json"
    file.parent.mkdir(exist_ok=True)
    if not file.is_file() or file.read_text("utf-8") != text:
        file.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Write them before pages are read."""
    app.connect("builder-inited", write_schemas)
    return {"version": "1", "parallel_read_safe": True}
