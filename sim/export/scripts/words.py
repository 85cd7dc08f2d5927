"""What both scripts say at their heads: which analysis, and where other numbers come out."""

from scenarios.analyses.register import registered
from sim.export.scripts.layout import Layout
from sim.export.scripts.r_text import comment


def described(layout: Layout, mark: str) -> str:
    """Return the first lines of a script, as comments: the trial and the analysis."""
    entry = registered(layout.analysis)
    label = layout.analysis if entry is None else f"{layout.analysis}, {entry.label}"
    outcome = layout.outcome
    return "\n".join(
        [
            comment(layout.title, mark),
            comment(
                f"The primary analysis: {label}. Outcome: {outcome.label} ({outcome.name}), "
                f"primary visit: {layout.plan.primary_visit}.",
                mark,
            ),
        ]
    )


def cautions(layout: Layout) -> list[str]:
    """Return in which numbers the script differs from the table of estimates, and why."""
    plan, found = layout.plan, []
    if layout.clustered:
        found.append(
            f"Standard errors, limits and P values differ from those of the table estimates, which "
            f"are robust to the {layout.clustered} with the bias-reduced sandwich and Bell and "
            "McCaffrey's degrees of freedom; here they are those of the model. The package "
            "clubSandwich has such errors: the same for least squares, up to 0.4% apart for mixed "
            "models, whose correction is not unique."
        )
    elif layout.degrees_of_freedom and plan.small_sample == "kenward-roger":
        found.append(
            "Standard errors and degrees of freedom of the table estimates are Kenward and "
            "Roger's; here they are those of the model and Satterthwaite's."
        )
    elif layout.model in {"random intercept", "repeated measures"}:
        found.append(
            "Estimates, standard errors, degrees of freedom and P values are those of the table "
            "estimates. Variances count as known in standard errors"
            + (", which have Satterthwaite's degrees of freedom." if layout.degrees_of_freedom
               else ", and the reference distribution is the normal.")
        )  # fmt: skip
    else:
        found.append("Estimates, standard errors and P values are those of the table estimates.")
    if plan.hypothesis != "two_sided":
        found.append(
            f"P values are two-sided, as the column p of the table estimates; the plan's own test "
            f"({plan.hypothesis}) is its column p_decision."
        )
    return found


def no_standard_call(layout: Layout, software: str, mark: str) -> str:
    """Return a script that says why it is none."""
    return "\n".join(
        [
            described(layout, mark),
            comment(
                f"{software} has no standard call that gives the same estimate, so there is no "
                "script of it. The table estimates has what this analysis found.",
                mark,
            ),
            "",
        ]
    )
