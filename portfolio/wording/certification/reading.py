"""The sentence of each doubt of a reader."""

from collections.abc import Callable, Sequence
from datetime import date

from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.french_text import NBSP, date_fr
from portfolio.wording.certification.names import FIELD_NAMES, ROUTE_NAMES, SEAT_NAMES, term_name

Facts = Sequence[str]
# A draft corrected by hand may have lost the facts of a doubt; its sentence is then poorer, not an error.
NO_FACTS = ("", "", "")

CUT_MARKS = {
    "blank_line": "aux lignes vides",
    "line_break": "aux retours à la ligne",
    "bullet": "aux puces",
    "activity_code": "aux codes d’activité (« A1 – »)",
    "competency_code": "aux codes de compétence (« C1.1 »)",
    "number_and_dash": "aux numéros (« 1 - »)",
    "number_and_point": "aux numéros (« 1. »)",
    "semicolon": "aux points-virgules",
    "dash": "aux tirets",
    "wide_space": "aux espaces multiples",
    "sentence": "à chaque phrase",
    "capital": "avant chaque verbe qui porte une majuscule",
    "whole": "en une seule, faute de séparateur",
}

MEMBERS = {"external_min": "membres extérieurs", "representatives_min": "représentants des salariés et des employeurs"}


def iso_day(text: str) -> str:
    """Write a day kept as « 2022-01-04 » the French way; anything else is shown as it is."""
    try:
        return date_fr(date.fromisoformat(text))
    except ValueError:
        return text


def _listed(facts: Facts) -> str:
    return " ; ".join(f"« {fact} »" for fact in facts if fact)


def _seat(code: str) -> str:
    return SEAT_NAMES[Seat(code)] if code in set(Seat) else code


def _route(code: str) -> str:
    return ROUTE_NAMES[Route(code)] if code in set(Route) else code


CUTS = {
    "codes": "d’après leurs codes, qui ne se suivent pas",
    "numbers": "d’après des numéros dont certains peuvent être des détails",
    "numbers_gap": "d’après des numéros qui ne se suivent pas",
    "bullets": "d’après des puces dont certaines peuvent être des détails",
    "lines": "d’après les retours à la ligne",
    "semicolons": "aux points-virgules",
    "capitals": "devant les verbes en majuscule",
    "codes_flat": "d’après leurs codes, sans retour à la ligne",
    "numbers_flat": "d’après leurs numéros, sans retour à la ligne",
    "bullets_flat": "aux tirets, sans retour à la ligne",
}
ELEMENTS = {
    "INTITULE": "intitulé",
    "NUMERO_FICHE": "numéro de la fiche",
    "LIBELLE": "titre",
    "LISTE_COMPETENCES": "liste des compétences",
    "MODALITES_EVALUATION": "modalités d’évaluation",
    "DATE_FIN_ENREGISTREMENT": "fin d’enregistrement",
    "BLOCS_COMPETENCES": "blocs de compétences",
    "NIVEAU": "niveau",
    "ROUTES": "voies d’accès",
}
DATES = {
    "DATE_FIN_ENREGISTREMENT": "fin d’enregistrement",
    "DATE_DECISION": "décision",
    "DATE_EFFET": "date d’effet",
    "DATE_DE_PUBLICATION": "publication",
    "DATE_DERNIER_JO": "dernier Journal officiel",
    "DATE_LIMITE_DELIVRANCE": "limite de délivrance",
}

DOUBTS: dict[DoubtCode, Callable[[Facts], str]] = {
    DoubtCode.TITLES_DIFFER: lambda f: (
        f"L’intitulé varie dans la fiche : {_listed(f)}. Choisissez celui qui figurera sur les documents."
    ),
    DoubtCode.TITLE_MISSING: lambda _: "L’intitulé n’a pas été trouvé. Saisissez-le.",
    DoubtCode.CODE_DEDUCED: lambda f: f"L’en-tête ne donne pas le code : {f[0]} vient du titre des blocs. Vérifiez-le.",
    DoubtCode.SECTION_MISSING: lambda f: (
        f"La rubrique « {FIELD_NAMES.get(f[0], f[0])} » n’a pas été trouvée, ou elle est vide. "
        "Complétez cette rubrique si elle figure dans la fiche."
    ),
    DoubtCode.CERTIFIERS_COLUMN_LOST: lambda f: (
        f"Deux colonnes sont confondues dans « {f[0]} ». Vérifiez les certificateurs et la qualité du signataire."
    ),
    DoubtCode.OTHER_WORDING: lambda f: (
        f"La liste générale écrit : « {f[0]} ». La rédaction du bloc est retenue, l’autre est gardée à côté."
    ),
    DoubtCode.COMPETENCY_ONLY_IN_BLOCK: lambda _: (
        "Cette compétence figure dans le bloc, pas dans la liste générale. Vérifiez sa rédaction."
    ),
    DoubtCode.COMPETENCY_ONLY_IN_LIST: lambda f: (
        f"La liste générale cite « {f[0]} », qui ne correspond à aucune compétence d’un bloc. Vérifiez "
        "qu’il n’en manque pas."
    ),
    DoubtCode.COMPETENCIES_WITHOUT_BULLETS: lambda _: (
        "Aucune puce ne sépare les compétences de ce bloc : le découpage suit les lignes. Vérifiez où chacune commence."
    ),
    DoubtCode.GENERAL_LIST_MISSING: lambda _: (
        "La fiche ne donne pas de liste générale reconnaissable : les rédactions des blocs n’ont pas pu être comparées."
    ),
    DoubtCode.TEXT_SET_ASIDE: lambda f: (
        f"Ce texte du bloc n’a été rangé nulle part : « {f[0]} ». Vérifiez s’il complète une compétence."
    ),
    DoubtCode.HYPHEN_REMOVED: lambda f: (
        f"« {f[0]} » est lu « {f[1]} » : le trait d’union semble venir d’une coupure de ligne. Vérifiez."
    ),
    DoubtCode.HYPHEN_KEPT: lambda f: (
        f"Le trait d’union de « {f[0]} » est gardé, mais il peut venir d’une coupure de ligne. Vérifiez."
    ),
    DoubtCode.CERTIFICATE_NOT_STATED: lambda _: (
        "La phrase sur le certificat de compétences ne figure pas sous ce bloc. La clause générale peut le "
        "couvrir : confirmez."
    ),
    DoubtCode.ASSESSMENTS_SPLIT: lambda f: f"Ce bloc est évalué en {f[0]} fois : vérifiez la séparation des modalités.",
    DoubtCode.ASSESSMENT_MISSING: lambda _: "Aucune modalité d’évaluation n’a été trouvée sous ce bloc.",
    DoubtCode.BLOCK_NUMBERING: lambda f: (
        f"Les blocs portent les numéros {f[0]} : vérifiez qu’il n’en manque pas et qu’aucun n’est répété."
    ),
    DoubtCode.BLOCK_COUNT_DIFFERS: lambda f: f"La fiche annonce {f[0]} blocs, {f[1]} ont été lus.",
    DoubtCode.BLOCK_TITLE_MISSING: lambda _: "Le titre de ce bloc n’a pas été trouvé. Saisissez-le.",
    DoubtCode.BLOCK_OF_OTHER_ENTRY: lambda f: f"Ce bloc cite la fiche {f[0]}, qui n’est pas celle-ci. Vérifiez.",
    DoubtCode.DELIVERABLE_COUNT_DIFFERS: lambda f: f"La fiche annonce {f[0]} livrables, {f[1]} ont été lus.",
    DoubtCode.ROUTES_COLUMNS_LOST: lambda _: (
        "Les colonnes OUI et NON sont perdues dans le texte : une voie qui a un jury est notée ouverte. Confirmez-le."
    ),
    DoubtCode.ROUTE_UNKNOWN: lambda _: (
        "Le texte n’indique pas si cette voie est ouverte : la colonne de la croix est perdue. Elle reste inconnue."
    ),
    DoubtCode.ROUTE_ABSENT: lambda _: "La fiche ne mentionne pas cette voie. Elle reste inconnue.",
    DoubtCode.TERRITORY_UNKNOWN: lambda f: (
        f"Le texte n’indique pas si la certification est accessible en {f[0]} : la colonne de la croix est perdue."
    ),
    DoubtCode.CODE_ONLY_MENTIONED: lambda f: (
        f"L’en-tête ne donne pas le code : {f[0]} est seulement cité dans le texte. Vérifiez que c’est "
        "celui de cette fiche."
    ),
    DoubtCode.ENTRY_REPLACED: lambda f: (
        f"La fiche se dit remplacée : « {f[0]} ». Après la publication, donnez le code de la fiche qui la remplace."
    ),
    DoubtCode.TITLE_CUT_AT_BLANK_LINE: lambda f: (
        f"Une ligne vide coupe l’intitulé. Ce qui suit n’est pas repris : « {f[0]} ». Complétez l’intitulé si besoin."
    ),
    DoubtCode.BLOCK_PREREQUISITE: lambda f: (
        f"Ce bloc a un prérequis : « {f[0]} ». Acquis ne le contrôle pas : le certificateur doit le vérifier."
    ),
    DoubtCode.PERMANENCE_MIXED: lambda f: (
        f"La fiche donne plusieurs durées de validité : « {f[0]} ». Rien n’est retenu : choisissez la durée."
    ),
    DoubtCode.PERMANENCE_OF_BLOCK: lambda f: (
        f"Ce bloc semble valable pour un temps limité : « {f[0]} ». La validité illimitée n’est pas retenue."
    ),
    DoubtCode.ACT_ABROGATES: lambda f: (
        f"Cet acte met fin à un enregistrement : « {f[0]} ». Corrigez la date de fin de l’enregistrement qu’il vise."
    ),
    DoubtCode.REGISTRATION_DATE_IMPOSSIBLE: lambda f: (
        f"La date « {f[0]} » n’existe pas. Elle n’a pas été corrigée : saisissez la bonne date."
    ),
    DoubtCode.REGISTRATION_EXPIRY_DIFFERS: lambda f: (
        f"La fiche écrit une date d’échéance au {iso_day(f[0])}, mais l’acte finit le {iso_day(f[1])}. "
        "Vérifiez la date de fin, ou s’il manque un acte."
    ),
    DoubtCode.JURY_TAKEN_FROM_ROUTE: lambda f: (
        f"La fiche ne donne pas de jury pour la VAE : celui de la voie « {_route(f[0])} » est repris. Confirmez-le."
    ),
    DoubtCode.JURY_SEAT_DEDUCED: lambda f: f"« {f[0]} » est lu comme ce siège : « {_seat(f[1])} ». Vérifiez-le.",
    DoubtCode.JURY_RATIO_IS_MAXIMUM: lambda f: (
        f"« {f[0].replace('.', ',')} % » de {MEMBERS.get(f[1], f[1])} est un maximum dans la fiche. "
        "Acquis ne contrôle que des minimums : cette part n’est pas retenue."
    ),
    DoubtCode.JURY_RATIO_OF_INTERNAL_MEMBERS: lambda f: (
        f"« {f[0].replace('.', ',')} % » est une part de membres internes : elle n’est pas retenue. "
        "Saisissez la part de membres extérieurs si la certification en fixe une."
    ),
    DoubtCode.JURY_IN_COLUMNS: lambda f: (
        f"Le jury est écrit en colonnes, que le texte a mélangées : « {f[0]} ». Aucun siège n’est lu : "
        "saisissez les sièges."
    ),
    DoubtCode.COMPETENCIES_CUT: lambda f: (
        f"Les compétences sont découpées {CUT_MARKS.get(f[0], f[0])}. Vérifiez chacune d’après le texte : « {f[1]} »."
    ),
    DoubtCode.COMPETENCY_WRITTEN_TWICE: lambda _: (
        "Une compétence figure deux fois dans ce bloc : elle est lue une fois."
    ),
    DoubtCode.FIELD_NOT_KEPT: lambda f: (
        f"La source donne aussi « {f[0]} : {f[1]} ». Cette information n’est pas gardée."
    ),
    DoubtCode.FRAMEWORK_WITHOUT_CODE: lambda _: (
        "Ce référentiel n’est pas une fiche du répertoire : il n’a pas de code. Saisissez celui de la certification."
    ),
    DoubtCode.FRAMEWORK_WITHOUT_BLOCKS: lambda _: (
        "Ce référentiel est une liste sans blocs : tout est lu dans un seul bloc. Répartissez les compétences."
    ),
    DoubtCode.HEADING_SET_ASIDE: lambda f: (
        f"« {f[0]} » est lu comme un titre entre le bloc et ses compétences. Il n’est pas gardé."
    ),
    DoubtCode.ITEM_WITHOUT_PARENT: lambda f: (
        f"Rien ne dit où placer « {f[0]} » : cet élément est lu comme un bloc. Vérifiez."
    ),
    DoubtCode.ITEM_WITH_SEVERAL_PARENTS: lambda f: (
        f"« {f[0]} » appartient à plusieurs éléments : seul le premier est retenu."
    ),
    DoubtCode.PAGE_COLUMNS_LOST: lambda _: (
        "Rien ne sépare les compétences des modalités d’évaluation : tout est lu comme compétences. Corrigez le bloc."
    ),
    DoubtCode.JURY_MISSING: lambda _: "La composition du jury n’a pas été trouvée. Saisissez-la avant de publier.",
    DoubtCode.JURY_TEXTS_DIFFER: lambda f: (
        f"Le jury de cette voie est rédigé autrement que celui de la voie « {_route(f[0])} ». Vérifiez sa règle."
    ),
    DoubtCode.JURY_SIZE_UNKNOWN: lambda f: (
        "Le nombre de membres n’est pas écrit. Saisissez-le."
        if f[0] == "0"
        else f"Le nombre de membres n’est pas écrit clairement : {f[0]} est le nombre de sièges lus."
    ),
    DoubtCode.JURY_SIZE_READ_FROM_MINIMUM: lambda f: (
        f"La fiche indique « au moins {f[0]} » membres : ce nombre est pris comme taille du jury."
    ),
    DoubtCode.JURY_SIZE_DIFFERS: lambda f: (
        f"Le jury compte {f[0]} membres, mais {f[1]} sièges ont été reconnus. Complétez les sièges."
    ),
    DoubtCode.JURY_SEAT_UNKNOWN: lambda f: f"Ce siège n’est pas reconnu : « {f[0]} ».",
    DoubtCode.JURY_RATIO_UNKNOWN: lambda f: (
        f"La part de {MEMBERS.get(f[0], f[0])} n’est pas écrite. Saisissez-la si la certification en fixe une."
    ),
    DoubtCode.JURY_RATIO_READ_AS_MINIMUM: lambda f: (
        f"« {f[0].replace('.', ',')} % » de {MEMBERS.get(f[1], f[1])} est lu comme un minimum. Confirmez-le."
    ),
    DoubtCode.REGISTRATION_START_DEDUCED: lambda f: (
        f"L’acte n’indique pas sa date d’effet : celle de sa publication est retenue, le {iso_day(f[0])}."
    ),
    DoubtCode.REGISTRATION_END_DEDUCED: lambda f: (
        f"L’acte n’indique pas sa date de fin : elle est calculée d’après sa durée, le {iso_day(f[0])}."
    ),
    DoubtCode.REGISTRATION_DATES_MISSING: lambda _: (
        "Une date de cet enregistrement n’a pas pu être lue. Saisissez-la avant de publier."
    ),
    DoubtCode.REGISTRATION_TITLE_MISSING: lambda _: "L’intitulé que donne cet acte n’a pas été trouvé.",
    DoubtCode.REGISTRATION_DURATION_DIFFERS: lambda f: (
        f"L’acte annonce {f[0]} an(s), ce qui ne mène pas au {iso_day(f[1])} qu’il écrit. La date écrite est retenue."
    ),
    DoubtCode.REGISTRATION_GAP: lambda f: (
        f"L’enregistrement précédent finit le {iso_day(f[0])} et celui-ci commence le {iso_day(f[1])} : "
        "rien entre les deux."
    ),
    DoubtCode.REGISTRATION_OVERLAP: lambda f: (
        f"L’enregistrement précédent finit le {iso_day(f[0])}, après le début de celui-ci, le {iso_day(f[1])}."
    ),
    DoubtCode.PERMANENCE_LIMITED: lambda f: f"La validité des blocs semble limitée : « {f[0]} ».",
    DoubtCode.PERMANENCE_STATED: lambda f: f"La fiche donne cette durée de validité : « {f[0]} ». Confirmez-la.",
    DoubtCode.PARTIAL_VALIDATION: lambda f: (
        "La fiche écrit que la validation partielle n’existe pas, et elle donne plusieurs blocs. Acquis délivre un "
        "certificat par bloc. Vérifiez ce que le certificateur accorde."
        if f[0] == "Non"
        else "La fiche écrit que la validation partielle existe, et un seul bloc est lu. Ajoutez les parties qui "
        "s’obtiennent séparément, ou confirmez qu’il n’y en a pas."
    ),
    DoubtCode.SPECIFIC_REGISTER: lambda _: (
        "Une fiche du répertoire spécifique (RS) n’a pas de blocs : la certification entière est lue comme un seul "
        "bloc, avec les compétences qu’elle atteste. Vérifiez-les."
    ),
    DoubtCode.PERMANENCE_UNKNOWN: lambda _: "La durée de validité des blocs acquis n’a pas été trouvée.",
    DoubtCode.PREDECESSOR_WITHOUT_CODE: lambda f: (
        f"La fiche précédente est « {f[0]} », mais son code n’a pas été trouvé."
    ),
    DoubtCode.ENCODING_GUESSED: lambda _: (
        "Ce fichier n’est pas en UTF-8 : son codage a été deviné (Windows-1252). Vérifiez les accents."
    ),
    DoubtCode.CHARACTERS_REPLACED: lambda f: f"{f[0]} caractère(s) illisible(s) : « \ufffd » en tient la place.",
    DoubtCode.CUT_TO_CHECK: lambda f: (
        f"Le découpage n’est pas sûr : {f[1]} compétences, découpées {CUTS.get(f[0], f[0])}. "
        "Comparez-les au texte de la fiche."
    ),
    DoubtCode.CUT_WHOLE: lambda _: (
        "Ce texte n’a pas pu être découpé : il forme une seule compétence. Découpez-le si la fiche en donne plusieurs."
    ),
    DoubtCode.COMPETENCIES_MERGED: lambda _: (
        "Cette compétence en contient peut-être deux : la fiche a perdu des retours à la ligne. Comparez-la "
        "au texte du bloc."
    ),
    DoubtCode.COMPETENCIES_MISSING: lambda _: (
        "La fiche ne donne aucune compétence pour ce bloc. Ajoutez-les avant de publier."
    ),
    DoubtCode.BLOCKS_MISSING: lambda _: "La fiche ne donne aucun bloc de compétences. Ajoutez-les avant de publier.",
    DoubtCode.MARKUP_REMOVED: lambda _: (
        "Ce texte contenait de la mise en forme HTML, qui a été retirée. Vérifiez qu’il n’y manque rien."
    ),
    DoubtCode.DATE_UNREADABLE: lambda f: (
        f"La date « {f[1]} » ({DATES.get(f[0], f[0])}) n’existe pas ou n’est pas lisible. Saisissez la date exacte."
    ),
    DoubtCode.ANSWER_UNREADABLE: lambda f: (
        f"La fiche écrit « {f[0]} » au lieu de Oui ou Non : la réponse reste inconnue. Vérifiez."
        if f[0]
        else "La fiche ne dit ni Oui ni Non : la réponse reste inconnue. Vérifiez."
    ),
    DoubtCode.JURY_NOT_CERTAIN: lambda _: (
        "Le texte du jury ne permet pas d’en tirer une règle sûre : elle est laissée vide. "
        "Saisissez le nombre de membres et leurs sièges d’après ce texte."
    ),
    DoubtCode.JURY_RULE_OF_ROUTE: lambda f: (
        f"Le jury de cette voie n’est pas celui de la voie « {_route(f[0])} » : sa propre règle est lue. "
        "Vérifiez-la sur la page « Règles du jury »."
    ),
    DoubtCode.JURY_OF_ROUTE_EMPTY: lambda f: (
        "Le texte de ce jury ne permet pas d’en tirer une règle sûre : elle est laissée vide. Sur la page "
        f"« Règles du jury », saisissez-la, ou reprenez la règle de la voie « {_route(f[0])} »."
    ),
    DoubtCode.JURY_CONDITION_READ: lambda f: (
        "Le texte du jury est lu ainsi : "
        f"« {term_name(f[0])}{f' : {f[1]}' if f[1] not in ('', '0') else ''} ». Confirmez-le."
    ),
    DoubtCode.JURY_SEATS_PROPOSED: lambda f: (
        f"Le texte donne {f[0]} membres sans nommer leurs sièges : une présidence et des membres sont "
        "proposés. Vérifiez-les."
    ),
    DoubtCode.COMPETENCIES_NESTED: lambda _: (
        "Cette compétence réunit plusieurs lignes numérotées : deux niveaux (1.1 puis 1.1.1), ou une autre "
        "liste. Gardez le niveau qui est évalué, d’après le texte du bloc."
    ),
    DoubtCode.COMPETENCY_TWICE: lambda _: (
        "Cette compétence figure déjà plus haut dans le bloc. Supprimez-en une, ou corrigez-la."
    ),
    DoubtCode.COMPETENCY_NUMBERING: lambda f: (
        f"Les compétences de ce bloc portent les numéros {f[0]}{NBSP}: vérifiez qu’il n’en manque pas, qu’aucune "
        "n’est répétée, et leur ordre."
    ),
    DoubtCode.COMPETENCY_WITHOUT_TEXT: lambda f: (
        f"La source écrit dans ce bloc {f[0]} compétence(s) sans texte. Saisissez ce qui manque, d’après la fiche."
    ),
    DoubtCode.BLOCKS_ALIKE: lambda f: (
        f"Ce bloc a le même titre que le bloc {f[0]}. Vérifiez qu’il s’agit de deux blocs."
        if f[1] == "title"
        else f"Ce bloc a les mêmes compétences que le bloc {f[0]} : l’un des deux est peut-être une copie. "
        "Vérifiez d’après la fiche."
    ),
    DoubtCode.ELEMENT_TWICE: lambda f: (
        f"La fiche écrit deux fois « {(ELEMENTS | DATES).get(f[0], f[0])} ». Le premier texte est lu, l’autre ne l’est "
        f"pas : « {f[1]} ». Vérifiez lequel est le bon."
    ),
    DoubtCode.TEXT_UNREADABLE: lambda f: (
        f"Ce texte contient des caractères illisibles : « {f[0]} ». Corrigez-le d’après la fiche."
    ),
    DoubtCode.TEXT_MISENCODED: lambda f: (
        f"Les accents de ce texte semblent abîmés : « {f[0]} ». Corrigez-le d’après la fiche."
    ),
    DoubtCode.DIRECTION_REMOVED: lambda f: (
        "Ce texte contenait des signes invisibles qui changent le sens de lecture. Ils ont été retirés : "
        f"« {f[0]} ». Vérifiez-le."
    ),
    DoubtCode.LEVEL_UNKNOWN: lambda f: (
        f"« {f[0]} » n’est pas un niveau de 1 à 8 : le niveau est laissé vide. Saisissez-le si la fiche en a un."
    ),
    DoubtCode.LEVEL_DIFFERS: lambda f: (
        f"Le niveau « {f[0]} » ne s’accorde pas avec « {f[1]} ». Vérifiez lequel est le bon."
    ),
    DoubtCode.CODE_UNKNOWN: lambda f: (
        f"Le SIRET « {f[1]} » ({f[2]}) n’est pas un numéro possible. Vérifiez-le."
        if f[0] == "SIRET"
        else f"Le code {f[0]} « {f[1]} » n’existe pas dans cette nomenclature. Vérifiez-le d’après la fiche."
    ),
    DoubtCode.WORD_CUT: lambda f: (
        f"Un mot semble coupé par une fin de ligne : « {f[0]} ». Corrigez-le d’après la fiche."
    ),
    DoubtCode.CORRESPONDENCE_ABSENT: lambda f: (
        f"Une correspondance avec la fiche {f[1]} cite le bloc « {f[0]} », qui ne s’y trouve pas. Vérifiez-la avant de "
        "reconnaître une équivalence."
        if f[0]
        else f"Une correspondance{f' avec la fiche {f[1]}' if f[1] else ''} ne dit pas tous ses blocs. Vérifiez-la."
    ),
    DoubtCode.DATE_IMPLAUSIBLE: lambda f: (
        f"La date du {iso_day(f[0])} n’est pas vraisemblable pour cet enregistrement. Vérifiez-la d’après l’acte."
    ),
    DoubtCode.ACT_OUTSIDE_REGISTRATION: lambda f: (
        f"L’acte « {f[0]} » ne semble pas couvrir les dates de cet enregistrement, et il figurera sur les "
        "certificats. Donnez l’acte qui l’a créé ou renouvelé, ou confirmez celui-ci."
    ),
    DoubtCode.ACT_NOT_KEPT: lambda f: (
        f"La fiche cite aussi «{NBSP}{f[0]}{NBSP}»{NBSP}: cet acte modifie l’enregistrement ou lui est postérieur. Il "
        "n’est pas pris comme acte d’enregistrement. Vérifiez ce qu’il change, et sa date."
    ),
    DoubtCode.ACT_NOT_OF_CREATION: lambda f: (
        f"La fiche ne donne pas d’acte de création pour ces dates. «{NBSP}{f[0]}{NBSP}», rangé parmi les autres "
        "actes, figurera sur les certificats. Confirmez-le, ou donnez le bon acte."
    ),
    DoubtCode.REGISTRATION_KIND_UNKNOWN: lambda f: (
        f"Le type d’enregistrement « {f[0]} » n’est ni « de droit » ni « sur demande ». Vérifiez-le."
    ),
    DoubtCode.ENTRY_INACTIVE: lambda _: (
        "Le répertoire note cette fiche inactive. Vérifiez qu’il s’agit bien de la fiche à publier, et si "
        "une autre la remplace."
    ),
    DoubtCode.ENTRY_NOT_PUBLISHED: lambda f: (
        f"La source donne à cette fiche l’état « {f[0]} » : elle n’est pas, ou plus, publiée telle "
        "quelle. Vérifiez qu’il s’agit bien de la fiche à publier."
    ),
    DoubtCode.OPTIONS_READ: lambda f: (
        f"Les blocs sont lus comme des options{NBSP}: {f[0]}. La certification entière demande les blocs "
        f"communs et {f[1]} option{'s' if f[1] not in ('', '1') else ''}. Vérifiez cette règle et sa source "
        f"sur la page «{NBSP}Règles du jury{NBSP}»."
    ),
    DoubtCode.OPTION_UNCLEAR: lambda f: (
        f"La fiche parle d’une option{NBSP}: «{NBSP}{f[0]}{NBSP}». Acquis ne sait pas quels blocs elle "
        f"concerne et les demande tous. Sur la page «{NBSP}Règles du jury{NBSP}», indiquez l’option de "
        "chaque bloc qui n’est pas demandé à tous, ou confirmez que tous le sont."
    ),
    DoubtCode.STATED: lambda f: f[0],
}


def doubt_message(doubt: Doubt) -> str:
    """Say a reader's doubt, and what to do about it."""
    return DOUBTS[doubt.what]((*doubt.facts, *NO_FACTS))
