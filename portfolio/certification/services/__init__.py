"""Use cases of a certification: importing an entry, correcting its draft, publishing it; and the reads of its pages."""

from portfolio.certification.services.case_export import framework_of
from portfolio.certification.services.creating import Heading, copy_version, create_draft
from portfolio.certification.services.drafting import correct_draft, discard_draft, open_correction
from portfolio.certification.services.importing import Imported, import_entry
from portfolio.certification.services.jury_rules import jury_rule_of, load_jury_rules, rules_of, with_jury_rules, write_jury_rules
from portfolio.certification.services.publishing import name_successor, publish
from portfolio.certification.services.reading import (
    CertificationRow,
    Draft,
    VersionPage,
    VersionRow,
    blocks_of,
    find_draft,
    list_certifications,
    version_page,
)

__all__ = [
    "CertificationRow",
    "Draft",
    "Heading",
    "Imported",
    "VersionPage",
    "VersionRow",
    "blocks_of",
    "copy_version",
    "correct_draft",
    "create_draft",
    "discard_draft",
    "find_draft",
    "framework_of",
    "import_entry",
    "jury_rule_of",
    "list_certifications",
    "load_jury_rules",
    "name_successor",
    "open_correction",
    "publish",
    "rules_of",
    "version_page",
    "with_jury_rules",
    "write_jury_rules",
]
