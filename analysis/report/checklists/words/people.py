"""Who may take part, how they are recruited and followed up, in sentences."""

from analysis.report.checklists.words.wording import counted, hours, listed, number, numbers, share
from scenarios.arms.given import own_table
from scenarios.design.run_in import NoRunIn, QuestionnaireRunIn
from scenarios.design.trial import Eligibility
from scenarios.people.course import MechanisticCourse
from scenarios.schema import Scenario


def eligibility(scenario: Scenario) -> str:
    """Return what makes people eligible, in sentences; '' if everybody is."""
    recruitment = scenario.recruitment
    limits = [_limit(scenario, each) for each in recruitment.eligibility]
    if isinstance(scenario.course, MechanisticCourse):
        if recruitment.minimum_rmdq:
            limits.append(f"RMDQ of at least {recruitment.minimum_rmdq} at screening")
        if recruitment.minimum_pain:
            limits.append(f"average pain of at least {recruitment.minimum_pain} at screening")
        if recruitment.minimum_duration:
            limits.append(f"an episode of {recruitment.minimum_duration} or longer")
    reasons = [
        f"{each.reason} ({share(each.probability)})"
        for each in recruitment.exclusions
        if each.probability
    ]
    parts = []
    if limits:
        parts.append(f"Required of a person: {listed(limits)}.")
    if reasons:
        parts.append(
            "Excluded by chance, with the probability among those assessed: "
            + listed(reasons)
            + "."
        )
    parts.append(run_in(scenario))
    return " ".join(part for part in parts if part)


def _limit(scenario: Scenario, limit: Eligibility) -> str:
    declared = {each.name: each for each in scenario.covariates}
    covariate = declared.get(limit.covariate)
    label = limit.covariate if covariate is None else covariate.label
    unit = "" if covariate is None or not covariate.unit else f" {covariate.unit}"
    if limit.levels:
        return f"{label} {listed(limit.levels, 'or')}"
    if limit.minimum is not None and limit.maximum is not None:
        return f"{label} from {number(limit.minimum)} to {number(limit.maximum)}{unit}"
    if limit.minimum is not None:
        return f"{label} of at least {number(limit.minimum)}{unit}"
    return f"{label} of at most {number(limit.maximum or 0.0)}{unit}"


def run_in(scenario: Scenario) -> str:
    """Return what must be done before randomization, '' for nothing."""
    run = scenario.recruitment.run_in
    if isinstance(run, NoRunIn):
        return ""
    if isinstance(run, QuestionnaireRunIn):
        return (
            f"Run-in of {number(run.days)} days: only those who answer a questionnaire "
            f"({share(run.response)}) are randomized."
        )
    what = "open an app that gives no advice" if run.kind == "app" else "record steps"
    return (
        f"Run-in of {run.days} days: only those who {what} on at least {run.needed_days} of them "
        "are randomized."
    )


def recruiting(scenario: Scenario) -> str:
    """Return how people come into the trial, as modelled."""
    own = scenario.recruitment
    team = " in each team" if scenario.staff.teams_by else ""
    return (
        f"Interest arrives as a Poisson process of {number(own.interest_per_day)} people a day "
        f"from {scenario.trial.opens.isoformat()}, until {scenario.trial.sample_size} are "
        f"randomized. Up to {counted(own.call_attempts, 'call')} are made, {number(own.call_gap)} "
        f"days apart, each taken with probability {number(own.reached_per_call)}; "
        f"{share(own.refused_at_contact)} of those reached and {share(own.refused_at_screening)} "
        f"of those eligible refuse. Screening takes {hours(own.screening_hours)} of one of "
        f"{counted(own.screeners, 'assistant')}{team}, within working hours."
    )


def setting(scenario: Scenario) -> str:
    """Return from where participants come, as far as strata and clinics tell."""
    factors = {name: scenario.trial.factor_levels(name) for name in scenario.trial.factors}
    labels = {each.name: each.label for each in scenario.covariates}
    told = [
        f"{labels.get(name, name)}: {listed(level.replace('_', ' ') for level in levels)}"
        for name, levels in factors.items()
    ]
    return f"Randomization strata of the scenario: {'; '.join(told)}." if told else ""


def contacts(scenario: Scenario) -> str:
    """Return what is done to get answers."""
    own = scenario.followup
    days = own.reminder_days
    text = (
        f"{counted(len(days), 'reminder')} {'on day' if len(days) == 1 else 'on days'} "
        f"{numbers(days)} after the invitation"
        if days
        else "no reminders"
    )
    calls = own.retention.call_days
    if calls:
        text += f", calls to non-responders on {'day' if len(calls) == 1 else 'days'} "
        text += numbers(calls)
    if own.retention.incentive != 1.0:
        text += f", an incentive (hazard of an answer times {number(own.retention.incentive)})"
    return f"{text[:1].upper()}{text[1:]}."


def losses(scenario: Scenario) -> str:
    """Return withdrawal and response by arm, as modelled."""
    rows: dict[str, str] = {}
    for code, own in enumerate(scenario.by_arm):
        table = own.followup.arms[own_table(scenario.arms, code, own.followup.arms)]
        withdrawn = own.followup.retention.withdrawal * sum(table.withdrawal)
        rows[scenario.arms[code].label] = (
            f"{share(withdrawn)} withdraw by the last visit; of the others {_all(table.response)} "
            "answer at the visits in their order."
        )
    if len(set(rows.values())) == 1:
        rows = {"All arms": next(iter(rows.values()))}
    dropout = scenario.followup.dropout
    last = f" A further {share(dropout)} are lost, evenly over follow-up." if dropout else ""
    return " ".join(f"{label}: {text}" for label, text in rows.items()) + last


def _all(values: tuple[float, ...]) -> str:
    if len(set(values)) == 1:
        return share(values[0])
    return listed(map(share, values))
