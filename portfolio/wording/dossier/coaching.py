"""Which pieces often serve a competency, and the question that it puts in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from portfolio.domain.dossier.rules.texts import Theme

SERVING: Mapping[Theme, str] = {
    Theme.WATCH: (
        "Une liste de sources suivies, une note de veille ou une lettre d’information que vous rédigez "
        "peuvent convenir."
    ),
    Theme.PEOPLE: (
        "Un organigramme, un budget d’embauche, une fiche de poste ou un planning de charge peuvent convenir."
    ),
    Theme.DATA: (
        "Un tableau de bord, un relevé de statistiques ou une enquête, avec la décision qui en est sortie, "
        "peuvent convenir."
    ),
    Theme.PARTNERS: (
        "Une consultation, un comparatif de devis, un contrat ou un compte rendu de négociation peuvent "
        "convenir."
    ),
    Theme.CHANGE: (
        "Un plan d’accompagnement, un support de formation interne ou un compte rendu d’atelier peuvent "
        "convenir."
    ),
    Theme.NETWORKS: (
        "Une ligne éditoriale, un calendrier de publication ou les statistiques d’une page peuvent convenir."
    ),
    Theme.CONTENT: (
        "Des contenus publiés, un calendrier éditorial ou un même sujet décliné sur plusieurs supports "
        "peuvent convenir."
    ),
    Theme.MARKETING: (
        "Un plan de communication, un budget de campagne ou un bilan d’actions peuvent convenir."
    ),
    Theme.STRATEGY: (
        "Une étude de marché, une note de stratégie ou une présentation défendue devant une direction "
        "peuvent convenir."
    ),
    Theme.OFFER: "Un cahier des charges, une proposition chiffrée ou une maquette peuvent convenir.",
    Theme.PROJECT: (
        "Un planning, un tableau de suivi, un compte rendu de réunion ou un bilan de projet peuvent convenir."
    ),
    Theme.TEACHING: (
        "Un déroulé de séance, un support de formation ou des évaluations de participants peuvent convenir."
    ),
    Theme.CARE: (
        "Un projet d’accompagnement anonymisé, un planning d’activités ou une attestation de votre "
        "responsable peuvent convenir."
    ),
    Theme.SAFETY: "Une procédure, un relevé de contrôle ou un plan d’actions peuvent convenir.",
    Theme.SALES: "Une proposition commerciale, un suivi de clientèle ou un bilan de ventes peuvent convenir.",
    Theme.ANY: "Un document de travail, un compte rendu ou l’attestation d’un employeur peuvent convenir.",
}
PLAINLY: Mapping[Theme, str] = {
    Theme.WATCH: "Comment vous tenez-vous au courant, où cherchez-vous, et qu’en faites-vous ?",
    Theme.PEOPLE: "De quelles personnes le travail avait-il besoin, et comment l’avez-vous estimé ?",
    Theme.DATA: "Quels chiffres ou quels retours avez-vous recueillis, et qu’avez-vous changé grâce à eux ?",
    Theme.PARTNERS: (
        "Comment avez-vous choisi ceux qui ont travaillé pour vous, et sur quoi vous êtes-vous mis d’accord ?"
    ),
    Theme.CHANGE: "Qui devait changer ses habitudes, et comment l’y avez-vous aidé ?",
    Theme.NETWORKS: "Où fallait-il être présent, pour qui, et avec quels moyens ?",
    Theme.CONTENT: "Qu’avez-vous écrit, filmé ou dessiné, et comment l’avez-vous adapté à chaque support ?",
    Theme.MARKETING: "À qui vouliez-vous parler, par quels moyens, avec quel budget ?",
    Theme.STRATEGY: (
        "Quelle direction avez-vous proposée, pourquoi celle-là, et comment l’avez-vous défendue ?"
    ),
    Theme.OFFER: "Qu’avez-vous proposé, pour répondre à quel besoin et à quelles contraintes ?",
    Theme.PROJECT: "Comment avez-vous réparti le travail, suivi son avancée, et réagi aux imprévus ?",
    Theme.TEACHING: (
        "À qui avez-vous appris quelque chose, comment, et comment savez-vous qu’ils l’ont appris ?"
    ),
    Theme.CARE: "De qui vous êtes-vous occupé, et comment avez-vous adapté ce que vous faisiez ?",
    Theme.SAFETY: "Quel risque fallait-il éviter, et qu’avez-vous mis en place ?",
    Theme.SALES: "Que cherchait la personne, et comment l’avez-vous amenée à décider ?",
    Theme.ANY: "Quand avez-vous fait cela, et comment vous y êtes-vous pris ?",
}
