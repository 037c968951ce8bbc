"""Every table of the application, in one import: for migrations, and so that relations find each other."""

from portfolio.db.engine import Base
from portfolio.domain.access_monitoring import models as watch
from portfolio.domain.account import models as account
from portfolio.domain.attestation import models as attestation
from portfolio.domain.audit_log import models as journal
from portfolio.domain.candidacy import models as candidacy
from portfolio.domain.certification import models as certification
from portfolio.domain.dossier import models as dossier
from portfolio.domain.email import models as mail
from portfolio.domain.evidence.models import evidence as evidence
from portfolio.domain.evidence.models import renditions
from portfolio.domain.holdings.models import grants as certificate
from portfolio.domain.integrity_checks import models as integrity
from portfolio.domain.jury.models import minutes, statements
from portfolio.domain.jury.models import sessions as jury
from portfolio.domain.notification import models as paper
from portfolio.domain.review import models as review
from portfolio.domain.submission import models as submission

metadata = Base.metadata

__all__ = [
    "account",
    "acts",
    "attestation",
    "candidacy",
    "certificate",
    "certification",
    "dossier",
    "evidence",
    "integrity",
    "journal",
    "jury",
    "ledger",
    "mail",
    "metadata",
    "minutes",
    "paper",
    "renditions",
    "review",
    "statements",
    "submission",
    "watch",
]
