"""Import every table of the application, so that migrations see them all and relations find each other."""

from importlib import import_module

from portfolio.db.engine import Base

_MODULES = (
    "access_monitoring.models",
    "account.models",
    "admissibility.models",
    "api_access.models",
    "assessment.models",
    "audit_log.models",
    "candidacy.models",
    "candidacy_listing.models",
    "candidate_group.models",
    "certification.models",
    "certifying_body.models",
    "complaint.models",
    "dossier.models.attestation",
    "dossier.models.dossier",
    "dossier.models.evidence",
    "dossier.models.renditions",
    "email.models",
    "follow_up.models",
    "france_vae.models",
    "funding.models",
    "group_acts.models",
    "holdings.models.endings",
    "holdings.models.events",
    "holdings.models.grants",
    "integrity_checks.models",
    "jury.models.deliberation",
    "jury.models.pool",
    "jury.models.sessions",
    "jury.models.sittings",
    "jury.models.statements",
    "ledger.models",
    "presence.models",
    "retention.models",
    "review.models",
    "search.models",
    "si_cpf.models",
    "submission.models",
)
for _name in _MODULES:
    import_module(f"portfolio.domain.{_name}")
import_module("portfolio.tasks.models")

metadata = Base.metadata
