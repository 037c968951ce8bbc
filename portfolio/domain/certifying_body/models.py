"""The information pages that a certifying body writes for the people it serves, and the look of its documents."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.care import no_fact
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.certifying_body.rules import InformationKind, Look


class InformationPage(Base):
    """A body's own text for one information page; empty until it writes one."""

    __tablename__ = "information_page"
    __care__ = no_fact("a text that a body writes for the people it serves")

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), primary_key=True)
    kind: Mapped[InformationKind] = mapped_column(enum_column(InformationKind, "kind"), primary_key=True)
    text: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]


class BodyLook(UuidPrimaryKey, Base):
    """The look of the documents of a body from a moment on.

    Written once: a change is a new row, and a document keeps its day's. The logo is kept in the row: a
    document that is made again needs no file of the store, and a backup has it with the rows.
    """

    __tablename__ = "body_look"
    __care__ = no_fact("how the documents of a body look from a day on; it grants nothing", is_append_only=True)
    __table_args__ = (UniqueConstraint("body_id", "revision"),)

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    revision: Mapped[int]
    # A PNG or a JPEG that the sandbox wrote; None for a body without logo.
    logo: Mapped[bytes | None] = mapped_column(LargeBinary)
    logo_mime: Mapped[str] = mapped_column(String(40), default="")
    # In pixels.
    logo_width: Mapped[int] = mapped_column(default=0)
    logo_height: Mapped[int] = mapped_column(default=0)
    # « #14564f »; empty for the colour of the product.
    accent: Mapped[str] = mapped_column(String(7), default="")
    chosen_at: Mapped[datetime]
    chosen_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))

    def to_value(self) -> Look:
        """Hand the look to the documents."""
        return Look(self.logo or b"", self.accent)
