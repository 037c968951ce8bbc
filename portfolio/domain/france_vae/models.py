"""The key by which a body reads France VAE, the candidacies read there, and what is sent about them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.db.care import care, no_fact
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.france_vae.rules import ON_VALIDATION, Act, PushState

_READ_THERE = no_fact(
    "what France VAE holds, read there", not_exported="held by France VAE, which gives it to the person"
)


class FranceVaeAccess(Base):
    """The key of a body, and how the last reading ended."""

    __tablename__ = "france_vae_access"
    __care__ = no_fact(
        "access to another site, which changes", not_exported="opens the data of a body", kept="of a body"
    )

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), primary_key=True)
    # Encrypted under the key of the installation.
    secret: Mapped[bytes] = mapped_column(LargeBinary(4000), info=care(secret=True))
    set_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    set_at: Mapped[datetime]
    # When the next reading is due; while a worker reads, the end of its lease.
    next_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    # Why the last reading did not end: the name of a `client.Fault`; empty when it did.
    fault: Mapped[str] = mapped_column(String(40), default="")


class FranceVaeCandidacy(UuidPrimaryKey, Base):
    """A candidacy as France VAE has it; who it is of is forgotten once it is opened here."""

    __tablename__ = "france_vae_candidacy"
    __care__ = _READ_THERE
    __table_args__ = (UniqueConstraint("body_id", "there"),)

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    # Its identity there.
    there: Mapped[UUID]
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    postal_address: Mapped[str] = mapped_column(Text)
    is_partial: Mapped[bool | None]
    # When the feasibility file and the validation file were sent there.
    sent_at: Mapped[datetime | None]
    validation_sent_at: Mapped[datetime | None]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    candidacy_id: Mapped[UUID | None] = mapped_column(ForeignKey("candidacy.id"), index=True)
    candidacy: Mapped[Candidacy | None] = relationship()
    pushes: Mapped[list[FranceVaePush]] = relationship(
        back_populates="link", order_by="FranceVaePush.asked_at", cascade="all, delete-orphan"
    )

    @property
    def waits(self) -> bool:
        """Tell whether it is to be opened here or refused: nothing was answered since its file was sent."""
        answers = [push.asked_at for push in self.pushes if push.act is Act.FEASIBILITY and push.is_answer]
        return self.candidacy_id is None and not any(self.sent_at is None or at >= self.sent_at for at in answers)

    @property
    def unsettled(self) -> list[FranceVaePush]:
        """Return what was refused there, or is told otherwise, and was not sent again since."""
        last = {(push.act, push.is_on_validation): push for push in self.pushes}
        return [push for push in last.values() if push.state in (PushState.REFUSED, PushState.DIFFERS)]


class FranceVaePush(UuidPrimaryKey, Base):
    """One thing that a person asked to send to France VAE, and what came of it."""

    __tablename__ = "france_vae_push"
    __care__ = _READ_THERE

    link_id: Mapped[UUID] = mapped_column(ForeignKey("france_vae_candidacy.id"), index=True)
    act: Mapped[Act] = mapped_column(enum_column(Act, "act"))
    # Of a feasibility or validation file: the decision, and what the candidate is told.
    decision: Mapped[str] = mapped_column(String(20), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[PushState] = mapped_column(enum_column(PushState, "state"), default=PushState.QUEUED)
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(index=True)
    # What France VAE answered: the sentence of its refusal, or what it holds instead.
    sentence: Mapped[str] = mapped_column(Text, default="")
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    link: Mapped[FranceVaeCandidacy] = relationship(back_populates="pushes")
    asker: Mapped[Person] = relationship()

    @property
    def is_on_validation(self) -> bool:
        """Tell whether it decides on a validation file."""
        return self.decision in ON_VALIDATION

    @property
    def is_answer(self) -> bool:
        """Tell whether it is on its way, or arrived."""
        return self.state in (PushState.QUEUED, PushState.CONFIRMED, PushState.DONE_THERE)
