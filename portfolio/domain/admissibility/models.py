"""Requests of admissibility (livret 1), with their files."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.db.care import care, no_fact
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.admissibility.rules import ProofKind, RequestClock, RequestState, clock_of
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.certification.models import CertificationVersion

_DAY = care(kept="the day of a decision")


class AdmissibilityRequest(UuidPrimaryKey, Base):
    """A request of a person to a body, and what it decided; found admissible, a candidacy bears its id."""

    __tablename__ = "admissibility_request"
    __care__ = no_fact("the candidacy that it opens is the fact, and bears its id", is_emptied=True)

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("certification_version.id"))
    name: Mapped[str] = mapped_column(String(200))
    regime: Mapped[Regime] = mapped_column(enum_column(Regime, "regime"))
    state: Mapped[RequestState] = mapped_column(enum_column(RequestState, "state"))
    # Activities, hours, aim, blocks and identity, as JSON: what the candidate typed.
    content: Mapped[str] = mapped_column(Text, default="{}")
    question: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    appeal: Mapped[str] = mapped_column(Text, default="")
    appeal_answer: Mapped[str] = mapped_column(Text, default="")
    # The last sending, and the day of the appeal: clocks count from them.
    sent_on: Mapped[date | None] = mapped_column(info=_DAY)
    complete_on: Mapped[date | None] = mapped_column(info=_DAY)
    appealed_on: Mapped[date | None] = mapped_column(info=_DAY)
    decided_on: Mapped[date | None] = mapped_column(info=_DAY)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    body: Mapped[CertifyingBody] = relationship()
    version: Mapped[CertificationVersion] = relationship()
    proofs: Mapped[list[AdmissibilityProof]] = relationship(
        order_by="AdmissibilityProof.added_at, AdmissibilityProof.id", cascade="all, delete-orphan"
    )

    @property
    def told(self) -> dict[str, Any]:
        """Return what the candidate typed."""
        return {"activities": [], "aim": "", "blocks": [], **json.loads(self.content or "{}")}

    @property
    def clock(self) -> RequestClock | None:
        """Return the clock of the body, when it has to answer."""
        since = self.appealed_on if self.state is RequestState.APPEALED else self.complete_on or self.sent_on
        return clock_of(self.state, self.regime, since)


class AdmissibilityProof(UuidPrimaryKey, Base):
    """A file of a request."""

    __tablename__ = "admissibility_proof"
    __care__ = no_fact("joined to a request, and erased with it")

    request_id: Mapped[UUID] = mapped_column(ForeignKey("admissibility_request.id"), index=True)
    kind: Mapped[ProofKind] = mapped_column(enum_column(ProofKind, "kind"))
    file_key: Mapped[str] = mapped_column(String(80), info=care(secret=True))
    file_name: Mapped[str] = mapped_column(Text)
    file_mime: Mapped[str] = mapped_column(String(200))
    file_size: Mapped[int] = mapped_column(BigInteger)
    file_sha256: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime]
