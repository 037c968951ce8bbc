"""Made-up exports of France compétences, written for a test: one entry by default, any element replaced."""

import io
import zipfile
from xml.sax.saxutils import escape

JURY = (
    "Le jury est composé de 3 membres :\n- Un président du jury, représentant des employeurs\n- Un représentant des salariés\n"
    "- Un enseignant formateur"
)
SKILLS = "- Préparer une parcelle  - Conduire une récolte  - Tenir un registre"


def block_xml(code: str, title: str, skills: str, modality: str = "Étude de cas    Mise en situation") -> str:
    """Return one block; `skills` is escaped."""
    return (
        f"<BLOC_COMPETENCES><CODE>{code}</CODE><LIBELLE>{escape(title)}</LIBELLE><LISTE_COMPETENCES>{escape(skills)}"
        f"</LISTE_COMPETENCES><MODALITES_EVALUATION>{escape(modality)}</MODALITES_EVALUATION></BLOC_COMPETENCES>"
    )


def routes_xml(jury: str = JURY) -> str:
    """Return the six routes, that of individual candidates closed with a text."""
    found = ""
    for code in ("FI", "CA", "FC", "CQ", "CL", "VAE"):
        answer = "Non" if code == "CL" else "Oui"
        found += f"<SI_JURY_{code}><ACTIF>{answer}</ACTIF><COMPOSITION>{escape(jury)}</COMPOSITION></SI_JURY_{code}>"
    return found


def entry_xml(
    number: str = "RNCP90001",
    title: str = "Responsable de ferme",
    *,
    blocks: str = "",
    routes: str = "",
    more: str = "",
) -> str:
    """Return one FICHE element."""
    blocks = blocks or "".join(
        block_xml(f"{number}BC0{rank}", name, SKILLS) for rank, name in ((1, "Cultiver"), (2, "Vendre"))
    )
    return f"""<FICHE><ID_FICHE>1</ID_FICHE><NUMERO_FICHE>{number}</NUMERO_FICHE><INTITULE>{escape(title)}</INTITULE>
<ABREGE><CODE>TP</CODE><LIBELLE>Titre professionnel</LIBELLE></ABREGE><ETAT_FICHE>Publiée</ETAT_FICHE>
<NOMENCLATURE_EUROPE><NIVEAU>NIV5</NIVEAU><LIBELLE>Niveau 5</LIBELLE></NOMENCLATURE_EUROPE>
<CODES_NSF><NSF><CODE>210</CODE><LIBELLE>Agriculture</LIBELLE></NSF></CODES_NSF>
<CODES_ROME><ROME><CODE>A1416</CODE><LIBELLE>Polyculture</LIBELLE></ROME></CODES_ROME>
<CERTIFICATEURS><CERTIFICATEUR><SIRET_CERTIFICATEUR>12345678200002</SIRET_CERTIFICATEUR>
<NOM_CERTIFICATEUR>École du Miel</NOM_CERTIFICATEUR><ETAT_CERTIFICATEUR>Actif</ETAT_CERTIFICATEUR></CERTIFICATEUR></CERTIFICATEURS>
<BLOCS_COMPETENCES>{blocks}</BLOCS_COMPETENCES>{routes or routes_xml()}
<ACCESSIBLE_NOUVELLE_CALEDONIE>Non</ACCESSIBLE_NOUVELLE_CALEDONIE>
<DATE_EFFET>01/09/2023</DATE_EFFET><DATE_FIN_ENREGISTREMENT>31/08/2028</DATE_FIN_ENREGISTREMENT>
<TYPE_ENREGISTREMENT>Enregistrement de droit</TYPE_ENREGISTREMENT><ACTIF>Oui</ACTIF>{more}</FICHE>"""


def export(*entries: str, head: str = "<?xml version='1.0' encoding='utf-8'?>\n") -> bytes:
    """Return a whole export."""
    return f"{head}<FICHES><VERSION_FLUX>4.1</VERSION_FLUX>{''.join(entries or (entry_xml(),))}</FICHES>".encode()


def zipped(data: bytes, name: str = "export_fiches_RNCP_V4_1_2026-11-01.xml") -> bytes:
    """Return the export in a zip."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()
