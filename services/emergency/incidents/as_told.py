"""A form that does not stand over the call: what cannot be read is kept as it was told (E-4.1d)."""

from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    model_validator,
)

from kit.personal.kept import Kept
from kit.storage.pending import as_json
from kit.web.kinds import legible
from kit.web.shapes import Shape

_LONGEST = 2000


def as_text(value: Any) -> Any:
    """A number or anything else that somebody put where a text belongs, as text, cut to what is kept."""
    if value is None:
        return None
    return legible(value if isinstance(value, str) else as_json(value))[:200]


#: A name, and a number to call back, however it is written.
WrittenName = Annotated[str, BeforeValidator(as_text), Field(max_length=200), Kept.NAME]
WrittenPhone = Annotated[str, BeforeValidator(as_text), Field(max_length=200), Kept.PHONE]


class AsTold(Shape):
    """A form that is never refused for one field: those that cannot be read stand in `unread`, to be masked and kept."""

    #: Fields that are taken as whatever text was given rather than not at all.
    kept_as_text: ClassVar[tuple[str, ...]] = ()

    _unread: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def unread(self) -> dict[str, str]:
        """What could not be read, as it was told."""
        return self._unread

    def put_aside(self, name: str, value: object) -> None:
        """Keep a field's value as it was told, and count it as not known."""
        self._unread[name] = legible(str(value))[:_LONGEST]
        if name in type(self).model_fields and name not in self.kept_as_text:
            setattr(self, name, type(self).model_fields[name].get_default(call_default_factory=True))

    @model_validator(mode="wrap")
    @classmethod
    def _take(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            if not isinstance(data, dict):
                raise
            wrong = {str(each["loc"][0]) for each in error.errors() if each["loc"]} & data.keys()
            if not wrong:
                raise
        left = {name: value for name, value in data.items() if name not in wrong}
        left |= {
            name: as_text(data[name]) for name in wrong if name in cls.kept_as_text and as_text(data[name])
        }
        made = handler(left)
        for name in sorted(wrong):
            made.put_aside(name, data[name] if isinstance(data[name], str) else as_json(data[name]))
        return made
