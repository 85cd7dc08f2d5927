"""What both scripts say at their heads: which analysis, and where other numbers come out."""

from scenarios.analyses.register import registered
from sim.export.scripts.layout import Layout
from sim.export.scripts.r_text import comment

_CLUSTERED = (
    "Standard errors, limits and P values differ from those of the table estimates, which are "
    "robust to the {cluster} by the bias-reduced sandwich with Bell and McCaffrey's degrees of "
    "freedom; here they are those of the model, or of its own sandwich. The R package clubSandwich "
    "has such errors: the same for least squares, up to 0.4% apart for mixed models, whose "
    "correction is not unique."
)
_KENWARD_ROGER = (
    "Standard errors of the table estimates have Kenward and Roger's adjustment, which nlme does "
    "not have; here they are those of the model, and limits and P values differ accordingly. "
    "Degrees of freedom, Satterthwaite's, are the same."
)
_MODEL = (
    "Estimates, standard errors, degrees of freedom and P values are those of the table estimates. "
    "Variances count as known in standard errors; the reference distribution is {reference}."
)


def described(layout: Layout, mark: str) -> str:
    """Return the first lines of a script, as comments: the trial and the analysis."""
    entry = registered(layout.analysis)
    label = layout.analysis if entry is None else f"{layout.analysis}, {entry.label}"
    outcome = layout.outcome
    analysis = (
        f"The primary analysis: {label}. Outcome: {outcome.label} ({outcome.name}), primary "
        f"visit: {layout.plan.primary_visit}."
    )
    return "\n".join([comment(layout.title, mark), comment(analysis, mark)])


def cautions(layout: Layout, *, kenward_roger: bool = False) -> list[str]:
    """Return in which numbers a script differs from the table of estimates, and why.

    Parameters
    ----------
    layout
        Of the analysis.
    kenward_roger
        Whether the software has Kenward and Roger's errors.
    """
    plan, found = layout.plan, []
    roger = layout.degrees_of_freedom and plan.small_sample == "kenward-roger"
    if layout.clustered:
        found.append(_CLUSTERED.format(cluster=layout.clustered))
    elif roger and not kenward_roger:
        found.append(_KENWARD_ROGER)
    elif layout.model in {"random intercept", "repeated measures"} and not roger:
        satterthwaite = "t with Satterthwaite's degrees of freedom"
        reference = satterthwaite if layout.degrees_of_freedom else "the normal"
        found.append(_MODEL.format(reference=reference))
    else:
        found.append("Estimates, standard errors and P values are those of the table estimates.")
    if plan.hypothesis != "two_sided":
        found.append(
            "P values are two-sided, as the column p of the table estimates; the plan's own test "
            f"({plan.hypothesis}) is its column p_decision."
        )
    return found


def no_standard_call(layout: Layout, software: str, mark: str) -> str:
    """Return a script that says why it is none."""
    reason = (
        f"{software} has no standard call that gives the same estimate, so this is no script of "
        "it. The table estimates has what this analysis found."
    )
    return "\n".join([described(layout, mark), comment(reason, mark), ""])
