"""The embedded server: waitress, whose own refusals speak French and carry our headers too."""

from __future__ import annotations

import gc
import signal
from functools import partial
from typing import Any

import structlog
from flask import Flask
from waitress.server import TcpWSGIServer, create_server
from waitress.task import ErrorTask, WSGITask

from portfolio.files.storage.store import CHUNK_BYTES
from portfolio.server.channel import LimitedRequestParser, LingeringChannel
from portfolio.web.headers import SECURITY_HEADERS
from portfolio.web.request_limits import max_body_size

log = structlog.get_logger("acquis")
# It needs nothing of the application; its look is that of the other pages, when its sheets can be fetched.
SHEETS = "".join(f'<link rel="stylesheet" href="/static/css/{name}.css">' for name in ("tokens", "base", "layout", "components"))
PAGE = """<!doctype html><html lang="fr"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title} – Acquis</title>{sheets}</head>
<body><header class="bar"><div class="bar__in"><a class="brand" href="/">Acquis</a></div></header>
<main class="main main--narrow"><div class="head"><h1>{title}</h1></div><div class="flow"><p>{sentence}</p>
<p class="actions"><a class="button" href="/">Aller à l’accueil</a></p>
<p class="small soft">Code {code}</p></div></main></body></html>"""


class FrenchErrorTask(ErrorTask):
    """What waitress answers before the application: a body too large, a request it cannot read."""

    def execute(self) -> None:
        """Write the page and close the connection."""
        code = self.request.error.code
        self.status = f"{code} {self.request.error.reason}"
        title, sentence = _TITLES.get(code, "Demande illisible"), _SENTENCES.get(code, _UNREADABLE)
        body = PAGE.format(title=title, sentence=sentence, code=code, sheets=SHEETS).encode()
        self.response_headers += [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]
        self.response_headers += [*SECURITY_HEADERS.items(), ("Cache-Control", "no-store"), ("Connection", "close")]
        self.close_on_finish = self.channel.lingers = True
        self.content_length: Any = len(body)
        self.write(body)


class SingleWriteTask(WSGITask):
    """What a page answers; its headers leave with its body: sending twice costs as much as several questions to the store."""

    def write(self, data: bytes) -> None:
        """Send what the application gives, the headers first."""
        if self.wrote_header or not self.complete or not data:
            super().write(data)
            return
        head = self.build_response_header()
        self.wrote_header = True
        told: Any = self.content_length
        if self.has_body and told == len(data):
            self.content_bytes_written = len(data)
            self.channel.write_soon(head + data)
        else:
            self.channel.write_soon(head)
            super().write(data)


_UNREADABLE = "Le navigateur a envoyé une demande que le serveur ne comprend pas. Rechargez la page et recommencez."
_TITLES = {413: "C’est trop volumineux", 431: "Demande trop longue", 507: "La place manque un instant"}
_SENTENCES = {
    413: "Ce que vous avez envoyé dépasse la taille permise : rien n’a été enregistré, et ce qui l’était déjà est intact. "
    "Revenez en arrière, la page vous dit la limite.",
    507: "Le serveur n’a plus la place de recevoir ce fichier : rien n’a été enregistré, et ce n’est pas de votre fait. "
    "Ce qui l’était déjà est intact. Revenez en arrière, et réessayez plus tard.",
    431: "L’adresse ou les en-têtes sont trop longs. Rechargez la page et recommencez.",
}


def serve(app: Flask) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    settings = app.config["SETTINGS"]
    install_error_pages(app)
    server = create_server(
        app,
        host=settings.host,
        port=settings.port,
        threads=settings.threads,
        max_request_body_size=app.config["MAX_CONTENT_LENGTH"],
        channel_timeout=120,
        connection_limit=500,
        asyncore_use_poll=True,  # what is open may be numbered above the 1023 that select can wait for
        recv_bytes=CHUNK_BYTES,  # a body costs a turn of the loop and a write a piece: 8 KB double the time of a heavy file
        ident=None,
        clear_untrusted_proxy_headers=not settings.proxies,  # those of a proxy we know are the application's to read
    )
    try:
        signal.signal(signal.SIGTERM, _interrupt)
        freeze_gc()
        log.info("serving", address=settings.address)
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
        log.info("stopped")


def freeze_gc() -> None:
    """Let no page wait for the collector: what was loaded to start lives as long as the process, and is not looked through again;
    what a page makes, thousands of things, is gone with it, and is looked through once in a while."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def install_error_pages(app: Flask) -> None:
    """Give every server of this process our connections, our pages of errors, and the bounds of this application."""
    LimitedRequestParser.bound = partial(max_body_size, app)
    LingeringChannel.task_class, LingeringChannel.error_task_class = SingleWriteTask, FrenchErrorTask
    TcpWSGIServer.channel_class = LingeringChannel


def _interrupt(_signal: int, _frame: Any) -> None:
    raise KeyboardInterrupt
