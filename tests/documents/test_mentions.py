"""Check what each document says, and what it never says (domain.md §7)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from portfolio.documents.attestation import attestation_pdf
from portfolio.documents.certificate import block_certificate_pdf, parchment_pdf
from portfolio.documents.minutes import Rectification, minutes_pdf
from portfolio.documents.notification import MissingRemedies, notification_pdf
from portfolio.documents.receipt import receipt_pdf
from portfolio.documents.values import BlockName, Register
from portfolio.domain.certifying_body.rules import PLAIN_LOOK
from portfolio.domain.notification.use_cases.letter_data import AbsenceLetterData
from portfolio.wording.documents.letter import absence_pdf
from tests.documents import samples
from tests.documents.reading import attachments_of, pages_of, words_of

GROUPS = " ".join(["b41c 09e2 77aa 3f05"] * 2)


def test_a_block_certificate_carries_every_mention():
    said = words_of(block_certificate_pdf(samples.certificate()))
    for mention in (
        samples.BODY,
        "Certificat de compétences",
        "Bloc 4 seulement",
        samples.HOLDER,
        "née le 12 mai 1984 à Bordeaux",
        "« Déployer un dispositif digital de communication et marketing »",
        "Contracter avec les prestataires",
        f"« {samples.TITLE} »",
        "Niveau 7 du cadre national · niveau 7 du cadre européen (CEC) · NSF 326",
        "enregistrée au répertoire national des certifications professionnelles à la date de délivrance (RNCP 16959)",
        samples.ACT,
        "Décision du jury réuni à Bordeaux le 18 juin 2020, procès-verbal 2020-14",
        "Acquis définitivement : sa validité est illimitée",
        "il ne vaut pas la certification entière",
        "Date de l’acte : 18 juin 2020",
        "Date de la signature : 18 juin 2020 à 14 h 05, à Bordeaux",
        "Claire Montreuil",
        "Directrice de l’institut",
        "K7QD-94MT-XW2B-R8FN",
        "https://acquis.exemple.fr/certificats/",
        "Registre, entrée 1204",
    ):
        assert mention in said, mention


@pytest.mark.parametrize("standing", ["in_force", "protected"])
def test_a_certification_of_the_specific_register_names_its_register(standing):
    register = Register(standing, samples.ACT, date(2018, 10, 4), date(2022, 1, 4), "la recevabilité date du 3 mars")
    specific = replace(samples.CERTIFICATION, code="RS 6232")
    said = words_of(block_certificate_pdf(samples.certificate(register=register, certification=specific)))
    assert "enregistrée au répertoire spécifique" in said
    assert "répertoire national des certifications professionnelles" not in said


def test_a_parchment_carries_every_mention():
    said = words_of(parchment_pdf(samples.parchment()))
    for mention in (
        samples.BODY,
        "Certification professionnelle",
        f"« {samples.TITLE} »",
        "Niveau 7 du cadre national · niveau 7 du cadre européen (CEC) · NSF 326",
        samples.HOLDER,
        "née le 12 mai 1984 à Bordeaux",
        "Tous les blocs de compétences sont acquis définitivement : validité illimitée",
        "Bloc 3 : Définir une stratégie digitale (18 juin 2020)",
        "(RNCP 16959) jusqu’au 4 janvier 2022",
        samples.ACT,
        "article L6113-9 du code du travail : la recevabilité date du 3 mars 2020",
        "Date de l’acte : 20 juin 2022",
        "Date de la signature : 18 juin 2020 à 14 h 05, à Bordeaux",
        "Directrice de l’institut",
        "P3XK-77QA-MM2D-9TRC",
    ):
        assert mention in said, mention


@pytest.mark.parametrize("standing", ["in_force", "protected", "none"])
def test_framed_documents_never_say_what_they_must_not(standing):
    register = Register(
        standing, samples.ACT, date(2018, 10, 4), date(2022, 1, 4), "la recevabilité date du 3 mars 2020"
    )
    for pdf in (
        block_certificate_pdf(samples.certificate(register=register)),
        parchment_pdf(samples.parchment(register=register)),
    ):
        said = words_of(pdf).lower()
        for forbidden in ("sous réserve", "france compétences", "valable jusqu", "expire", "score"):
            assert forbidden not in said, forbidden


def test_without_a_claim_on_the_register_neither_code_nor_act_is_printed():
    said = words_of(block_certificate_pdf(samples.certificate(register=Register("none", samples.ACT))))
    assert "aucun enregistrement" in said
    assert "RNCP" not in said
    assert samples.ACT not in said


def test_a_limited_validity_says_its_end_and_nothing_else():
    said = words_of(
        block_certificate_pdf(samples.certificate(validity="Valable jusqu’au 18 juin 2025.", is_permanent=False))
    )
    assert "Valable jusqu’au 18 juin 2025" in said
    assert "illimitée" not in said
    assert "définitivement" not in said


def test_a_certificate_without_a_ledger_says_nothing_of_one():
    assert "Registre" not in words_of(block_certificate_pdf(samples.certificate(ledger=None)))


def test_a_list_too_long_for_the_face_of_a_certificate_goes_to_its_back():
    face, *back = pages_of(block_certificate_pdf(samples.certificate(competencies=(samples.LONG,) * 8)))
    assert "Compétences énumérées au verso" in face
    assert "Claire Montreuil" in face
    assert "Compétences du bloc 4" in back[0]
    assert back[0].count("Définir et piloter") == 8


def test_an_ordinary_certificate_and_parchment_hold_on_one_page():
    assert len(pages_of(block_certificate_pdf(samples.certificate(block=BlockName(2, samples.LONG[:120]))))) == 1
    assert len(pages_of(parchment_pdf(samples.parchment()))) == 1


def test_a_receipt_says_what_was_sealed_and_when():
    said = words_of(receipt_pdf(samples.receipt()))
    for mention in (
        samples.HOLDER,
        f"« {samples.TITLE} » (RNCP 16959)",
        "scellé le 18 juin 2020 à 14 h 05",
        "Bloc 3 : Définir une stratégie digitale",
        "Bloc 1 : Piloter un dispositif digital, acquis le 18 juin 2019, certificat AAAA-BBBB-CCCC-DDDD",
        GROUPS,
        "J’atteste sur l’honneur que ce dossier est mon travail.",
        "B3-01 Plan de communication 2001 plan_1.pdf 12,4 Mo",
        "RFC 8785",
    ):
        assert mention in said, mention


def test_an_attestation_says_who_what_and_how_it_was_collected():
    said = words_of(attestation_pdf(samples.attestation()))
    for words in ("Gwenaëlle Le Goff", "Responsable hiérarchique", "Elle en a tenu le budget.", "g…@agence-du-port.fr",
                  "J’atteste sur l’honneur", "n’a pas pu modifier ce texte", "du 1er janvier 2012"):  # fmt: skip
        assert words in said
    assert samples.ROOT[:4] in said


def test_the_record_is_attached_to_the_attestation_byte_for_byte():
    assert attachments_of(attestation_pdf(samples.attestation())) == {"attestation.json": samples.MANIFEST}


def test_the_manifest_is_attached_to_the_receipt_byte_for_byte():
    assert attachments_of(receipt_pdf(samples.receipt())) == {"manifeste.json": samples.MANIFEST}


def test_a_receipt_without_exhibits_says_so():
    assert "Aucune pièce n’accompagne ce dépôt" in words_of(receipt_pdf(samples.receipt(exhibits=())))


def test_minutes_tell_who_decided_what_and_why():
    said = words_of(minutes_pdf(samples.minutes()))
    for mention in (
        "Numéro 2020-14",
        "18 juin 2020, Bordeaux",
        "Validation partielle",
        "Présidence du jury",
        "collège employeurs",
        "Hugo Lemaire Directeur de projet",
        "Aucune relation",
        "Lecture attestée",
        "Les cinq membres sont présents.",
        "remplie",
        "non remplie",
        "Bloc validé.",
        "Bloc non validé. La compétence 4.3 n’est pas démontrée.",
        "Fondement : Démontrée pendant l’entretien",
        "Vote. Valider le bloc 4 ? 2 voix pour, 2 voix contre, 1 abstention.",
        "Préconisations. Apporter un cahier des charges.",
        GROUPS,
        "Signature de la présidence du jury".upper(),
        "Président du jury",
    ):
        assert mention in said, mention


def test_rectifications_follow_the_minutes_which_announce_them_and_do_not_change():
    later = Rectification("La séance s’est tenue à Lyon,\net non à Bordeaux.", "Hélène Roche", "20 juin 2020 à 9 h 30")
    said = words_of(minutes_pdf(samples.minutes(rectifications=(later,))))
    assert said.index("a été rectifié depuis sa signature") < said.index("Bordeaux")
    assert said.index("Signature de la présidence du jury".upper()) < said.index("Rectifications inscrites depuis")
    assert "20 juin 2020 à 9 h 30, par Hélène Roche" in said
    assert "La séance s’est tenue à Lyon, et non à Bordeaux." in said
    assert "rectifié" not in words_of(minutes_pdf(samples.minutes()))


def test_a_candidate_who_did_not_come_has_minutes_without_decisions():
    said = words_of(minutes_pdf(samples.minutes(blocks=(), attendance="absente, excusée", result="Aucune décision")))
    assert f"{samples.HOLDER}, absente, excusée" in said
    assert "bloc par bloc" not in said
    assert "Le jury réuni ce jour avait à lire" in said
    assert "a délibéré" not in said


def test_a_block_whose_findings_need_no_reason_has_no_empty_column():
    found = samples.FoundCompetency("4.1", "Définir une politique", "Acquise", "full", "")
    said = words_of(minutes_pdf(samples.minutes(blocks=(samples.decided(competencies=(found,)),))))
    assert "Constat 4.1" in said
    assert "Motifs" in words_of(minutes_pdf(samples.minutes()))


def test_a_refusal_without_a_recommendation_says_why():
    block = samples.decided(recommendation="", no_recommendation="Le bloc est à reprendre en entier.")
    said = words_of(minutes_pdf(samples.minutes(blocks=(block,))))
    assert "Sans préconisation. Le bloc est à reprendre en entier." in said


def test_long_reasons_leave_the_table_and_lose_nothing():
    block = samples.decided(reason="Motif du bloc.", competencies=samples.decided().competencies)
    long = tuple(
        samples.FoundCompetency(
            competency.number, competency.text, competency.finding, competency.mark, samples.LONG * 3
        )
        for competency in block.competencies
    )
    said = words_of(minutes_pdf(samples.minutes(blocks=(samples.decided(competencies=long),))))
    assert said.count("Définir et piloter") == 9
    assert "Partiellement acquise" in said


def test_a_notification_answers_why_not_and_what_next():
    said = words_of(notification_pdf(samples.notification()))
    for mention in (
        "12, cours de la Marne",
        "Bordeaux, le 18 juin 2020",
        "Bloc 3 : Définir une stratégie digitale Ce bloc vous est acquis définitivement. Certificat K7QD-94MT-XW2B-R8FN.",
        "Compétences notées acquises 4.1 Définir une politique d’implantation 4.2 Produire les contenus",
        "4.3 Contracter avec les prestataires",
        "Ce que le jury a vu Une liste de prestataires.",
        "Ce qui manquait Les critères de choix.",
        "Ce qui est attendu Un cahier des charges commenté.",
        "Par où passer Un devis comparé peut convenir.",
        "Pour obtenir ce bloc. Préparer un dossier limité à ce bloc.",
        "Contester cette décision Vous pouvez demander un nouvel examen dans les deux mois. Le médiateur peut être saisi.",
        "Inès Fabre",
    ):
        assert mention in said, mention


def test_what_a_jury_did_not_write_leaves_no_empty_heading():
    bare = samples.refused(
        competencies=(
            samples.MissingCompetency("4.3", "Contracter", "Non acquise", (("Ce que le jury a vu", "Rien."),)),
        )
    )
    said = words_of(notification_pdf(samples.notification(refused=(bare,))))
    assert "Ce que le jury a vu" in said
    assert "Ce qui manquait" not in said


def test_an_absence_is_notified_without_any_block():
    absent = samples.notification(
        granted=(), refused=(), held=(), result="Absence excusée", summary="Rien n’est perdu."
    )
    said = words_of(notification_pdf(absent))
    assert "Absence excusée Rien n’est perdu." in said
    assert "Bloc" not in said


@pytest.mark.parametrize("remedies", ["", "  \n\t"])
def test_no_notification_leaves_without_the_certifiers_text_on_remedies(remedies):
    with pytest.raises(MissingRemedies):
        notification_pdf(samples.notification(remedies=remedies))


def test_the_letter_of_an_absence_claims_no_signature_that_nobody_gave():
    words = {"legal_name": "Institut", "address": "", "city": "Lyon", "contact": "", "remedies": ""}
    words |= {"signatory": "Inès Fabre", "quality": "directrice"}
    at = datetime(2026, 6, 19, 9, tzinfo=UTC)
    names = ("Samia Benali", "Expert en stratégie digitale", "RNCP16959", "PV-7", at.date(), words, PLAIN_LOOK, at)
    said = words_of(absence_pdf(AbsenceLetterData(*names, is_excused=True, is_record=False)))
    assert "Pour Institut : Inès Fabre, directrice." in said.replace("\u00a0", " ")
    assert "mot de passe" not in said
