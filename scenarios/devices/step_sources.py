"""Part of a scenario that describes the devices that count steps."""

from collections.abc import Iterator

from scenarios.fields import Part, optional, probability, quantity


class StepCounter(Part):
    """A device that counts steps while it is worn or carried."""

    share: float = probability("of participants who start with it")
    worn: float = quantity("probability", "worn or carried on a day in week 0", gt=0.0, lt=1.0)
    worn_decline: float = quantity("logit per week", "decrease of wearing", ge=0.0)
    bias: float = quantity("ratio", "mean of recorded to true steps", gt=0.0)
    error: float = quantity("log SD", "of recorded about true steps", ge=0.0)
    sync_delay: float = quantity("days", "mean delay until a day is known to the app", ge=0.0)


class Band(StepCounter):
    """A wristband, which can be lost or break."""

    lost: float = quantity("per week", "lost or broken for good", ge=0.0, lt=1.0)
    given_up: float = quantity("per week", "taken off for good, nothing in its place", ge=0.0, lt=1)


class HandedOutBand(Band):
    """The wristband that participants are given, which they did not wear before."""

    adds: float = optional(
        "steps per day",
        "walked in addition on days on which it is worn, at first, whatever an app asks for",
        0.0,
        ge=0.0,
        le=20000.0,
    )
    adds_half_life: float | None = optional(
        "days", "in which that halves, from the first day with it on; if not stated, it lasts",
        None, gt=0.0,
    )  # fmt: skip


class StepSources(Part):
    """The three sources of steps; the phone replaces a lost band."""

    mi_band: HandedOutBand = quantity("table", "the band handed out, Mi Band 3")
    other_band: Band = quantity("table", "another band, the participant's own")
    phone: StepCounter = quantity("table", "the counter built into the phone")

    def _problems(self) -> Iterator[str]:
        total = self.mi_band.share + self.other_band.share + self.phone.share
        if abs(total - 1.0) > 1e-6:
            yield f"share: the sources sum to {total:g}, they must sum to 1"
