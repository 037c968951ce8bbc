"""The law of the certification: the entry's values, what its dates mean, what prevents its publication."""

from portfolio.certification.rules.deciding import DecisionRule
from portfolio.certification.rules.entry import (
    Doubt,
    DoubtCode,
    Entry,
    EntryBlock,
    EntryCompetency,
    Holders,
    JuryRule,
    JuryTerm,
    Permanence,
    Registration,
    Route,
    RouteEntry,
    Seat,
    Site,
    SiteKind,
    TermSource,
)
from portfolio.certification.rules.json_form import entry_as_json
from portfolio.certification.rules.json_reading import MalformedCode, MalformedEntry, entry_from_json
from portfolio.certification.rules.publication import FaultCode, PublicationFault, publication_faults
from portfolio.certification.rules.reading import Finding, NotAnEntry, Part, RefusalReason
from portfolio.certification.rules.registration import (
    AdmissibilityAnswer,
    AdmissibilityGround,
    Standing,
    StandingCode,
    StandingGround,
    admissibility_answer,
    covers,
    registration_covering,
    standing_of,
)
from portfolio.certification.rules.routes import RouteStanding, route_standing

__all__ = [
    "AdmissibilityAnswer",
    "AdmissibilityGround",
    "DecisionRule",
    "Doubt",
    "DoubtCode",
    "Entry",
    "EntryBlock",
    "EntryCompetency",
    "FaultCode",
    "Finding",
    "Holders",
    "JuryRule",
    "JuryTerm",
    "MalformedCode",
    "MalformedEntry",
    "NotAnEntry",
    "Part",
    "Permanence",
    "PublicationFault",
    "RefusalReason",
    "Registration",
    "Route",
    "RouteEntry",
    "RouteStanding",
    "Seat",
    "Site",
    "SiteKind",
    "Standing",
    "StandingCode",
    "StandingGround",
    "TermSource",
    "admissibility_answer",
    "covers",
    "entry_as_json",
    "entry_from_json",
    "publication_faults",
    "registration_covering",
    "route_standing",
    "standing_of",
]
