import io

import numpy as np

from analysis.replicates.validation import Validation, compare
from analysis.report.print_validation import print_validation
from scenarios.targets import Target
from sim.terminal import PlainConsole


def printed(target: Target, values: np.ndarray) -> str:
    found = Validation("s", "A trial", 1, len(values), 0, (compare(target, values),), ())
    text = io.StringIO()
    print_validation(found, PlainConsole(file=text, width=150))
    return text.getvalue()


def test_a_number_of_another_study_is_printed_with_its_study_and_that_studys_interval():
    share = Target(
        section="Course", label="Pain is back", study="Cohort 2019", value=0.38, ci=(0.30, 0.46),
        source="x", role="held-out", table="between_visits", select={"figure": "f"},
    )  # fmt: skip
    found = printed(share, np.linspace(0.50, 0.60, 101))
    line = next(line for line in found.splitlines() if "Pain is back" in line)
    assert "Pain is back (Cohort 2019)" in line
    assert "0.38 (0.30 to 0.46)" in line  # not 0: it has no decimals of its own
    assert "0.55" in line
    assert line.rstrip().endswith("outside")
    assert "Of another study, in brackets: inside if the simulated mean is in its" in found


def test_a_count_of_the_trial_is_printed_whole():
    count = Target(
        section="Flow", label="Randomized", value=461.0,
        source="x", role="calibration", table="flow", select={"stage": "randomized"},
    )  # fmt: skip
    line = next(
        line for line in printed(count, np.full(3, 461.0)).splitlines() if "Randomized" in line
    )
    assert line.split()[:3] == ["Randomized", "461", "461"]
