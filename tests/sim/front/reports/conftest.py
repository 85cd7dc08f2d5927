import pytest

import selfback as sb

HOSTILE = "<script>alert(1)</script> på norsk, $x^2$"
QUIET = {"jobs": 1, "progress": False}


@pytest.fixture(scope="package")
def folders(tmp_path_factory):
    """A folder of each kind of study that is quickly made, of a trial with a hostile title."""
    made = tmp_path_factory.mktemp("reports")
    few = {"trial.sample_size": 60, "title": HOSTILE}
    plain = sb.scenario("planned_2018", few)
    sb.run(sb.scenario(plain, {"truth": True}), 4, out=made / "run", **QUIET)
    sb.power(
        plain, vary={"trial.sample_size": [40, 60]}, replicates=12, out=made / "power", **QUIET
    )
    sizes = {"tolerance": 0.2, "sizes": (20, 400), "most": 200, "verify": 10}
    sb.sample_size(plain, 0.8, **sizes, out=made / "search", **QUIET)
    other = (plain, {"trial.sample_size": 80})
    sb.compare(plain, other, replicates=3, out=made / "compare", **QUIET)
    keys = ["course.effect", "course.means", "recruitment.screening_hours", "followup.frailty"]
    sb.sensitivity(plain, keys=keys, replicates=2, out=made / "sensitivity", **QUIET)
    knee = sb.scenario("knee_koos", {"trial.sample_size": 60})
    sb.run(knee, 3, out=made / "knee", **QUIET)
    arms = sb.scenario("three_arms", {"trial.sample_size": 90})
    sb.trial(arms, out=made / "trial", export="csv")
    return made
