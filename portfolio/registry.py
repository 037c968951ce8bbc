"""Every table of the application, in one import: for migrations, and so that relations find each other."""

from portfolio.account import models as account
from portfolio.assessment import models as assessment
from portfolio.attestation import models as attestation
from portfolio.candidacy import models as candidacy
from portfolio.certificate import acts, ledger
from portfolio.certificate import models as certificate
from portfolio.certification import models as certification
from portfolio.certification import organisations, register
from portfolio.db import Base
from portfolio.dossier import models as dossier
from portfolio.evidence import models as evidence
from portfolio.evidence import renditions
from portfolio.integrity import models as integrity
from portfolio.journal import models as journal
from portfolio.jury import minutes, statements
from portfolio.jury import models as jury
from portfolio.mail import models as mail
from portfolio.paper import models as paper
from portfolio.review import models as review
from portfolio.submission import models as submission
from portfolio.tasks import models as tasks
from portfolio.watch import models as watch

metadata = Base.metadata

__all__ = [
    "account",
    "acts",
    "assessment",
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
    "organisations",
    "paper",
    "register",
    "renditions",
    "review",
    "statements",
    "submission",
    "tasks",
    "watch",
]
