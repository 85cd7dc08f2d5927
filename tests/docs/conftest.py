import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[2] / "docs"
STUDIES = DOCS / "studies"


@pytest.fixture(scope="session")
def script() -> Callable[[str], ModuleType]:
    """Load a script of docs/studies by its name, without running it."""

    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(name, STUDIES / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        sys.path.insert(0, str(STUDIES))
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        finally:
            sys.path.remove(str(STUDIES))
        return module

    return load


@pytest.fixture(scope="session")
def quoted() -> Callable[[str, str], str]:
    """Return the text between two marks of a page."""

    def read(page: str, name: str) -> str:
        text = (DOCS / page).read_text("utf-8")
        return re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", text, re.DOTALL)[1]

    return read
