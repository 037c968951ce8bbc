"""The rules of juries and grants as decision tables, each with its source, written from the domain alone.

Nothing here is code of the product: `python -m tests.second_reading` prints the tables, and a jurist can read them.
"""

from collections.abc import Mapping
from datetime import date

from tests.second_reading.decision_tables import NO, YES, Line, Predicate, Requirement, Table
from tests.second_reading.facts import NOT_VALIDATED, UNDECIDED, VAE, VALIDATED

# ---------------------------------------------------------------------------------------------- the jury

D6412_6 = {"law": "D6412-6", "law_since": date(2024, 4, 13)}
PREDICATES = (
    Predicate("J1", "Le jury compte le nombre de membres que dit la fiche, tous différents.", "fiche"),
    Predicate("J2", "Chaque siège de la fiche a un membre, et aucun autre siège n’existe.", "fiche"),
    Predicate("J3", "La présidence revient à un professionnel du collège des employeurs.", "fiche"),
    Predicate("J4", "La direction a nommé la présidence au plus tard le jour du jury ; l’acte est joint.", "fiche"),
    Predicate("J5", "Le représentant des salariés est de leur collège, et en activité ce jour-là.", "fiche"),
    Predicate("J6", "Ce siège est tenu par la direction, ou par une délégation valable ce jour-là.", "fiche"),
    Predicate("J7", "La part de membres externes est atteinte ; chacun a répondu de ses liens.", "fiche"),
    Predicate("J8", "La part des deux collèges est atteinte, et les deux sont présents.", "fiche"),
    Predicate(
        "J9",
        "Deux membres au moins, dont un au moins qualifié pour la certification.",
        "code du travail, art. D6412-6 (VAE seulement)",
        routes=(VAE,),
        only_by_law=True,
        **D6412_6,
    ),
    Predicate(
        "J10",
        "Personne n’a ni n’a eu de lien avec le candidat, ni ne l’a accompagné : chacun l’a signé. Hors VAE,"
        " si la fiche a un siège d’enseignant, avoir enseigné au candidat n’écarte pas ; un lien personnel écarte toujours.",
        "code du travail, art. D6412-6 (VAE) ; ailleurs, choix de l’application",
        **D6412_6,
    ),
    Predicate(
        "J11",
        "Une présidence est désignée, et une seule.",
        "code du travail, art. D6412-6 (VAE) ; ailleurs, la fiche ou l’organisme",
        **D6412_6,
    ),
    Predicate(
        "J12",
        "Des femmes et des hommes siègent, ou l’organisme écrit pourquoi.",
        "code du travail et jurisprudence",
        effect="warns",
        **D6412_6,
    ),
    Predicate("J13", "Chaque membre atteste avoir lu le dossier scellé avant de délibérer.", "jurisprudence"),
    Predicate("J14", "Les membres que demande le quorum sont là, présidence comprise ; sinon tous.", "choix"),
    Predicate("J15", "La moitié des membres au moins sont externes.", "usage", effect="optional"),
)

# The answer about ties decides, never the seat: a teacher who is not tied to the body is external.
EXTERNAL = Table(
    "Membre externe (J7, J15)",
    "fiche ; domaine, § 4 et § 9",
    ("a répondu", "direction ou délégation", "lien en cours ou récent"),
    (
        Line({"a répondu": NO}, "inconnu", "Sans réponse, on ne sait pas : le membre ne compte pas."),
        Line({"direction ou délégation": YES}, "interne", "La direction n’est jamais externe."),
        Line({"lien en cours ou récent": YES}, "interne", "Un lien avec l’organisme, en cours ou récent."),
        Line({}, "externe", "Aucun lien qui compte : le membre est externe, quel que soit son siège."),
    ),
)

# --------------------------------------------------------------------------------------------- the ballot

BALLOT = Table(
    "Issue d’un scrutin (J11)",
    "code du travail, art. D6412-6 (VAE) ; ailleurs, la fiche ou l’organisme",
    ("plus de pour", "plus de contre", "voix prépondérante", "présidence pour"),
    (
        Line({"plus de pour": YES}, VALIDATED, "La majorité a voté pour : le bloc est validé."),
        Line({"plus de contre": YES}, NOT_VALIDATED, "La majorité a voté contre : il ne l’est pas."),
        Line(
            {"voix prépondérante": YES, "présidence pour": YES},
            VALIDATED,
            "À égalité, la voix de la présidence l’emporte : elle a voté pour.",
        ),
        Line(
            {},
            NOT_VALIDATED,
            "À égalité, si la présidence a voté contre, s’est abstenue, ou n’a pas de voix prépondérante, le"
            " bloc n’est pas validé.",
        ),
    ),
)

DECIDED = Table(
    "Ce qui est décidé d’un bloc à la clôture",
    "domaine, § 9 : le dernier scrutin clos décide ; une décision rédigée avant lui est sans valeur",
    ("scrutin en cours", "scrutin clos", "mêmes votants", "scrutin favorable", "rédigée", "rédigée pour"),
    (
        Line({"scrutin en cours": YES}, UNDECIDED, "Un scrutin est ouvert : rien n’est décidé."),
        Line(
            {"scrutin clos": YES, "mêmes votants": NO},
            UNDECIDED,
            "Ceux qui délibèrent ne sont plus ceux qui ont voté : le jury vote de nouveau.",
        ),
        Line(
            {"scrutin clos": YES, "scrutin favorable": YES},
            VALIDATED,
            "Le dernier scrutin a validé le bloc, quoi que la présidence ait rédigé.",
        ),
        Line(
            {"scrutin clos": YES},
            NOT_VALIDATED,
            "Le dernier scrutin a refusé le bloc, quoi que la présidence ait rédigé.",
        ),
        Line({"rédigée": NO}, UNDECIDED, "Ni scrutin ni décision rédigée : rien n’est décidé."),
        Line({"rédigée pour": YES}, VALIDATED, "Sans scrutin, la décision rédigée valide le bloc."),
        Line({}, NOT_VALIDATED, "Sans scrutin, la décision rédigée refuse le bloc."),
    ),
)

# --------------------------------------------------------------------------------------- sittings (§10)

CARRIED = Table(
    "Ce qu’une séance reprend de la précédente",
    "domaine, § 10",
    ("suspendue", "mêmes membres"),
    (
        Line(
            {"suspendue": NO},
            "rien",
            "Déplacée, d’un autre jour ou d’autres membres : la séance suivante commence sans rien.",
        ),
        Line(
            {"mêmes membres": NO},
            "à confirmer",
            "Reprise par d’autres membres : chaque constat et chaque décision se confirment, chaque vote se refait.",
        ),
        Line({}, "tout", "Reprise par les mêmes membres : elle continue avec ce qu’ils avaient."),
    ),
)

DAY = Table(
    "Jour de la décision",
    "domaine, § 10",
    ("votée", "close plus tard", "jour énoncé", "entre la séance et la clôture"),
    (
        Line({"votée": YES}, "scrutin", "Chaque bloc a été mis aux voix : le jour du dernier scrutin."),
        Line({"close plus tard": NO}, "séance", "La clôture est du jour même : le jour de la séance."),
        Line({"jour énoncé": NO}, "day_missing", "La présidence doit énoncer le jour de la délibération."),
        Line(
            {"entre la séance et la clôture": NO},
            "day_outside",
            "Ce jour ne précède pas la séance, et ne suit pas la clôture.",
        ),
        Line({}, "énoncé", "Le jour de la délibération, que la présidence énonce."),
    ),
)

PRESENCE = Table(
    "Dire ou corriger une présence",
    "domaine, § 10",
    ("candidat non entendu", "scrutin clos", "corrige", "le jury a commencé", "motif"),
    (
        Line(
            {"candidat non entendu": YES, "scrutin clos": YES},
            "refused: a ballot was closed",
            "Un jury qui a voté a entendu le candidat : un scrutin clos reste au procès-verbal.",
        ),
        Line(
            {"corrige": YES, "le jury a commencé": YES, "motif": NO},
            "refused: no reason",
            "Après un entretien, un constat ou un scrutin, une présence se corrige avec un motif.",
        ),
        Line({}, "noted", "La présence est notée."),
    ),
)

COUNT = Table(
    "Issue d’un compte des voix tapé à la main (J11)",
    "domaine, § 10",
    ("plus de pour", "plus de contre", "voix prépondérante", "voix connue", "présidence pour"),
    (
        Line({"plus de pour": YES}, VALIDATED, "La majorité a voté pour."),
        Line({"plus de contre": YES}, NOT_VALIDATED, "La majorité a voté contre."),
        Line({"voix prépondérante": NO}, NOT_VALIDATED, "À égalité sans voix prépondérante, il n’est pas validé."),
        Line({"voix connue": NO}, UNDECIDED, "À égalité, il faut savoir ce que la présidence a voté."),
        Line({"présidence pour": YES}, VALIDATED, "À égalité, la présidence a voté pour."),
        Line({}, NOT_VALIDATED, "À égalité, la présidence n’a pas voté pour : il n’est pas validé."),
    ),
)

# ------------------------------------------------------------------------------- closing and R4, R5

CLOSING = (
    Requirement("before_session_day", "Le jour du jury est venu.", "choix"),
    Requirement("suspended", "La séance n’est pas suspendue.", "§ 9"),
    Requirement("day_missing", "Le jour de la délibération est connu.", "§ 10"),
    Requirement("day_outside", "Ce jour est entre la séance et la clôture.", "§ 10"),
    Requirement("irregular", "Aucune condition bloquante du jury n’est fausse.", "R3"),
    Requirement("finding_missing", "Chaque compétence a son constat.", "R4"),
    Requirement("finding_reason_missing", "Un constat autre qu’« acquise » dit pourquoi.", "R4"),
    Requirement("ground_missing", "Acquise sans preuve rattachée : le motif est consigné.", "R5"),
    Requirement("ground_text_missing", "Un « autre » motif est écrit.", "R5"),
    Requirement("decision_missing", "Chaque bloc présenté et non acquis est décidé.", "R3"),
    Requirement("refusal_reason_missing", "Un refus dit pourquoi.", "R4"),
    Requirement("recommendation_missing", "Un refus dit ce qui est attendu ensuite, ou pourquoi rien.", "R4"),
    Requirement("override_reason_missing", "S’écarter des constats se motive.", "R4"),
    Requirement("to_confirm", "Ce que d’autres membres ont rédigé est confirmé.", "§ 10"),
    Requirement("presidency_missing", "Un compte des voix dit ce que la présidence a voté.", "§ 10"),
    Requirement("presidency_contradicts", "Les voix comptées comprennent celle de la présidence.", "§ 10"),
    Requirement("votes_incomplete", "Des voix comptées le sont pour et contre.", "J11"),
    Requirement("votes_contradict", "La décision est celle de la majorité.", "J11"),
    Requirement("votes_too_many", "Il n’y a pas plus de voix que de votants.", "J11"),
    Requirement("votes_too_few", "Les voix et les abstentions font le nombre des votants.", "J11"),
    Requirement("ballot_open", "Aucun scrutin n’est en cours.", "J11"),
    Requirement("ballot_void", "Ceux qui délibèrent sont ceux qui ont voté au dernier scrutin.", "J11"),
    Requirement("votes_tied", "À égalité, la décision est celle de la voix de la présidence.", "J11, § 10"),
)

# What the findings on its competencies make of a block.
CONSISTENCY = {
    "every": "Chaque compétence est acquise.",
    "threshold": "La part des compétences acquises atteint le seuil de la version.",
    "mean": "La moyenne (acquise 1, partiellement ½, non acquise 0) atteint le seuil de la version.",
}

# ------------------------------------------------------------------------------------------- the grant

GRANT = (
    Requirement("withdrawn", "Le bloc n’a pas été retiré pour fraude.", "R11"),
    Requirement(
        "annulled", "La décision n’a pas été annulée, ni par un recours accordé sur ce bloc.", "R12 ; domaine, § 9"
    ),
    Requirement("absent", "Le candidat n’était pas absent.", "R3"),
    Requirement("excused", "Le candidat n’était pas excusé.", "R3"),
    Requirement("not_presented", "Le bloc était présenté.", "R3"),
    Requirement("not_closed", "Le procès-verbal est clos et signé par la présidence.", "R3"),
    Requirement("irregular_composition", "Le jury qui a délibéré était régulier.", "R3"),
    Requirement("not_admissible", "La recevabilité existait au dépôt.", "R3"),
    Requirement("lapse_not_ruled", "Une caducité a été tranchée par l’organisme.", "R3"),
    Requirement("lapsed", "La caducité n’a pas été prononcée.", "R3"),
    Requirement("not_decided", "Le jury a décidé du bloc.", "R3"),
    Requirement("not_validated", "Il l’a validé.", "R3"),
    Requirement("suspended", "La décision n’est pas suspendue.", "R10"),
)

EQUIVALENCE = Table(
    "Ce que compte une équivalence (R2 c)",
    "domaine, § 5 et § 10",
    ("identique", "tous les blocs demandés sont acquis et valides", "inscrits avant son remplacement"),
    (
        Line({"identique": NO}, "rien", "Partielle ou nulle, elle ne compte jamais d’elle-même."),
        Line(
            {"tous les blocs demandés sont acquis et valides": NO},
            "rien",
            "Il manque un bloc, ou l’un d’eux n’est plus valide ce jour-là.",
        ),
        Line(
            {"inscrits avant son remplacement": NO},
            "rien",
            "Remplacée, elle ne fait rien acquérir de ce que le registre inscrit ensuite, quel qu’en soit le jour.",
        ),
        Line({}, "acquis", "Le bloc est acquis du jour où tout est réuni, pour la même durée."),
    ),
)

NOT_HELD = Table(
    "Ce qui est répondu d’un bloc qui n’est pas acquis",
    "R3, R6, R10 ; domaine, § 5",
    (
        "acquis sans les suspensions",
        "décidé, lettre à venir",
        "devant un jury",
        "dernière décision annulée",
        "jury passé depuis",
        "validité passée",
        "acquisition non vérifiée",
        "acquisition retirée",
        "acquisition annulée",
        "équivalence partielle",
        "demandé",
    ),
    (
        Line({"acquis sans les suspensions": YES}, "suspended", "Ni acquis ni perdu : suspendu."),
        Line({"décidé, lettre à venir": YES}, "awaiting_notification", "Le jury a décidé : la lettre vient."),
        Line(
            {"devant un jury": YES, "dernière décision annulée": YES},
            "annulled_awaiting_jury",
            "La décision a été annulée : un autre jury va l’examiner.",
        ),
        Line({"devant un jury": YES}, "awaiting_jury", "Un jury va l’examiner."),
        Line({"jury passé depuis": YES}, "jury", "Ce que le dernier jury a décidé, et ses motifs."),
        Line({"validité passée": YES}, "validity_ended", "Il a été acquis : sa validité a pris fin."),
        Line({"acquisition non vérifiée": YES}, "acquisition_not_verified", "Une acquisition à vérifier."),
        Line({"acquisition retirée": YES}, "withdrawn", "L’acquisition a été retirée pour fraude."),
        Line({"acquisition annulée": YES}, "annulled", "L’acquisition a été annulée."),
        Line({"équivalence partielle": YES}, "partial_equivalence", "Une équivalence partielle ne suffit pas."),
        Line({"demandé": YES}, "not_presented", "Demandé, et jamais présenté."),
        Line({}, "not_requested", "Jamais demandé."),
    ),
)

# ------------------------------------------------------------------------------ what becomes of a grant

HELD, SUSPENDED, ANNULLED, WITHDRAWN = "held", "suspended", "annulled", "withdrawn"
STATUS: Mapping[tuple[str, str], str] = {
    (HELD, "suspension"): SUSPENDED,
    (SUSPENDED, "confirmation"): HELD,
    (HELD, "annulment"): ANNULLED,
    (SUSPENDED, "annulment"): ANNULLED,
    (HELD, "withdrawal"): WITHDRAWN,
    (SUSPENDED, "withdrawal"): WITHDRAWN,
    (HELD, "rectification"): HELD,
    (SUSPENDED, "rectification"): SUSPENDED,
    (ANNULLED, "rectification"): ANNULLED,
    (WITHDRAWN, "rectification"): WITHDRAWN,
}
# What ends a right, or holds it: two people decide it.
BY_TWO = frozenset({"suspension", "annulment", "withdrawal"})
# What a whole certification becomes once blocks of it are no longer held: the first of these that one of them is.
WHOLE_LOST = (WITHDRAWN, ANNULLED, SUSPENDED)
LATER = (
    Requirement("later_no_reason", "L’acte est motivé.", "R11, R12"),
    Requirement("later_ended", "Ce qui est annulé ou retiré ne peut qu’être rectifié.", "R11, R12"),
    Requirement("later_already_suspended", "On ne suspend pas ce qui l’est.", "R10"),
    Requirement("later_not_suspended", "On ne confirme que ce qui est suspendu.", "R10"),
    Requirement("later_decided_tomorrow", "L’acte n’est pas daté d’un jour à venir.", "choix"),
    Requirement("later_decided_too_soon", "L’acte ne précède pas ce qu’il touche.", "choix"),
    Requirement("later_not_heard", "Un retrait suit l’audition du candidat.", "R11, R6412-7"),
    Requirement("later_heard_too_soon", "L’audition suit la délivrance.", "R11"),
    Requirement("later_heard_after", "L’audition précède le retrait.", "R11"),
)

# ----------------------------------------------------------------------------------- labels and standing

LABEL = Table(
    "Nom du résultat (R8)",
    "domaine, § 5, R8",
    ("absent", "excusé", "tout le demandé est acquis", "une part du demandé est acquise"),
    (
        Line({"absent": YES}, "absent", "Absent."),
        Line({"excusé": YES}, "excused", "Excusé."),
        Line({"tout le demandé est acquis": YES}, "full", "Validation totale."),
        Line({"une part du demandé est acquise": YES}, "partial", "Validation partielle."),
        Line({}, "none", "Non-validation."),
    ),
)

STANDING = Table(
    "Mention du répertoire (R9)",
    "code du travail, art. L6113-9",
    (
        "délivré pendant un enregistrement",
        "VAE",
        "recevable pendant un enregistrement",
        "formation",
        "formation commencée pendant un enregistrement",
    ),
    (
        Line({"délivré pendant un enregistrement": YES}, "in_force", "Délivré pendant l’enregistrement."),
        Line(
            {"VAE": YES, "recevable pendant un enregistrement": YES},
            "protected_L6113_9",
            "L’article L6113-9 protège la recevabilité de VAE prononcée pendant l’enregistrement.",
        ),
        Line(
            {"formation": YES, "formation commencée pendant un enregistrement": YES},
            "protected_L6113_9",
            "Il protège la formation commencée pendant l’enregistrement.",
        ),
        Line({}, "no_register_claim", "Rien ne permet d’invoquer le répertoire ; le bloc reste acquis."),
    ),
)

OPENING = Table(
    "Ouverture d’une candidature (R9)",
    "domaine, § 5, R9",
    ("pendant un enregistrement", "après la fin d’un enregistrement"),
    (
        Line({"pendant un enregistrement": YES}, "open", "La fiche est enregistrée ce jour-là."),
        Line({"après la fin d’un enregistrement": YES}, "stopped", "La fiche avait expiré : arrêtée."),
        Line({}, "open", "Rien ne dit qu’elle avait expiré : l’organisme juge."),
    ),
)

# What the functions of `reading` compute on days and sets, where no table would be shorter.
PRINCIPLES = (
    Requirement("unit", "Seul un bloc entier s’acquiert.", "R1"),
    Requirement("sources", "Jury, acquisition vérifiée, équivalence, reprise : tout compte également.", "R2"),
    Requirement(
        "permanence",
        "Un bloc acquis le reste ; si sa version ou son certificat limite sa validité, chaque acte qui le donne"
        " vaut du jour de l’acte au même quantième tant de mois plus tard, ce jour compris.",
        "R6",
    ),
    Requirement("valid", "Un bloc est valide un jour donné si l’un de ces actes couvre ce jour.", "R6"),
    Requirement(
        "through",
        "Ce qu’une équivalence donne finit avec le premier des blocs qu’elle demande, ou avec la validité du"
        " bloc pour lequel elle compte ; une chaîne d’équivalences ne prolonge rien.",
        "R2 c, R6 ; domaine, § 9",
    ),
    Requirement(
        "whole",
        "La certification est obtenue le premier jour où tous les blocs d’une même version sont valides"
        " ensemble ; l’acte de ce jour qui complète l’ensemble la date ; de plusieurs, le dernier bloc.",
        "R7",
    ),
    Requirement("first", "De plusieurs actes sur un bloc, le plus ancien vaut ; les autres sont notés.", "§ 5"),
    Requirement(
        "two",
        "Ce qui met fin à un droit ou le suspend est décidé par deux personnes, avec un motif et une lettre.",
        "domaine, § 10",
    ),
    Requirement("one", "Un seul certificat en vigueur par personne et par bloc.", "R13"),
)

TABLES = (EXTERNAL, BALLOT, COUNT, DECIDED, CARRIED, DAY, PRESENCE, EQUIVALENCE, NOT_HELD, LABEL, STANDING, OPENING)
LISTS: Mapping[str, tuple[Requirement, ...]] = {
    "Le jury (J1 à J15)": PREDICATES,
    "La clôture (R3 à R5)": CLOSING,
    "L’octroi (R3)": GRANT,
    "Ce qui est acquis, et jusqu’à quand (R1, R2, R6, R7, R13)": PRINCIPLES,
    "Les actes ultérieurs (R10 à R12)": LATER,
}
