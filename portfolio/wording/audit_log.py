"""What each event of the audit log says, in French."""

from __future__ import annotations

from collections.abc import Mapping

from portfolio.screens.account.audit_log.queries import OPENED, OPENED_FILE

VERBS: Mapping[str, str] = {
    OPENED: "a ouvert le dossier",
    OPENED_FILE: "a ouvert le dossier et des pièces",
    "advisor_assigned": "a confié l’accompagnement",
    "assessment_recorded": "a inscrit le résultat d’une évaluation",
    "attestation_asked": "a demandé une attestation à un tiers",
    "attestation_code_sent": "Un code a été envoyé à un tiers pour signer son attestation",
    "attestation_declined": "Un tiers a refusé d’attester",
    "attestation_opened": "Un tiers a ouvert la demande d’attestation",
    "attestation_reminded": "a relancé un tiers",
    "attestation_signed": "Un tiers a signé son attestation",
    "attestation_withdrawn": "a retiré une demande d’attestation",
    "attester_forgotten": "Les données d’un tiers ont été effacées",
    "birth_recorded": "a écrit la naissance imprimée sur les certificats",
    "birth_removed": "a retiré la naissance",
    "block_acquired_elsewhere": "a inscrit un bloc acquis ailleurs",
    "block_granted_again": "a inscrit de nouveau un bloc",
    "candidacy_opened": "a ouvert la candidature",
    "candidacy_partner_chosen": "a indiqué le partenaire",
    "claim_changed": "a modifié un rattachement",
    "claim_removed": "a retiré un rattachement",
    "cohort_assigned": "a choisi la promotion",
    "competency_marked": "a donné un avis sur une compétence",
    "decision_recorded": "a enregistré la décision d’un bloc",
    "defence_recorded": "a noté la soutenance",
    "delay_ruled": "a décidé d’un délai dépassé",
    "dossier_submitted": "a déposé et scellé le dossier",
    "draft_reopened": "a rouvert un brouillon",
    "evidence_added": "a ajouté une preuve",
    "evidence_claimed": "a rattaché une preuve à des compétences",
    "evidence_collected": "Une attestation signée est devenue une preuve",
    "evidence_described": "a décrit une preuve",
    "evidence_forgotten": "Une preuve retirée a été effacée",
    "evidence_removed": "a retiré une preuve",
    "evidence_replaced": "a remplacé le fichier d’une preuve",
    "experience_added": "a ajouté une expérience",
    "experience_changed": "a modifié une expérience",
    "experience_removed": "a retiré une expérience",
    "finding_recorded": "a noté ce que le jury constate",
    "grant_annulment": "a annulé un bloc",
    "grant_confirmation": "a confirmé un bloc suspendu",
    "grant_rectification": "a rectifié un bloc",
    "grant_suspension": "a suspendu un bloc",
    "grant_withdrawal": "a retiré un bloc",
    "hearing_added": "a inscrit le dossier à une session de jury",
    "hearing_closed": "a clos le procès-verbal",
    "hearing_moved": "a déplacé le dossier vers une autre session",
    "hearing_removed": "a retiré le dossier d’une session",
    "identity_rectified": "a rectifié l’identité imprimée",
    "juror_no_relation": "a déclaré n’avoir aucun lien avec la personne",
    "juror_read": "a attesté sa lecture du dossier",
    "juror_recusal": "a enregistré une récusation",
    "juror_recusal_withdrawn": "a retiré une récusation",
    "member_named": "a nommé un membre du jury",
    "member_removed": "a retiré un membre du jury",
    "minutes_rectified": "a rectifié le procès-verbal",
    "narrative_saved": "a écrit un récit",
    "parity_justified": "a motivé un écart à la parité",
    "presence_checked": "a vérifié les présences",
    "record_sealed": "a arrêté le relevé d’évaluation",
    "remark_changed": "a modifié un message",
    "remark_said": "a écrit un message",
    "remark_withdrawn": "a retiré un message",
    "result_notified": "a notifié le résultat",
    "session_planned": "a prévu la session",
    "session_site_chosen": "a choisi le lieu de la session",
    "sitting_voided": "a annulé une séance",
    "texts_saved": "a écrit dans le dossier",
}
# Events that nobody with an account did.
BY_NOBODY = "Acquis, ou une personne sans compte"


def event_sentence(verb: str) -> str:
    """Say what an event is; one that this table does not know is shown by its code, never hidden."""
    return VERBS.get(verb, f"acte «\u00a0{verb}\u00a0»")
