"""The blocks of a config whose shape does not depend on the machine, as pydantic models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from jaxent.app.errors import InputError, hint, listed, one_of, show
from jaxent.directions import FREE, MAX_DIFFERENTIATED, MAX_MEASUREMENTS
from jaxent.measures import OBJECTIVES
from jaxent.study import SMALLEST_EFFICIENCY

MAX_VARIANTS = 64
MAX_POINTS = 10_000

_LARGEST_SEED = 2**63 - 1  # what an integer attribute of a NetCDF file holds
_STUDY_KEYS = "a list of comparisons such as 'g <= bath_a.gamma'"
_MEASUREMENTS = "dodecahedron, or an integer from 2 to {}"
_EFFICIENCY = f"a number in [{SMALLEST_EFFICIENCY:g}, 1]"

Efficiency = Annotated[float, Field(ge=SMALLEST_EFFICIENCY, le=1, allow_inf_nan=False)]


class Block(BaseModel):
    """A mapping without unknown keys, whose values are what they are: ``true`` is no number.

    The description of a field says what is allowed there.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SweepBlock(Block):
    """What a parameter runs over in ``sweep``: a list, or an interval."""

    values: list[float] | None = Field(
        None, min_length=1, max_length=MAX_POINTS, description="a list of numbers"
    )
    from_: float | None = Field(None, alias="from", description="a number")
    to: float | None = Field(None, description="a number")
    points: int | None = Field(
        None, ge=1, le=MAX_POINTS, description=f"an integer from 1 to {MAX_POINTS}"
    )
    scale: Literal["log", "linear"] | None = Field(None, description="log, linear")


class EfficiencyBlock(Block):
    """``efficiency``: a list, or an interval."""

    values: list[Efficiency] | None = Field(
        None, min_length=1, max_length=MAX_POINTS, description=f"a list, each {_EFFICIENCY}"
    )
    from_: Efficiency | None = Field(None, alias="from", description=_EFFICIENCY)
    to: Efficiency | None = Field(None, description=_EFFICIENCY)
    points: int | None = Field(
        None, ge=1, le=MAX_POINTS, description=f"an integer from 1 to {MAX_POINTS}"
    )
    scale: Literal["log", "linear"] | None = Field(None, description="log, linear")


class SearchBlock(Block):
    """``search``: how hard to search."""

    starts: int = Field(64, ge=1, le=100_000, description="an integer from 1 to 100000")
    steps: int = Field(300, ge=1, le=100_000, description="an integer from 1 to 100000")
    seed: int = Field(0, ge=0, le=_LARGEST_SEED, description="an integer from 0 to 2^63 - 1")
    rounds: int = Field(2, ge=0, le=20, description="an integer from 0 to 20")
    learning_rate: float = Field(
        0.05, gt=0, le=1, allow_inf_nan=False, description="a number in (0, 1]"
    )


def _measurements(most: int, *names: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        number = isinstance(value, int) and not isinstance(value, bool)
        if value not in ("dodecahedron", *names) and not (number and 2 <= value <= most):
            raise ValueError
        return value

    return BeforeValidator(check)


Certified = Annotated[str | int, _measurements(MAX_MEASUREMENTS)]
Differentiated = Annotated[str | int, _measurements(MAX_DIFFERENTIATED, FREE)]


class CertifyBlock(Block):
    """``certify``: which certificates to make."""

    steering: Certified = Field(description=_MEASUREMENTS.format(MAX_MEASUREMENTS))


class StudyBlock(Block):
    """A whole study."""

    title: str | None = Field(None, description="one line of printable characters")
    machine: dict[str, Any] = Field(description="a mapping with kind and parameters")
    free: dict[str, Any] = Field({}, description="a mapping of parameters to {low, high, scale}")
    filters: dict[str, Any] | None = Field(
        None, description="{a: [...], b: [...]} or one of them: filters that are fixed"
    )
    objective: str = Field(description=listed(OBJECTIVES))
    measurements: Differentiated = Field(
        "dodecahedron", description=f"{FREE}, {_MEASUREMENTS.format(MAX_DIFFERENTIATED)}"
    )
    efficiency: EfficiencyBlock | None = Field(
        None, description="{values: [...]} or {from, to, points, scale}"
    )
    sweep: dict[str, Any] | None = Field(
        None, description="one parameter: {values: [...]} or {from, to, points, scale}"
    )
    constraints: list[Any] = Field([], description=_STUDY_KEYS)
    search: SearchBlock = Field(
        default_factory=lambda: SearchBlock.model_validate({}), description="a mapping"
    )
    certify: CertifyBlock | None = Field(None, description="{steering: dodecahedron or a number}")

    @field_validator("title", mode="after")
    @classmethod
    def _printable(cls, title: str | None) -> str | None:
        # The formats of the results do not hold every control character.
        if title is not None and not title.isprintable():
            raise ValueError
        return title


class StateBlock(Block):
    """A state file."""

    machine: dict[str, Any] = Field(description="a mapping with kind and parameters")
    filters: dict[str, Any] | None = Field(None, description="{a: [...], b: [...]} or one of them")


AnyBlock = TypeVar("AnyBlock", bound=Block)


def validated(model: type[AnyBlock], data: Any, field: str = "") -> AnyBlock:
    """The data as a block; what is wrong first, in one line.

    Args:
        model: the block's class.
        data: what the config says.
        field: where it stands, for error messages.

    Raises:
        InputError: the data do not fit.
    """
    if not isinstance(data, Mapping):
        keys = listed(info.alias or name for name, info in model.model_fields.items())
        place = f"{field}: " if field else ""
        raise InputError(f"{place}{show(data)} is given; allowed: a mapping with the keys {keys}")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        place = f"{field}." if field else ""
        raise InputError(place + _one_line(model, error)) from None


def _one_line(model: type[Block], error: ValidationError) -> str:
    errors = error.errors(include_url=False)
    # A misspelt key shows as one that is unknown and one that is missing: the first is to mend.
    first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
    field, place, owner = None, "", model
    for part in first["loc"]:
        if isinstance(part, int):
            place += f"[{part}]"
            continue
        place += f".{part}" if place else part
        fields = {info.alias or name: info for name, info in owner.model_fields.items()}
        field = fields.get(part)
        owner = _inner_block(field) or owner
    if first["type"] == "extra_forbidden":
        keys = [info.alias or name for name, info in owner.model_fields.items()]
        if owner is StudyBlock:
            keys.append("variants")
        if owner is StateBlock and place in StudyBlock.model_fields:
            return f"{place}: this is a study; allowed in a state file: {listed(keys)}"
        return f"{place}: unknown key; allowed: {one_of(keys, first['loc'][-1])}"
    allowed = field.description if field else first["msg"]
    if first["type"] == "missing":
        return f"{place}: missing; allowed: {allowed}"
    value = first["input"]
    return f"{place}: {show(value)} is given; allowed: {allowed}{hint(value)}"


def _inner_block(field: Any) -> type[Block] | None:
    candidates = [field.annotation, *getattr(field.annotation, "__args__", ())] if field else []
    return next((c for c in candidates if isinstance(c, type) and issubclass(c, Block)), None)
