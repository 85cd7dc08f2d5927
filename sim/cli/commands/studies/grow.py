"""``selfback grow``: add replicates to a study."""

from typing import Annotated

from sim.cli.declare import command
from sim.cli.options import (
    MOST_REPLICATES,
    AllowCodeChange,
    Jobs,
    StudyFolder,
    Trust,
    integer_option,
)
from sim.cli.repeat import repeat


@command(example="selfback grow results/selfback_2021 --replicates 1000")
def grow(
    directory: StudyFolder,
    *,
    replicates: Annotated[
        int,
        integer_option(
            "--replicates", 1, MOST_REPLICATES, help_text="Replicates that it is to have in all."
        ),
    ],
    jobs: Jobs = None,
    allow_code_change: AllowCodeChange = False,
    trust: Trust = False,
) -> int:
    """Add replicates to a study: its command is given again with more of them.

    The result is the study that would have been made with that many at once. It replaces the
    smaller one when it is whole.
    """
    return repeat(
        directory, "grow", jobs, replicates, allow_code_change=allow_code_change, trust=trust
    )
