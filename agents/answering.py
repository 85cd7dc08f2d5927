"""Response to questionnaires and reminders, and withdrawals.

A person answers a questionnaire after the first contact (the invitation, each reminder, each call)
whose threshold, shifted by the inclination to answer, exceeds the person's latent reluctance.
Reluctance is standard normal: a part that belongs to the person and a part of the occasion. So the
number of contacts changes how many answer and nothing else: a person who answers after two does so
whether or not there would have been a third.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from scenarios.design.followup import ArmFollowUp, FollowUp


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Predictors of answering, for m persons and one questionnaire.

    Attributes
    ----------
    age
        (m,) normal score of age.
    baseline, last
        (m,) primary outcome as reported at baseline, and in the last questionnaire answered.
    pain, disability
        (m,) state when the questionnaire is due, reported or not.
    quit_app
        (m,) whether a participant of the app arm does not use the app.
    """

    age: np.ndarray
    baseline: np.ndarray
    last: np.ndarray
    pain: np.ndarray
    disability: np.ndarray
    quit_app: np.ndarray


def inclination(followup: FollowUp, given: Circumstances) -> np.ndarray:
    """Return the inclination to answer in probits, (m,).

    It is 0 under MCAR; it depends on observed data under MAR, and also on unobserved under MNAR.
    """
    slopes = followup.slopes
    if followup.missingness == "mcar":
        return np.zeros(len(given.age))
    observed = slopes.age * given.age + slopes.baseline * given.baseline + slopes.last * given.last
    if followup.missingness == "mar":
        return np.asarray(observed)
    return np.asarray(
        observed
        + slopes.pain * given.pain
        + slopes.disability * given.disability
        + slopes.quit_app * given.quit_app
    )


def contact_shares(followup: FollowUp, arm: ArmFollowUp) -> np.ndarray:
    """Return the share that has answered after the invitation and after each reminder.

    With S the arm's ``response`` at a visit, reached with R reminders, and w the strength of a
    reminder, the share after c reminders is 1 - (1 - S)^((1 + w c) / (1 + w R)): each contact adds
    to the cumulative hazard of an answer, a reminder w times as much as the invitation. So the
    stated share holds with R reminders, and fewer reminders bring fewer answers. A call adds
    its strength times as much, and an incentive multiplies the whole hazard.

    >>> from scenarios.loading.load import load_scenario
    >>> follow = load_scenario("selfback_2021").followup
    >>> contact_shares(follow, follow.arms["control"])[1].round(3).tolist()
    [0.589, 0.737, 0.831, 0.892]

    Returns
    -------
    (visits, contacts), increasing in the contacts.
    """
    retention = followup.retention
    contacts = 1.0 + followup.reminder_strength * np.arange(1 + len(followup.reminder_days))
    calls = retention.call_strength * np.arange(1, 1 + len(retention.call_days))
    hazard = retention.incentive * np.concatenate([contacts, contacts[-1] + calls])
    calibrated = 1.0 + followup.reminder_strength * followup.response_reminders
    missing = 1.0 - np.array(arm.response)[:, None]
    return np.asarray(1.0 - missing ** (hazard / calibrated))


def thresholds(
    shares: np.ndarray, inclined: np.ndarray, person: np.ndarray, frailty: float
) -> np.ndarray:
    """Return the thresholds at which stated shares of some people answer.

    The mean over the people of the probability of answering equals the share; the occasion's part
    of reluctance is integrated out. People should differ in the person's part as widely as a normal
    distribution does.

    Parameters
    ----------
    shares
        (contacts,) proportions.
    inclined
        (m,) inclination to answer, probits.
    person
        (m,) the person's part of reluctance, standard normal.
    frailty
        Its share of the variance, at least 0 and below 1.

    Returns
    -------
    (contacts,) thresholds; infinite if all or none answer. Without persons (m = 0), those for an
    inclination of 0.
    """
    if not len(inclined):
        return np.asarray(special.ndtri(shares))
    from scipy import optimize  # noqa: PLC0415 - slow to import; asked for once in a process

    centre = inclined - np.sqrt(frailty) * person
    spread = np.sqrt(1.0 - frailty)
    reach = 9.0 + float(np.abs(centre).max(initial=0.0))

    def at(share: float) -> float:
        if share <= 0.0 or share >= 1.0:
            return float(np.copysign(np.inf, share - 0.5))
        return float(
            optimize.brentq(
                lambda level: special.ndtr((level + centre) / spread).mean() - share, -reach, reach
            )
        )

    return np.array([at(float(share)) for share in shares])


def reluctance(frailty: float, person: np.ndarray, occasion: np.ndarray) -> np.ndarray:
    """Return the latent reluctance to answer, (n, visits), from standard normals.

    Parameters
    ----------
    frailty
        Share of the variance that belongs to the person.
    person, occasion
        (n,) and (n, visits) standard normals.
    """
    return np.asarray(np.sqrt(frailty) * person[:, None] + np.sqrt(1.0 - frailty) * occasion)


def withdrawal_day(
    followup: FollowUp, arm: ArmFollowUp, visit_days: np.ndarray, uniforms: np.ndarray
) -> np.ndarray:
    """Return the day each person withdraws, infinite for those who do not.

    Parameters
    ----------
    followup, arm
        Probability of withdrawing in each period between visits, and the further dropout that is
        spread evenly over follow-up; both multiplied by ``retention.withdrawal``.
    visit_days
        (visits,) days on which questionnaires are due.
    uniforms
        (n, 2) uniforms: the first for withdrawal, the second for the further dropout.
    """
    ratio = followup.retention.withdrawal
    edges = ratio * np.concatenate([[0.0], np.cumsum(arm.withdrawal)])
    bounds = np.concatenate([[0.0], visit_days])
    withdrawn = np.where(
        uniforms[:, 0] < edges[-1], np.interp(uniforms[:, 0], edges, bounds), np.inf
    )
    dropout = ratio * followup.dropout
    if dropout == 0.0:
        return withdrawn
    share = uniforms[:, 1] / dropout
    return np.minimum(withdrawn, np.where(share < 1.0, share * visit_days[-1], np.inf))


def day_if_withdrawn(
    followup: FollowUp, arm: ArmFollowUp, visit_days: np.ndarray, uniforms: np.ndarray
) -> np.ndarray:
    """Return the day on which each person withdraws if everybody does, (n,).

    They are distributed as the days of those who do are, as far as hardly anybody would withdraw
    and drop out; see :func:`withdrawal_day` for parameters. Where nobody withdraws, the days are
    spread evenly.
    """
    edges = np.concatenate([[0.0], np.cumsum(arm.withdrawal)])
    bounds = np.concatenate([[0.0], visit_days])
    total = edges[-1] + followup.dropout
    withdrawn = np.interp(uniforms[:, 0] * edges[-1], edges, bounds)
    dropped = uniforms[:, 0] * visit_days[-1]
    return np.asarray(np.where(uniforms[:, 1] * total < edges[-1], withdrawn, dropped))
