"""``selfback recommender schema``: the messages to a recommender behind HTTP."""

from recommender.adapters import messages
from sim.cli.declare import command
from sim.cli.output import print_json


@command(example="selfback recommender schema > recommender.schema.json")
def schema() -> int:
    """Print the JSON schema of what a recommender behind HTTP is asked, and answers."""
    print_json(messages.schema())
    return 0
