"""The dossiers returned for completion whose day passed without a new version."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select

from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy, candidate_display_name, is_closed_candidacy
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.submission.models import DossierReturn
from portfolio.screens.certifier.home.deadlines import BODY, TODAY


def overdue_returns() -> Select[Any]:
    """Select the returns of the bound body whose day passed, the oldest day first."""
    columns = (
        Candidacy.id.label("candidacy_id"),
        candidate_display_name(Person).label("candidate"),
        DossierReturn.due_on.label("until"),
    )
    query = _overdue(*columns).join(Person, Person.id == Candidacy.candidate_id)
    return query.order_by(DossierReturn.due_on, Candidacy.id)


def number_of_overdue_returns() -> ScalarSelect[int]:
    """Return how many there are, as a column."""
    return _overdue(func.count()).scalar_subquery()


def _overdue(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(DossierReturn)
        .join(Candidacy, Candidacy.id == DossierReturn.candidacy_id)
        .join(CertificationVersion, CertificationVersion.id == Candidacy.version_id)
        .join(Certification, Certification.id == CertificationVersion.certification_id)
        .where(Certification.body_id == BODY, DossierReturn.is_open.is_(True), DossierReturn.due_on < TODAY)
        .where(~is_closed_candidacy())
    )
