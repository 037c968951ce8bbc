"""Which tables hold data of a candidate, and how a row leads to them.

A table that no line names fails a test. A path is a chain of columns: the first one is of the table itself,
each next one of the table that the column before refers to; the last one holds the id of a person. Source of
the list: domain.md §8, and article 15 of the GDPR for what is exported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Path = Sequence[str]

_OF_CANDIDACY: Path = ("candidacy_id", "candidate_id")
_OF_EVIDENCE: Path = ("evidence_id", *_OF_CANDIDACY)
_OF_SUBMISSION: Path = ("submission_id", *_OF_CANDIDACY)
_OF_REQUEST: Path = ("request_id", *_OF_CANDIDACY)

# What a candidate gets of themselves: table → path to the person.
EXPORTED: Mapping[str, Path] = {
    "known_browser": ("person_id",),
    "linked_identity": ("person_id",),
    "passkey": ("person_id",),
    "login_session": ("person_id",),
    "notification_preference": ("person_id",),
    "outgoing_email": ("person_id",),
    "access_record": ("subject_id",),
    "summons": ("person_id",),
    "candidacy": ("candidate_id",),
    "candidacy_block": _OF_CANDIDACY,
    "candidacy_closure": _OF_CANDIDACY,
    "advisor_assignment": _OF_CANDIDACY,
    "acquisition": _OF_CANDIDACY,
    "prior_holding": ("person_id",),
    "assessment_result": _OF_CANDIDACY,
    "lapse_ruling": _OF_CANDIDACY,
    "dossier": _OF_CANDIDACY,
    "experience": _OF_CANDIDACY,
    "narrative": _OF_CANDIDACY,
    "claim": _OF_CANDIDACY,
    "evidence": _OF_CANDIDACY,
    "evidence_file": _OF_EVIDENCE,
    "dismissed_hint": _OF_EVIDENCE,
    "self_assessment": _OF_CANDIDACY,
    "message": _OF_CANDIDACY,
    "coverage_review": _OF_CANDIDACY,
    "attestation_request": _OF_CANDIDACY,
    "attestation_competency": _OF_REQUEST,
    "attestation": _OF_REQUEST,
    "submission": _OF_CANDIDACY,
    "submitted_block": _OF_SUBMISSION,
    "sealed_file": _OF_SUBMISSION,
    "result_notification": _OF_CANDIDACY,
    "notification_receipt": ("notification_id", *_OF_CANDIDACY),
    "erasure_request": _OF_CANDIDACY,
    "erasure": _OF_CANDIDACY,
    "dossier_return": _OF_CANDIDACY,
    "text_version": _OF_CANDIDACY,
    "postponed_block": _OF_CANDIDACY,
    "recommendation_done": _OF_CANDIDACY,
    "post_jury_meeting": _OF_CANDIDACY,
    "return_request": ("return_id", *_OF_CANDIDACY),
}
# What is not exported as rows, each with the reason.
NOT_EXPORTED: Mapping[str, str] = {
    "minutes": "told by the letters of notification, which are exported",
    "recorded_decision": "told by the letters of notification",
    "recorded_finding": "told by the letters of notification",
    "minutes_rectification": "told by a letter",
    "block_grant": "told by the certificates, which their holder downloads",
    "award": "told by the certificates",
    "certificate": "downloaded from the page of results",
    "certificate_signature": "printed on the certificate",
    "grant_status_change": "told by a letter",
    "observation_invitation": "told by a letter",
    "observation": "told by a letter",
    "status_change_proposal": "a decision that is not taken yet",
    "appeal_grant_proposal": "a decision that is not taken yet",
    "appeal": "told by a letter",
    "appeal_answer": "told by a letter",
    "absence_letter": "told by a letter",
    "bulk_opening_line": "the candidacy that it led to is exported",
    "group_act_line": "the letter or the act that it led to is told elsewhere",
    "quarantined_file": "a file that waits for its scan, told on its page",
    "prior_holding_end": "shown to the person on the page of results",
    "hearing": "told by the summons and the letters",
    "juror_statement": (
        "what jurors sign; the minutes say who sat, and the reading of each is told by the log of access"
    ),
    "private_note": "an advisor's notes to themselves",
    "legal_hold": ("a body's reason to keep a dossier; that it is kept stands on the page of the person's data"),
    "retention_clock": "derived from the facts, and shown on the page of the person's data",
    "person": "exported as the account",
    "audit_event": "the audit log, read on the page of the dossier",
}
