"""The base of all records: frozen objects, one row each, with the fields that their kind declares.

They are not dataclasses, because Python would compile those methods at every start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, dataclass_transform

from casework.kinds.field import NEEDED, Field, Words, row

if TYPE_CHECKING:
    from collections.abc import Mapping

R = TypeVar("R", bound="Record")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(row,))
def declared(cls: type[R]) -> type[R]:
    """Turn the rows of a class into the fields of its records, after those it inherits."""
    own = []
    for name, annotation in cls.__annotations__.items():
        if isinstance(one := vars(cls).get(name), Field):
            one.name, one.type = name, str(annotation)
            own.append(one)
            delattr(cls, name)
    cls.fields = (*getattr(cls, "fields", ()), *own)
    cls.blank = {one.name: one.default for one in cls.fields}
    cls.describing = tuple(one for one in cls.fields if one.option is not None)
    cls.needed = frozenset(name for name, start in cls.blank.items() if start is NEEDED)
    return cls


@declared
class Record:
    """A record of the register. `version` counts its events; `key` identifies it permanently.

    `label` is the word for one record of the kind, `several` the plural for kinds that are looked
    up by name. `about` is the comment of its table. A `common` kind is a short list that every user
    of the register may read whole.
    """

    kind: ClassVar[str]
    key_field: ClassVar[str] = "code"
    label: ClassVar[Words]
    several: ClassVar[Words | None] = None
    about: ClassVar[str]
    common: ClassVar[bool] = False
    fields: ClassVar[tuple[Field, ...]]
    blank: ClassVar[Mapping[str, Any]]
    """The default of each field; NEEDED for those that must have a value."""
    needed: ClassVar[frozenset[str]]
    describing: ClassVar[tuple[Field, ...]]
    """The fields that describe a record; their options are those of add and edit."""

    version: int = row("version", "phiên bản", default=0)

    if not TYPE_CHECKING:

        def __init__(self, **values: Any) -> None:
            self._refuse_unready(values)
            vars(self).update(vars(self._with(self.blank, values, values.get("version", 0))))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a {self.kind} is what its events say; {name} cannot be changed")

    def __delattr__(self, name: str) -> None:
        self.__setattr__(name, None)

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.kind, *vars(self).values()))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({values})"

    @property
    def key(self) -> str:
        """The value that names this record in the log."""
        return str(getattr(self, self.key_field))

    def changed(self, values: Mapping[str, Any]) -> Self:
        """Return the record after one more event with these new values."""
        return self._with(vars(self), values, self.version + 1)

    def but(self, **values: Any) -> Self:
        """Return a copy of the record with other values, without a new version."""
        return self._with(vars(self), values, values.get("version", self.version))

    @classmethod
    def made(cls, key: str, values: Mapping[str, Any]) -> Self:
        """Return a new record after its first event, which gives these values."""
        given = {cls.key_field: key, **values}
        cls._refuse_unready(given)
        return cls._with(cls.blank, given, 1)

    @classmethod
    def stored(cls, values: Mapping[str, Any], version: int) -> Self:
        """Return the record of these values of all its fields."""
        return cls._with(cls.blank, values, version)

    @classmethod
    def _refuse_unready(cls, values: Mapping[str, Any]) -> None:
        if not cls.needed <= values.keys():
            raise TypeError(f"a {cls.kind} needs {', '.join(sorted(cls.needed))}")

    @classmethod
    def _with(cls, kept: Mapping[str, Any], values: Mapping[str, Any], version: int) -> Self:
        # A frozen class sets its fields one by one; a case has forty, and a replay makes millions.
        held = {**kept, **values, "version": version}
        if len(held) > len(kept):
            raise TypeError(f"a {cls.kind} has no {', '.join(values.keys() - kept.keys())}")
        record = object.__new__(cls)
        object.__setattr__(record, "__dict__", held)
        return record
