"""Each verb of the audit log is recorded by a test that says so, and that fails without it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import portfolio
from portfolio.domain.access_monitoring.rules import OPENED, OPENED_FILE
from portfolio.wording.audit_log import VERBS

TOP = Path(portfolio.__file__).parents[1]
# Read in the record of who opened a dossier: no event of the audit log.
OF_ANOTHER_RECORD = {OPENED, OPENED_FILE}


# Still to prove: a verb goes from this list with its test, none is added.
NOT_YET = {
    "absence_written", "access_denied", "accommodation_asked", "accommodation_decided", "account_reinstated",
    "account_renamed", "account_suspended", "admissibility_appealed", "admissibility_begun",
    "admissibility_complete", "admissibility_granted", "admissibility_questioned", "admissibility_refused",
    "admissibility_sent", "advisor_assigned", "api_candidacies_opened", "api_token_made", "api_token_revoked",
    "appeal_answered", "appointment_removed", "appointment_saved", "assessment_plan_set", "assessment_recorded",
    "assessments_planned", "attendance_certified", "attestation_asked", "attestation_code_sent",
    "attestation_declined", "attestation_opened", "attestation_reminded", "attestation_signed",
    "attestation_withdrawn", "attester_forgotten", "ballot_closed", "ballot_opened", "birth_recorded",
    "birth_removed", "block_acquired_elsewhere", "block_granted_again", "block_postponed",
    "block_presented_again", "body_accent_set", "body_logo_removed", "body_logo_set", "body_words_saved",
    "bulk_reading", "candidacy_closure", "candidacy_corrected", "candidacy_opened", "candidacy_partner_chosen",
    "candidate_resumed", "candidate_stopped", "certificate_sealed", "certificate_shared", "certificates_signed",
    "certification_corrected", "certification_created", "certification_imported", "certification_published",
    "claim_changed", "claim_removed", "cohort_assigned", "cohort_created", "competency_marked",
    "complaint_answered", "complaint_closed", "complaint_received", "correction_opened", "credentials_ended",
    "decision_annulled", "decision_recorded", "defence_recorded", "delay_ruled", "demonstration_made",
    "dossier_erased", "dossier_imported", "dossier_presented_again", "dossier_returned", "dossier_submitted",
    "draft_discarded", "draft_reopened", "edition_cancelled", "edition_requested", "email_change_asked",
    "email_changed", "equivalence_declared", "equivalence_proposal_confirmed", "equivalence_proposal_dismissed",
    "erasure_answered", "erasure_asked", "erasure_planned", "evidence_added", "evidence_claimed",
    "evidence_collected", "evidence_described", "evidence_flattened", "evidence_forgotten", "evidence_joined",
    "evidence_left_out", "evidence_removed", "evidence_replaced", "evidence_restored", "experience_added",
    "experience_changed", "experience_removed", "finding_recorded", "follow_up_answered", "follow_up_refused",
    "follow_up_turned", "former_jury_named", "france_vae_asked", "france_vae_done_there",
    "france_vae_key_removed", "france_vae_key_set", "france_vae_sent", "funder_link_closed",
    "funder_link_opened", "funding_paper_added", "funding_saved", "grant_annulment", "grant_confirmation",
    "grant_rectification", "grant_suspension", "grant_withdrawal", "group_act_ordered", "group_code_renewed",
    "group_code_withdrawn", "group_created", "group_equivalence_declared", "group_joined", "group_left",
    "group_letter_written", "group_link_closed", "group_link_opened", "hearing_added", "hearing_adjourned",
    "hearing_closed", "hearing_moved", "hearing_removed", "hearing_resumed", "hearing_reviewed",
    "hint_restored", "hold_ended", "hold_placed", "holders_dropped", "holders_imported", "holders_read",
    "identity_linked", "identity_rectified", "identity_unlinked", "invitation_accepted", "invited",
    "juror_no_relation", "juror_note_changed", "juror_note_written", "juror_opinion_recorded",
    "juror_opinions_given", "juror_opinions_opened", "juror_read", "juror_recusal", "juror_recusal_withdrawn",
    "jury_presence_signed", "jury_reads_new_version", "leave_saved", "letter_hand_over_undone",
    "letter_handed_over", "letters_chosen", "logged_in", "logged_out", "member_invited", "member_named",
    "member_removed", "member_right_changed", "minutes_rectified", "minutes_signed", "narrative_saved",
    "notification_received", "observation_recorded", "observations_invited", "openings_ordered",
    "other_sessions_ended", "pace_chosen", "parity_justified", "partner_added", "partner_corrected",
    "passage_ordered", "passkey_added", "passkey_refused", "passkey_removed", "password_changed",
    "password_chosen", "planned_assessment_changed", "planned_assessment_removed", "pool_conflict_ended",
    "pool_conflict_found", "pool_conflict_lifted", "pool_conflict_recorded", "pool_conflict_removed",
    "pool_fees_set", "pool_juror_added", "pool_juror_changed", "pool_link_sent", "post_jury_meeting_noted",
    "postal_address_recorded", "presence_checked", "presence_sheet_recorded", "presence_signed",
    "presence_signing_closed", "presence_signing_opened", "prior_holding_rectified", "private_note_saved",
    "proposal_applied", "recommendation_ticked", "record_sealed", "recovery_code_used",
    "register_notice_dismissed", "register_watched", "rehearsal_answered", "rehearsal_deleted",
    "rehearsal_shared", "remark_changed", "remark_said", "remark_withdrawn", "reset_asked", "result_notified",
    "resumption_set", "resumption_written", "retention_notice_sent", "retention_settings_saved",
    "return_extended", "return_lifted", "return_request_ticked", "second_factor_added", "second_factor_failed",
    "second_factor_removed", "second_factor_throttled", "self_assessed", "session_cancelled", "session_ended",
    "session_planned", "session_scheduled", "session_site_chosen", "share_withdrawn", "si_cpf_flow_deposited",
    "si_cpf_flow_dropped", "si_cpf_flow_prepared", "si_cpf_identity_asked", "si_cpf_identity_recorded",
    "si_cpf_receipt_read", "si_cpf_removal_asked", "si_cpf_settings_saved", "signature_failed",
    "signature_throttled", "sitting_voided", "successor_named", "summons_answered", "summons_written",
    "text_restored", "texts_saved", "vote_cast", "wallet_offered", "wallet_took", "webhook_made",
    "webhook_removed", "webhook_resumed", "webhook_secret_renewed", "webhook_sent_again", "webhook_stopped",
    "word_template_removed", "word_template_set",
}  # fmt: skip


def _called(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == name


def _verbs_written() -> Iterator[str]:
    """Give the verbs that a call of `record_event` says itself."""
    for path in (TOP / "portfolio").rglob("*.py"):
        text = path.read_text()
        for node in ast.walk(ast.parse(text)) if "record_event(" in text else ():
            if isinstance(node, ast.Call) and _called(node, "record_event"):
                verb = node.args[1]
                said = (verb.body, verb.orelse) if isinstance(verb, ast.IfExp) else (verb,)
                yield from (str(each.value) for each in said if isinstance(each, ast.Constant))


def _marks(decorators: list[ast.expr]) -> Iterator[ast.expr]:
    for decorator in decorators:
        yield decorator.func if isinstance(decorator, ast.Call) else decorator


@cache
def _verbs_proved() -> frozenset[str]:
    """Return the verbs that a test of the first speed says it records."""
    proved: set[str] = set()
    for path in (TOP / "tests").rglob("test_*.py"):
        text = path.read_text()
        for node in ast.walk(ast.parse(text)) if "mark.records(" in text else ():
            if isinstance(node, ast.FunctionDef) and "slow" not in map(_name, _marks(node.decorator_list)):
                for call in node.decorator_list:
                    if isinstance(call, ast.Call) and _called(call, "records"):
                        proved.update(ast.literal_eval(each) for each in call.args)
    return frozenset(proved)


def _name(mark: ast.expr) -> str:
    return mark.attr if isinstance(mark, ast.Attribute) else ""


def test_each_verb_is_recorded_by_a_test_that_says_so():
    unproved = ({*_verbs_written(), *VERBS} - OF_ANOTHER_RECORD) - _verbs_proved()
    assert unproved == NOT_YET, "a new verb is in `@pytest.mark.records` of a test; one that is goes from NOT_YET"
