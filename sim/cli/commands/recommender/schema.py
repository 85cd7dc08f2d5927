"""``selfback recommender schema``: the messages to a recommender behind HTTP."""

import selfback as sb
from sim.cli.declare import command
from sim.cli.output import print_json


@command(example="selfback recommender schema > recommender.schema.json")
def schema() -> int:
    """Print the JSON schema of what a recommender behind HTTP is asked, and answers."""
    print_json(sb.recommender_schema())
    return 0
