"""The partners of a certification and the sites of a certifying body."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.certification.rules.details import Habilitation, HabilitationState
from portfolio.domain.certification.rules.habilitation import HabilitationPeriod


class Partner(UuidPrimaryKey, Base):
    """A body that trains or assesses for the certifier, with the days of its habilitation."""

    __tablename__ = "partner"
    __table_args__ = (UniqueConstraint("certification_id", "identity"),)

    certification_id: Mapped[UUID] = mapped_column(ForeignKey("certification.id", ondelete="CASCADE"))
    identity: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(300))
    siret: Mapped[str | None] = mapped_column(String(20))
    habilitation: Mapped[Habilitation | None] = mapped_column(enum_column(Habilitation, "habilitation"))
    state: Mapped[HabilitationState | None] = mapped_column(enum_column(HabilitationState, "state"))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    # Typed or corrected by the certifier: a new reading of the register does not change it.
    is_by_hand: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1)

    def as_period(self) -> HabilitationPeriod:
        """Hand the habilitation to the rules."""
        return HabilitationPeriod(self.habilitation, self.state, self.starts_on, self.ends_on)


class CertificationSite(UuidPrimaryKey, Base):
    """A place where juries meet: the certifier's own, or a partner's."""

    __tablename__ = "site"

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(300), default="")
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner.id"))
    is_retired: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1)
    partner: Mapped[Partner | None] = relationship()
