"""``selfback resume``: go on with a study that was interrupted."""

from sim.cli.declare import command
from sim.cli.options import AllowCodeChange, Jobs, StudyFolder, Trust
from sim.cli.repeat import repeat


@command(example="selfback resume results/selfback_2021")
def resume(
    directory: StudyFolder,
    *,
    jobs: Jobs = None,
    allow_code_change: AllowCodeChange = False,
    trust: Trust = False,
) -> int:
    """Go on with an unfinished study: its command is given again, and what is kept stays.

    Of a finished study, the summary and figures are made again.
    """
    return repeat(directory, "resume", jobs, allow_code_change=allow_code_change, trust=trust)
