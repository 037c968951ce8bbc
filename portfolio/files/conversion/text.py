"""French text of the pages made of a mailbox or an archive."""

from collections.abc import Mapping

HEADERS: Mapping[str, str] = {"From": "De", "To": "À", "Cc": "Copie à", "Date": "Date"}
ATTACHED = "Pièces jointes"
NO_SUBJECT = "Message sans objet"
NO_TEXT = "Ce message ne contient pas de texte."
NOT_DIVIDED = "Ce message est abîmé\u00a0: son contenu n’a pas pu être lu."
RICH_TEXT = "Texte du message.rtf"
RICH_TEXT_BELOW = "Le texte de ce message est un document\u00a0: il suit."
MAILBOX_TITLE = "Messages de la boîte aux lettres"
ARCHIVE_TITLE = "Fichiers de l’archive"
ARCHIVE_COLUMNS = ("Nom", "Taille")
ARCHIVE_MORE = "L’archive contient d’autres fichiers : les {count} premiers sont listés."


def shown_size(count: int) -> str:
    """Return a number of bytes as people read it: « 12 ko », « 3,4 Mo »."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))}\u00a0ko"
    return f"{count / 1_000_000:.1f}\u00a0Mo".replace(".", ",")
