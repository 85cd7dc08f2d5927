"""The schema of recommenders' messages is published as a file, which guides link to."""

import json
from pathlib import Path

from recommender.adapters import messages

PUBLISHED = Path(__file__).parents[3] / "docs" / "reference" / "recommender.schema.json"


def test_the_published_schema_is_the_current_one():
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    assert published == json.loads(json.dumps(messages.schema()))
