"""What a kind of study has to tell, before assumptions and record are added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.report.page.document import Section, Tone


@dataclass(frozen=True, slots=True)
class Told:
    """What is told.

    Attributes
    ----------
    kind
        What was done, in words: the line above the title.
    question, verdict, tone
        See :class:`analysis.report.page.document.Report`.
    sections
        In order.
    title
        Of the report; '' for that of the scenario.
    results
        What the study's own JSON file has, for the checklists; nothing where there is none.
    """

    kind: str
    question: str
    verdict: str
    sections: Sequence[Section]
    tone: Tone = "plain"
    title: str = ""
    results: Mapping[str, Any] = field(default_factory=dict)
