"""The form of the frame of the livret 2: a place, a title, guidance, a length and a demand for each part."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, FormField
from wtforms import Form as PlainForm

from portfolio.domain.certification.rules.book_frame import (
    DEFAULT_ORDER,
    MAX_PAGES,
    BookPart,
    Frame,
    FrameSection,
    stored_frame,
    whole_frame,
)
from portfolio.screens.certifier.certifications.forms.fields import NumberField
from portfolio.web.forms import MultiLineField, SingleLineField, VersionedForm
from portfolio.wording.certification.book_frame import PART_NAMES, SAME_PLACE

GUIDANCE_MAX_CHARS = 2000


class SectionForm(PlainForm):
    """One part; what cannot be asked of it is not shown, and not read."""

    place = NumberField(
        "Place", required_message="Donnez la place de cette partie.", least=1, most=len(DEFAULT_ORDER)
    )
    title = SingleLineField("Titre dans le livret", limit=120)
    guidance = MultiLineField("Ce que vous attendez ici", limit=GUIDANCE_MAX_CHARS)
    max_pages = NumberField("Longueur, en pages au plus", least=1, most=MAX_PAGES)
    is_required = BooleanField("Obligatoire pour déposer")

    def value(self, part: BookPart) -> FrameSection:
        """Return what is asked of this part."""
        typed = (self.title.data or "", self.guidance.data or "", self.max_pages.data)
        return FrameSection(part, *typed, bool(self.is_required.data))


# One group of fields a part.
_Parts: Any = type(
    "_Parts", (VersionedForm,), {part.value: FormField(SectionForm, PART_NAMES[part]) for part in BookPart}
)


class BookFrameForm(_Parts):  # type: ignore[misc]
    """The whole frame."""

    def __init__(self, before: Frame, revision: int, **more: Any) -> None:
        data: dict[str, Any] = {"revision": str(revision)}
        for place, section in enumerate(whole_frame(before), 1):
            data[section.part.value] = {
                "place": place,
                "title": section.title,
                "guidance": section.guidance,
                "max_pages": section.max_pages,
                "is_required": section.is_required,
            }
        super().__init__(data=data, **more)

    @property
    def parts(self) -> list[tuple[BookPart, SectionForm]]:
        """Return each part with its fields, in the order of their places."""
        shown = [(part, self[part.value].form) for part in BookPart]
        return sorted(shown, key=lambda pair: pair[1].place.data or len(shown) + 1)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each part, and that no two have the same place."""
        right = bool(super().validate(extra_validators))
        seen: set[int] = set()
        for _, form in self.parts:
            if form.place.data in seen and not form.place.errors:
                form.place.errors = [SAME_PLACE]
                right = False
            seen.add(form.place.data)
        return right

    def value(self) -> Frame:
        """Return the frame typed; empty when it is the usual one."""
        return stored_frame(form.value(part) for part, form in self.parts)
