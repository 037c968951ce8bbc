"""Texts of a certifying body for its documents and its information pages."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class InformationKind(StrEnum):
    """The information pages that every screen leads to."""

    HELP = "help"
    LEGAL_NOTICE = "legal_notice"
    PERSONAL_DATA = "personal_data"
    ACCESSIBILITY = "accessibility"


class RemedyKind(StrEnum):
    """Kinds of decisions, each with its own remedies: who decides of a contestation, and in which delay."""

    ADMISSIBILITY = "admissibility"
    JURY = "jury"
    ANNULMENT = "annulment"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class BodySettingsValue:
    """Legal name, postal address, city of signature, signatory, remedies and contact (domain §7).

    `remedies` is the text of the decisions of juries; each other kind has its own.
    """

    legal_name: str = ""
    address: str = ""
    city: str = ""
    signatory_id: UUID | None = None
    signatory_quality: str = ""
    remedies: str = ""
    contact: str = ""
    siret: str = ""
    complaint_days: int | None = None
    remedies_admissibility: str = ""
    remedies_annulment: str = ""
    remedies_complaint: str = ""

    @property
    def may_sign(self) -> bool:
        """Tell whether somebody is designated to sign, and in which quality."""
        return self.signatory_id is not None and bool(self.signatory_quality.strip())

    @property
    def may_notify(self) -> bool:
        """Tell whether a notification can leave: the text on remedies is there (domain §7)."""
        return bool(self.remedies_of(RemedyKind.JURY).strip())

    def remedies_of(self, kind: RemedyKind) -> str:
        """Return the text that the body adopted for a kind of decision; empty before it did."""
        return {
            RemedyKind.ADMISSIBILITY: self.remedies_admissibility,
            RemedyKind.JURY: self.remedies,
            RemedyKind.ANNULMENT: self.remedies_annulment,
            RemedyKind.COMPLAINT: self.remedies_complaint,
        }[kind]


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo as the sandbox wrote it: a PNG or a JPEG without metadata, its size in pixels."""

    content: bytes
    mime: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Look:
    """Look of the documents of a body: its logo, a PNG or a JPEG, and its accent colour, « #14564f »; both may be
    empty.
    """

    logo: bytes = b""
    accent: str = ""

    @property
    def is_plain(self) -> bool:
        """Return whether documents look as they do for a body that chose nothing."""
        return not self.logo and not self.accent


PLAIN_LOOK = Look()


class MemberRefusal(StrEnum):
    """Reasons why the members of a body do not change."""

    LAST_MANAGER = "last_manager"
    NOT_MEMBER = "not_member"


class DocumentRefusal(StrEnum):
    """Reasons why a document is not signed, or a notification does not leave."""

    NO_SIGNATORY = "paper_no_signatory"
    NOT_SIGNATORY = "paper_not_signatory"
    FOREIGN_SIGNATORY = "paper_foreign_signatory"
    NO_REMEDIES = "paper_no_remedies"
    NOT_DECIDED = "paper_not_decided"
    ALREADY_NOTIFIED = "paper_already_notified"
    EARLIER_FIRST = "paper_earlier_first"
    INCOMPLETE = "paper_incomplete"
    NOT_RECEIVED_THEN = "paper_not_received_then"
