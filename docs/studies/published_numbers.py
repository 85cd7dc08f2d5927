"""Consistency of the published numbers: run it to print the table of validation.md."""

from math import sqrt

from scipy.special import ndtr

from scenarios.targets import load_published

NUMBERS = {target.label: target for target in load_published("selfback_2021").targets}


def value(label: str) -> float:
    """Return a published number by its label."""
    return NUMBERS[label].value


def participants(label: str) -> int:
    """Return the number of participants on which it is based."""
    return NUMBERS[label].n or 0


def correlation(arm: str) -> float:
    """Return the baseline to 3-month correlation that the SDs of scores and change imply."""
    start, end = value("RMDQ at baseline, SD"), value(f"RMDQ at 3 months, SD, {arm}")
    change = value(f"SD of that change, {arm}")
    return (start**2 + end**2 - change**2) / (2.0 * start * end)


def per_participant(visit: str) -> float:
    """Return 1/n + 1/n for the participants who answered in the two arms."""
    return sum(1.0 / value(f"Answered at {visit}, {arm}") for arm in ("control", "intervention"))


def mean_variance(visit: str, outcome: str = "RMDQ") -> float:
    """Return the mean of the arms' variances of an outcome."""
    arms = ("control", "intervention")
    return sum(value(f"{outcome} at {visit}, SD, {arm}") ** 2 for arm in arms) / 2.0


def explained(visit: str) -> float:
    """Return the share of GPE's variance that covariates must explain for the published SE.

    GPE has no baseline, so only covariates can make the adjusted standard error smaller.
    """
    left = value(f"GPE at {visit}, standard error") ** 2 / per_participant(visit)
    return 1.0 - left / mean_variance(visit, "GPE")


def standard_error(visit: str, r: float) -> float:
    """Return the standard error of a difference adjusted for a baseline correlated by r."""
    return sqrt(mean_variance(visit) * (1.0 - r**2) * per_participant(visit))


def implied_correlation(visit: str) -> float:
    """Return the common correlation that would give the published standard error."""
    se = value(f"RMDQ at {visit}, standard error")
    return sqrt(1.0 - se**2 / per_participant(visit) / mean_variance(visit))


def normal_response(arm: str) -> float:
    """Return the share with 4 points or more of a normal change, rounded to whole points."""
    mean, sd = value(f"Change of RMDQ to 3 months, {arm}"), value(f"SD of that change, {arm}")
    return float(ndtr((-3.5 - mean) / sd))


def response(visit: str, arm: str) -> float:
    """Return the published share with 4 points or more."""
    return value(f"Improved by 4 points at {visit}, {arm}")


def rows() -> list[tuple[str, str]]:
    """Return each comparison with its numbers."""
    return [*_spread(), *_response(), *_small()]


def _spread() -> list[tuple[str, str]]:
    control, app = correlation("control"), correlation("intervention")
    expected = standard_error("3 months", (control + app) / 2.0)
    published = value("RMDQ at 3 months, standard error")
    early, late = implied_correlation("3 months"), implied_correlation("9 months")
    return [
        ("Correlation of RMDQ, baseline to 3 months, from the SDs: control", f"{control:.3f}"),
        ("the same: intervention", f"{app:.3f}"),
        ("SE of the difference at 3 months from SDs and mean correlation", f"{expected:.3f}"),
        ("published", f"{published:.3f}"),
        ("Common correlation that the published SE implies: 3 months", f"{early:.2f}"),
        ("the same: 9 months", f"{late:.2f}"),
        (
            "Variance of GPE explained by covariates, implied by its SE: 3, 9 months",
            f"{100 * explained('3 months'):.0f}%, {100 * explained('9 months'):.0f}%",
        ),
    ]


def _response() -> list[tuple[str, str]]:
    low, high = response("3 months", "control"), response("3 months", "intervention")
    error = sqrt(low * (1.0 - low) / participants("Improved by 4 points at 3 months, control"))
    odds = low / (1.0 - low) / value("Odds ratio within control at 3 months")
    ratios = [
        value(f"Odds ratio within intervention at {visit}")
        / value(f"Odds ratio within control at {visit}")
        for visit in ("3 months", "9 months")
    ]
    between = [value(f"Odds ratio at {visit}") for visit in ("3 months", "9 months")]
    raw = high / (1.0 - high) / (low / (1.0 - low))
    raw_error = sqrt(
        sum(
            1.0 / (participants(f"Improved by 4 points at 3 months, {arm}") * share * (1.0 - share))
            for arm, share in (("control", low), ("intervention", high))
        )
    )
    error_published = value("Odds ratio at 3 months, log standard error")
    adjusted = value("Risk difference at 3 months (NNT 7.3)")
    normal = {arm: 100.0 * normal_response(arm) for arm in ("control", "intervention")}
    at_6_weeks = 100.0 * odds / (1.0 + odds)
    return [
        (
            "Improved by 4 points at 3 months if change were normal: control",
            f"{normal['control']:.0f}%",
        ),
        ("published (its binomial standard error)", f"{100 * low:.0f}% ({100 * error:.1f})"),
        ("the same: intervention", f"{normal['intervention']:.0f}%"),
        ("published", f"{100 * high:.0f}%"),
        (
            "Improved by 4 points at 6 weeks, control, from odds ratios within arms",
            f"{at_6_weeks:.1f}%",
        ),
        ("Odds ratios between arms from those within", f"{ratios[0]:.2f}, {ratios[1]:.2f}"),
        ("published", f"{between[0]:.2f}, {between[1]:.2f}"),
        ("Odds ratio at 3 months from the raw proportions, log SE", f"{raw:.2f}, {raw_error:.3f}"),
        ("published, adjusted", f"{between[0]:.2f}, {error_published:.3f}"),
        ("Number needed to treat from the raw proportions", f"{1.0 / (high - low):.1f}"),
        ("published, adjusted", f"{1.0 / adjusted:.1f}"),
    ]


def _small() -> list[tuple[str, str]]:
    start = value("RMDQ at baseline, mean")
    changes = [value(f"RMDQ at 3 months, {arm}") - start for arm in ("control", "intervention")]
    pseq = value("PSEQ at baseline, SD"), value("PSEQ at baseline, SD in Table 2")
    gpe = NUMBERS["GPE at 9 months, adjusted difference"]
    middle = sum(gpe.ci or ()) / 2.0
    primary = value("RMDQ at 9 months, standard error")
    sensitivity = value("RMDQ at 9 months, standard error, sensitivity analysis")
    return [
        ("Change of RMDQ from crude model means", f"{changes[0]:.1f}, {changes[1]:.1f}"),
        ("SD of PSEQ at baseline: Table 1, Table 2", f"{pseq[0]:.1f}, {pseq[1]:.1f}"),
        ("GPE at 9 months: difference, middle of its interval", f"{gpe.value:.2f}, {middle:.2f}"),
        ("SE at 9 months: primary, sensitivity", f"{primary:.3f}, {sensitivity:.3f}"),
    ]


def table() -> str:
    """Return the comparisons as a table in Markdown."""
    lines = ["| | |", "|---|---:|", *(f"| {name} | {number} |" for name, number in rows())]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
