"""What a checklist is: items in the order of its source, each with what is told of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from analysis.report.checklists.facts import StudyFacts
from scenarios.schema import Scenario

Status = Literal["generated", "generated in part", "author", "not applicable"]
STATUSES: tuple[Status, ...] = ("generated", "generated in part", "author", "not applicable")
"""All that is asked for is told; a part of it, the rest is for the author; nothing is, all is for
the author; the item is about something that this trial or study does not have."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one item.

    Attributes
    ----------
    text
        Sentences; of an item that does not apply, why.
    origin
        Keys of the scenario, and records of the study, that it is made of, ' ; '-separated.
    wanted
        What the author has to write, in the imperative; '' for nothing.
    applies
        Whether the item is about something that the trial or study has.
    """

    text: str
    origin: str
    wanted: str = ""
    applies: bool = True

    @property
    def status(self) -> Status:
        """How far it is told."""
        if not self.applies:
            return "not applicable"
        if not self.text:
            return "author"
        return "generated in part" if self.wanted else "generated"


def told(text: str, *origin: str, wanted: str = "") -> Told:
    """Return what is told, from where, and what is left to the author."""
    return Told(text, "; ".join(dict.fromkeys(origin)), wanted)


def author(wanted: str) -> Told:
    """Return that all is left to the author."""
    return Told("", "", wanted)


def not_applicable(reason: str, *origin: str) -> Told:
    """Return that an item does not apply, and what tells so."""
    return Told(reason, "; ".join(dict.fromkeys(origin)), applies=False)


Teller = Callable[[Scenario, StudyFacts], Told]


@dataclass(frozen=True, slots=True)
class Topic:
    """A line of a published list.

    Attributes
    ----------
    section, number, topic
        As in the source, the topic in our words.
    tell
        What tells of it; what is the same for all trials and studies as it is.
    """

    section: str
    number: str
    topic: str
    tell: Teller | Told


@dataclass(frozen=True, slots=True)
class Source:
    """A published list.

    Attributes
    ----------
    name
        By which it is asked for.
    title
        For a heading.
    citation
        Of the publication.
    about
        How it is to be read.
    topics
        Its lines in their order.
    """

    name: str
    title: str
    citation: str
    about: str
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One item, filled in. Its texts are plain: whatever shows them escapes them.

    Attributes
    ----------
    checklist
        Name of its list.
    section, number, topic
        As in the source, the topic in our words.
    generated
        Sentences from scenario and records; of an item that does not apply, why.
    wanted
        What the author has to write; '' for nothing.
    status
        How far it is told.
    origin
        Keys and records that ``generated`` is made of; '' if it is empty.
    """

    checklist: str
    section: str
    number: str
    topic: str
    generated: str
    wanted: str
    status: Status
    origin: str

    @property
    def text(self) -> str:
        """All there is to show, never empty."""
        marked = f"Author: {self.wanted}" if self.wanted else ""
        return " ".join(part for part in (self.generated, marked) if part)


@dataclass(frozen=True, slots=True)
class Checklist:
    """A published list, filled in for one scenario and study.

    Attributes
    ----------
    name, title, citation, about
        See :class:`Source`.
    of
        Title of the scenario.
    items
        In the order of the source.
    """

    name: str
    title: str
    citation: str
    about: str
    of: str
    items: tuple[Item, ...]

    def count(self, status: Status) -> int:
        """Return how many items have a status."""
        return sum(item.status == status for item in self.items)

    def __getitem__(self, number: str) -> Item:
        """Return the item of a number.

        Raises
        ------
        KeyError
            If there is none.
        """
        for item in self.items:
            if item.number == number:
                return item
        raise KeyError(number)


def filled_in(source: Source, scenario: Scenario, facts: StudyFacts) -> Checklist:
    """Return a list with what a scenario and the facts of a study tell of each item."""
    items = []
    for topic in source.topics:
        tell = topic.tell
        found = tell if isinstance(tell, Told) else tell(scenario, facts)
        items.append(
            Item(
                source.name, topic.section, topic.number, topic.topic, found.text, found.wanted,
                found.status, found.origin,
            )
        )  # fmt: skip
    return Checklist(
        source.name, source.title, source.citation, source.about, scenario.title, tuple(items)
    )
