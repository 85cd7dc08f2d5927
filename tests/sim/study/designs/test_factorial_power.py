"""The published power of a factorial, FACT1 and FACT2, among simulated trials."""

import numpy as np
import pytest

import selfback as sb


@pytest.mark.parametrize(("correlation", "published"), [(0.0, 0.7354321), (0.6, 0.8991267)])
def test_simulated_power_of_main_effects_is_the_published_one(correlation, published):
    """Every fifth of the trials' 5 main effects is one rejection; they share the SD alone."""
    found = sb.power(
        "factorial_power",
        vary={},
        changes={"course.correlation": [[correlation]]},
        replicates=60,
        null=False,
        progress=False,
    )
    cells = found.cells
    main = cells[cells["analysis"].isin([f"ancova, {name}" for name in "abcde"])]
    assert len(main) == 5
    error = np.sqrt(published * (1.0 - published) / (5 * 60))
    assert abs(main["power"].mean() - published) < 3.0 * error
