"""The checklists there are, and how one is filled in."""

from collections.abc import Mapping
from types import MappingProxyType

from analysis.report.checklists.ademp import ADEMP
from analysis.report.checklists.consort import CONSORT
from analysis.report.checklists.credibility import CREDIBILITY
from analysis.report.checklists.facts import NO_STUDY, StudyFacts
from analysis.report.checklists.items import Checklist, Source, filled_in
from analysis.report.checklists.stress_des import STRESS_DES
from scenarios.errors import InputError, nearest
from scenarios.schema import Scenario

CHECKLISTS: Mapping[str, Source] = MappingProxyType(
    {source.name: source for source in (ADEMP, STRESS_DES, CONSORT, CREDIBILITY)}
)
"""By name, in the order in which they are shown."""


def checklist(name: str, scenario: Scenario, facts: StudyFacts = NO_STUDY) -> Checklist:
    """Return a checklist, filled in.

    Parameters
    ----------
    name
        One of :data:`CHECKLISTS`.
    scenario
        Of the trial; of several designs, the first.
    facts
        Of the study; nothing of it need be there.

    Raises
    ------
    InputError
        If there is no list of this name.
    """
    if name not in CHECKLISTS:
        close = nearest(name, CHECKLISTS)
        hint = f"did you mean {close!r}?" if close else f"must be one of {', '.join(CHECKLISTS)}"
        raise InputError(f"checklist {name!r} is unknown: {hint}")
    return filled_in(CHECKLISTS[name], scenario, facts)


def all_checklists(scenario: Scenario, facts: StudyFacts = NO_STUDY) -> tuple[Checklist, ...]:
    """Return all checklists, filled in, in the order in which they are shown."""
    return tuple(checklist(name, scenario, facts) for name in CHECKLISTS)
