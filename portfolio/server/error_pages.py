"""The pages that the server, or nginx in front of it, answers without the application: French, with the
headers of every other page.
"""

from typing import Any

from waitress.task import ErrorTask
from waitress.utilities import Error

from portfolio.web.headers import SECURITY_HEADERS

# The page needs nothing of the application; it looks like the others when its style sheets can be loaded.
SHEETS = "".join(
    f'<link rel="stylesheet" href="/static/css/{name}.css">' for name in ("tokens", "base", "layout", "components")
)
PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title} – Acquis</title>{sheets}</head>
<body><header class="bar"><div class="bar__in"><a class="brand" href="/">Acquis</a></div></header>
<main class="main main--narrow"><div class="head"><h1>{title}</h1></div><div class="flow"><p>{sentence}</p>
<p class="actions"><a class="button" href="/">Aller à l’accueil</a></p>
<p class="small soft">Code {code}</p></div></main></body></html>"""
_TOO_LARGE = (
    "Ce que vous avez envoyé dépasse la taille permise : rien n’a été enregistré, et ce qui l’était déjà est intact. "
)


class NoSessionError(Error):
    """The body is too large for a request without a session."""

    code = 413
    reason = "Content Too Large"
    sentence = _TOO_LARGE + (
        "</p><p>Sans connexion, seul un envoi court est accepté. Pour ne rien perdre, ouvrez un autre "
        "onglet et connectez-vous, ou ouvrez à nouveau le lien que vous avez reçu. Revenez ensuite en "
        "arrière sur cette page, et envoyez à nouveau."
    )


class TooManyError(Error):
    """The network address has too many requests or bytes in flight."""

    code = 429
    reason = "Too Many Requests"


class NoRoomError(Error):
    """The disk has no room for this body."""

    code = 507
    reason = "Insufficient Storage"


_UNREADABLE = "Le navigateur a envoyé une demande que le serveur ne comprend pas. Rechargez la page et recommencez."
_TITLES = {
    403: "Cette page n’est pas ouverte ici",
    404: "Page introuvable",
    408: "Envoi trop lent",
    413: "C’est trop volumineux",
    414: "Demande trop longue",
    429: "Trop d’envois en même temps",
    431: "Demande trop longue",
    500: "Cette demande n’a pas abouti",
    503: "Acquis revient dans un instant",
    507: "La place manque un instant",
}
_TOO_LONG = "L’adresse ou les en-têtes sont trop longs. Rechargez la page et recommencez."
_SENTENCES = {
    403: "Cette adresse n’est pas ouverte depuis votre réseau.",
    404: "Aucune page n’est à cette adresse. Vérifiez-la, ou allez à l’accueil.",
    408: (
        "La connexion était trop lente : cet envoi n’a pas été enregistré, et ce qui l’était déjà est "
        "intact. Revenez en arrière, et envoyez à nouveau."
    ),
    413: _TOO_LARGE + "Revenez en arrière, la page vous dit la limite.",
    429: (
        "Trop d’envois sont en cours depuis votre réseau. Cet envoi n’a pas été enregistré, et ce qui "
        "l’était déjà est intact. Attendez une minute, revenez en arrière, et envoyez à nouveau."
    ),
    414: _TOO_LONG,
    431: _TOO_LONG,
    500: (
        "Le serveur n’a pas pu traiter cette demande, et ce n’est pas de votre fait. Ce qui était "
        "enregistré est intact. Revenez en arrière, et réessayez dans un instant."
    ),
    503: (
        "Rien de ce qui était enregistré n’est perdu. Rechargez cette page dans quelques secondes ; si vous "
        "envoyiez un texte, revenez en arrière et envoyez-le à nouveau."
    ),
    507: (
        "Le serveur n’a plus la place de recevoir ce fichier : rien n’a été enregistré, et ce n’est pas de "
        "votre fait. Ce qui l’était déjà est intact. Revenez en arrière, et réessayez plus tard."
    ),
}


def error_page(code: int, sentence: str = "") -> str:
    """Return the page of a status, with its own sentence unless another one is given."""
    return PAGE.format(
        title=_TITLES.get(code, "Demande illisible"),
        sentence=sentence or _SENTENCES.get(code, _UNREADABLE),
        code=code,
        sheets=SHEETS,
    )


class FrenchErrorTask(ErrorTask):
    """The answer to a request that waitress or our parser refuses."""

    def execute(self) -> None:
        """Write the page, and have the connection closed in stages."""
        error = self.request.error
        body = error_page(error.code, getattr(error, "sentence", "")).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]
        self.response_headers += [*SECURITY_HEADERS.items(), ("Cache-Control", "no-store"), ("Connection", "close")]
        self.close_on_finish = self.channel.lingers = True
        self.content_length: Any = len(body)
        self.write(body)
