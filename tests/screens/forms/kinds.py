"""Inputs with every kind of field that pydantic describes, for the tests of forms."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal, NotRequired
from uuid import UUID

from pydantic import AnyUrl, Base64Bytes, BaseModel, ConfigDict, Field, SecretStr
from typing_extensions import TypedDict

from agentkit import Money
from agentkit.money import MoneyBag


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Share(BaseModel):
    author: str
    percent: Decimal = Field(ge=0, le=100)
    note: str | None = None


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    name: str


class Tree(BaseModel):
    name: str
    branches: list["Tree"] = []


class Window(TypedDict):
    start: date
    end: NotRequired[date]


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")

    name: str


class Everything(BaseModel):
    """One field of each kind."""

    text: str
    short: str = Field(default="ab", min_length=1, max_length=5, pattern="^[a-z]*$", description="Small letters.")
    empty: str = ""
    maybe_text: str | None = "x"
    secret_hint: str = Field(default="", json_schema_extra={"format": "textarea"})
    whole: int
    bounded: int = Field(default=3, ge=1, lt=10)
    number: float
    half: float = Field(default=0.5, ge=0, le=10, multiple_of=0.5)
    exact: Decimal
    price: Decimal = Field(default=Decimal("1.50"), gt=0)
    maybe_exact: Decimal | None = None
    flag: bool
    maybe_flag: bool | None = None
    day: date
    moment: datetime
    clock: time
    span: timedelta
    id: UUID
    address: AnyUrl
    colour: Colour
    level: Level = Level.LOW
    mode: Literal["fast", 2, None]
    fixed: Literal["only"]
    maybe_fixed: Literal["only"] | None = None
    nothing: None = None
    rows: list[int]
    shares: Annotated[list[Share], Field(min_length=1)]
    colours: set[Colour]
    formats: list[Literal["pdf", "excel"]] = ["pdf"]
    unique: frozenset[int] = frozenset()
    pair: tuple[int, str]
    many: tuple[Decimal, ...]
    counts: dict[str, int]
    by_colour: dict[Colour, Decimal]
    nested: dict[str, list[int]]
    free: dict[str, Any]
    share: Share
    maybe_share: Share | None = None
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    either: int | str
    tree: Tree
    window: Window
    anything: Any = None
    money: Money
    maybe_money: Money | None = None
    bag: MoneyBag
    open: Open
    raw: bytes
    coded: Base64Bytes


class Secret(BaseModel):
    password: SecretStr
