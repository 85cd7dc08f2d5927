"""Which parameters of a scenario a calibration may change, on which scale, and how far."""

import copy
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from scenarios.errors import InputError, ScenarioError, nearest, one_line
from scenarios.fields import Part
from scenarios.files import content_of, why
from scenarios.loading.keys import Path, dotted, dotted_keys, read_key, with_positions
from scenarios.loading.layers import Merged
from scenarios.loading.load import validate
from scenarios.loading.toml_parsed import parsed
from scenarios.schema import Scenario

REACH = 2.0
"""Prior SDs within which every value must be one that the scenario allows."""


class FreeParameter(Part):
    """One parameter with its prior: normal on a transformed scale."""

    key: str = Field(description="dotted; an element of a list by its position, as in x.y.0")
    transform: Literal["identity", "log", "logit"] = Field(
        description="scale on which it is fitted and its prior is normal"
    )
    low: float = Field(default=0.0, description="lower bound of a logit")
    high: float = Field(default=1.0, description="upper bound of a logit")
    mean: float | None = Field(
        default=None, description="prior mean in the parameter's own unit; the scenario's value"
    )
    sd: float = Field(gt=0.0, description="prior SD on the transformed scale")
    balance: str | None = Field(
        default=None, description="key that takes the opposite change, so that shares sum to 1"
    )
    along: tuple[str, ...] = Field(
        default=(), description="keys that move with it, as far on the transformed scale"
    )
    source: str = Field(min_length=1, description="why it is free, and where its prior is from")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low: {self.low:g} is not allowed: must be below high, {self.high:g}")
        return self

    @property
    def path(self) -> Path:
        """Names of tables and keys, and positions in lists."""
        return key_path(self.key)

    def to_scale(self, value: float) -> float:
        """Return a value on the transformed scale.

        Raises
        ------
        ValueError
            If the transform does not take it.
        """
        if self.transform == "identity":
            return value
        if self.transform == "log":
            if value <= 0.0:
                raise ValueError(f"{value:g} has no logarithm: must be above 0")
            return math.log(value)
        if not self.low < value < self.high:
            raise ValueError(f"{value:g} is not between {self.low:g} and {self.high:g}")
        return math.log((value - self.low) / (self.high - value))

    def from_scale(self, scaled: float) -> float:
        """Return the value in the parameter's own unit."""
        if self.transform == "identity":
            return scaled
        if self.transform == "log":
            return math.exp(scaled)
        return self.low + (self.high - self.low) / (1.0 + math.exp(-scaled))


class FreeParameterFile(Part):
    """What a file of free parameters holds."""

    parameters: tuple[FreeParameter, ...] = Field(min_length=1)


class ParameterSpace:
    """A scenario with some of its parameters free.

    Points are given in prior SDs from the prior mean, on each parameter's transformed scale.

    Parameters
    ----------
    parameters
        Those that are free.
    merged
        The scenario's layers.
    label
        What messages call the file of the parameters.

    Raises
    ------
    InputError
        If a key is unknown or named twice, its value is no number, or a value within two prior
        SDs is not allowed.
    """

    def __init__(self, parameters: Sequence[FreeParameter], merged: Merged, label: str) -> None:
        self.parameters = tuple(_with_positions(each, merged.data) for each in parameters)
        self.merged = merged
        self.means: list[float] = []
        keys = [parameter.path for parameter in self.parameters]
        for position, parameter in enumerate(self.parameters):
            where = f"{label}: parameters[{position}]: key"
            if keys.index(parameter.path) < position:
                raise InputError(f"{where} = {parameter.key!r} is there already: name it once")
            value = _number(merged.data, parameter.key, where)
            tied = {"balance": [parameter.balance] if parameter.balance else []}
            for name, others in (tied | {"along": list(parameter.along)}).items():
                for other in others:
                    _number(merged.data, other, f"{label}: parameters[{position}]: {name}")
            mean = value if parameter.mean is None else parameter.mean
            try:
                self.means.append(parameter.to_scale(mean))
                for key in (parameter.key, *parameter.along) if parameter.along else ():
                    parameter.to_scale(get_value(merged.data, key_path(key)))
            except ValueError as error:
                raise InputError(
                    f"{where} = {parameter.key!r}, {parameter.transform}: prior mean {error}"
                ) from None
        self._check_reach(label)

    def __len__(self) -> int:
        return len(self.parameters)

    @property
    def keys(self) -> list[str]:
        """The keys as they were written."""
        return [parameter.key for parameter in self.parameters]

    def values(self, point: Sequence[float]) -> list[float]:
        """Return a point in the parameters' own units."""
        return [
            parameter.from_scale(mean + parameter.sd * step)
            for parameter, mean, step in zip(self.parameters, self.means, point, strict=True)
        ]

    @property
    def keys_set(self) -> list[str]:
        """Keys of everything that a point sets: the parameters and what is tied to them."""
        tied = [key for p in self.parameters for key in p.along]
        tied += [p.balance for p in self.parameters if p.balance is not None]
        return list(dict.fromkeys([*self.keys, *tied]))

    def data(self, values: Sequence[float]) -> dict[str, Any]:
        """Return the scenario's tables with these values, in the parameters' own units."""
        data = copy.deepcopy(self.merged.data)
        for parameter, value in zip(self.parameters, values, strict=True):
            if parameter.balance is not None:
                other = key_path(parameter.balance)
                change = value - get_value(data, parameter.path)
                set_value(data, other, round(get_value(data, other) - change, 12))
            if parameter.along:
                moved = parameter.to_scale(value)
                moved -= parameter.to_scale(get_value(data, parameter.path))
                for other in map(key_path, parameter.along):
                    there = parameter.to_scale(get_value(data, other)) + moved
                    set_value(data, other, round(parameter.from_scale(there), 12))
            set_value(data, parameter.path, value)
        return data

    def scenario(self, point: Sequence[float]) -> Scenario:
        """Return the scenario at a point.

        Raises
        ------
        ScenarioError
            If its values are not allowed.
        """
        data = self.data(self.values(point))
        return validate(Merged(data, self.merged.origins, self.merged.layers))

    def _check_reach(self, label: str) -> None:
        for position, parameter in enumerate(self.parameters):
            for step in (0.0, -REACH, REACH):
                point = [0.0] * len(self)
                point[position] = step
                try:
                    self.scenario(point)
                except ScenarioError as error:
                    value = self.values(point)[position]
                    raise InputError(
                        f"{label}: parameters[{position}]: {parameter.key} = {value:.4g}, "
                        f"{step:g} prior SDs from its mean, is not allowed "
                        f"(choose a smaller sd or another transform): {error}"
                    ) from None


def load_free_parameters(file: FilePath) -> tuple[FreeParameter, ...]:
    """Read a file of free parameters.

    Raises
    ------
    InputError
        If it cannot be read, or something in it is not allowed.
    """
    try:
        document = parsed(content_of(file).decode("utf-8"))
    except FileNotFoundError:
        raise InputError(f"{file}: there is no such file") from None
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {why(error)}") from error
    except ValueError as error:
        raise InputError(f"{file}: is not TOML: {one_line(str(error))}") from None
    try:
        text = json.dumps(document, default=str)
        return FreeParameterFile.model_validate_json(text, strict=True).parameters
    except ValidationError as error:
        raise InputError(_first_problem(error, file)) from None


def key_path(key: str, data: object = None) -> Path:
    """Read a dotted key, in which ``.0`` is a position in a list; what is no key is one step.

    An element of a list may be named in it where the scenario's tables are given.

    >>> key_path('followup.arms.control.response.0')
    ('followup', 'arms', 'control', 'response', 0)
    >>> key_path('trial.strata[2].share')
    ('trial', 'strata', 2, 'share')
    """
    try:
        path, rest = read_key(key)
    except ValueError:
        return (key,)
    if rest:
        return (key,)
    path = tuple(int(step) if isinstance(step, str) and step.isdecimal() else step for step in path)
    return path if data is None else with_positions(path, data)


def get_value(data: Any, path: Path) -> Any:
    """Return what stands at a path.

    Raises
    ------
    KeyError, IndexError, TypeError
        If there is no such place.
    """
    for step in path:
        data = data[step]
    return data


def set_value(data: Any, path: Path, value: Any) -> None:
    """Put a value at a path that exists."""
    get_value(data, path[:-1])[path[-1]] = value


def _with_positions(parameter: FreeParameter, data: Mapping[str, Any]) -> FreeParameter:
    """Return a parameter whose keys have positions in place of the names of elements of lists."""

    def placed(key: str) -> str:
        path, found = key_path(key), key_path(key, data)
        return key if found == path else dotted(found)

    balance = None if parameter.balance is None else placed(parameter.balance)
    along = tuple(placed(key) for key in parameter.along)
    changes = {"key": placed(parameter.key), "balance": balance, "along": along}
    return parameter.model_copy(update=changes)


def _number(data: Mapping[str, Any], key: str, where: str) -> float:
    try:
        value = get_value(data, key_path(key, data))
    except (KeyError, IndexError, TypeError):
        close = nearest(key, dotted_keys(data))
        hint = f"; did you mean {close}?" if close else ""
        raise InputError(f"{where} = {key!r} is no parameter of the scenario{hint}") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{where} = {key!r} is not allowed: its value must be a number")
    return float(value)


def _first_problem(error: ValidationError, file: FilePath) -> str:
    # A misspelt key is also a missing one: the misspelling says more.
    problem = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
    place = dotted(tuple(step for step in problem["loc"] if isinstance(step, str | int)))
    message = problem["msg"].removeprefix("Value error, ")
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    if problem["type"] == "missing":
        return f"{file}: {place} is missing{more}"
    if problem["type"] == "extra_forbidden":
        known = FreeParameter.model_fields if place.count(".") else FreeParameterFile.model_fields
        close = nearest(place.rsplit(".", 1)[-1], known)
        hint = f"did you mean {close}?" if close else f"there are {', '.join(known)}"
        return f"{file}: {place} is unknown: {hint}{more}"
    given = problem["input"]
    shown = "" if isinstance(given, dict | list) else f" = {str(given)[:60]!r}"
    return f"{file}: {place}{shown} is not allowed: {one_line(message)}{more}"
