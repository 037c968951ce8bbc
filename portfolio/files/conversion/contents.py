"""Files inside a file: what is opened of them, within which bounds, and what is remembered of each."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

# Of one file: how many are listed, how many are opened, how many bytes of one, and of all together.
MAX_LISTED = 500
MAX_OPENED = 60
MAX_INNER_BYTES = 60_000_000
MAX_TOTAL_BYTES = 200_000_000


# Data for programs, and signatures, attached to a PDF: the record of an attestation, an electronic invoice.
_TECHNICAL = (
    *(".json", ".jsonld", ".xml", ".xsd", ".xsl", ".xslt", ".xmp", ".rdf", ".ttl", ".yaml", ".yml"),
    *(".p7m", ".p7s", ".p7b", ".sig", ".asc", ".pgp", ".gpg", ".tsr", ".tsd", ".cer", ".crt", ".pem", ".der"),
    *(".sha256", ".sha512", ".md5", ".joboptions", ".icc", ".fdf", ".xfdf"),
)


def is_technical(name: str) -> bool:
    """Return whether a file attached to a PDF is made for programs: it is never shown as pages."""
    return name.strip().lower().endswith(_TECHNICAL)


class InnerFault(StrEnum):
    """Reasons why a file inside another one is not shown; wording.py has the sentence of each."""

    TOO_MANY = "too_many"
    TOO_LARGE = "too_large"
    PASSWORD = "password"  # noqa: S105 - a reason, not a secret
    REFUSED = "refused"
    RECORDING = "recording"
    NESTED = "nested"
    NOT_SHOWN = "not_shown"
    BEYOND = "beyond"


@dataclass(slots=True)
class InnerFile:
    """A file inside another one: its name, its content when it was taken out, why it was not."""

    name: str
    content: bytes = b""
    fault: InnerFault | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class InnerEntry:
    """Record of a file inside another one: its pages among those of the outer file, or why it has none."""

    name: str
    size: int
    page: int = 0
    pages: int = 0
    fault: str = ""

    def to_value(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)
