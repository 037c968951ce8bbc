"""`make run`: migrations, the demonstration on the first start, then a web process and a worker, kept running.

The supervisor imports the application once, and each process is a fork of it (decision 0110); it never opens the
database or a file of the data folder. Where a fork is not safe, each process imports what it needs.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy.engine import make_url

from config import MEBIBYTE
from portfolio import create_app
from portfolio.run.supervisor import (
    CAN_FORK,
    Command,
    Fork,
    Supervisor,
    hide_secrets,
    interrupt_on_sigterm,
    is_parent_gone,
    load_application,
    restrict_umask,
    settings_or_exit,
)
from portfolio.signing_key import LostKeyError
from portfolio.web import logs
from portfolio.wording.certifying_body import (
    STOPPED,
    database_message,
    disk_full_message,
    kept_database_message,
    log_file_message,
    other_database_message,
    port_message,
)

if TYPE_CHECKING:
    from flask import Flask

    from config import Config

AGAIN, PREPARE, SERVE = "--again", "prepare", "serve"
START_SECONDS = 60
FULL_BELOW_BYTES = 16 * MEBIBYTE


def main(arguments: list[str]) -> None:
    """Run the product. `prepare` only prepares the data folder, `--again` empties it before.

    `serve PORT…` is what runs behind another supervisor: a web process for each port and a worker.
    """
    config = settings_or_exit()
    hide_secrets()
    restrict_umask(config.data)
    if PREPARE in arguments:
        prepare_or_exit(config)
        return
    if config.log_file is not None:
        try:
            logs.write_to(config.log_file)
        except OSError as error:
            sys.exit(log_file_message(config.log_file, error))
    logs.configure()
    interrupt_on_sigterm()
    with suppress(KeyboardInterrupt):
        if SERVE in arguments:
            refuse_other_database(config)
            keep_processes(
                PreloadedApplication(config),
                [int(port) for port in arguments[1:]],
                on_answer=lambda: None,
                is_over=is_parent_gone,
            )
        else:
            run(config, again=AGAIN in arguments)


class PreloadedApplication:
    """The application before it has its stores, made once where processes are forks, which share its memory."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._wired = load_application(config) if CAN_FORK else None

    def open(self, config: Config) -> Flask:
        """Return the application of this process, with its stores."""
        if self._wired is None:
            return create_app(config)
        from portfolio.app import open_stores

        return open_stores(self._wired, config)


def run(config: Config, *, again: bool = False) -> None:
    """Keep a web process and a worker running until SIGTERM or Ctrl-C; end at once when the port is not
    ours to take. `again` empties the data folder first.
    """
    check_port(config.host, config.port)
    if not config.has_own_database:
        click.echo(database_message(make_url(config.database_url)))
    preloaded = PreloadedApplication(config)
    process = Fork(PREPARE, partial(prepare_or_exit, config, preloaded.open, again=again), outlives_us=True).start()
    try:
        status = process.wait()
    except KeyboardInterrupt:
        process.kill()
        sys.exit(STOPPED)
    if status == -signal.SIGINT:  # Ctrl-C reaches both processes, and this one may be the last
        sys.exit(STOPPED)
    if status:
        sys.exit(status)
    # Another command may have prepared the same folder meanwhile, and serve it now.
    check_port(config.host, config.port)
    from portfolio.run.supervisor import tell_of_walls

    tell_of_walls(config)
    journal = f"Journal : {config.log_file}\n" if config.log_file else ""
    answer = f"\n{journal}Acquis répond sur {config.address} (Ctrl-C pour arrêter)."
    keep_processes(preloaded, [config.port], on_answer=partial(click.echo, answer), is_over=lambda: False)


def check_port(host: str, port: int) -> None:
    """End this process with one sentence when nobody can listen on this port here."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except (OSError, TypeError) as error:  # a name that no machine can have is a TypeError
        sys.exit(port_message(host, port, error))


def keep_processes(
    preloaded: PreloadedApplication, ports: Sequence[int], on_answer: Callable[[], object], is_over: Callable[[], bool]
) -> None:
    """Keep a web process for each port and a worker running until `is_over`; `on_answer` is called when all
    web ones answer.
    """
    config = preloaded.config
    names = {port: f"web-{port}" if len(ports) > 1 else "web" for port in ports}
    webs = [Fork(names[port], partial(serve_web, preloaded, replace(config, port=port))) for port in ports]
    supervisor = Supervisor(*webs, Fork("worker", partial(run_worker, preloaded)))
    try:
        supervisor.keep(lambda: is_over() or all(_is_listening(config.host, port) for port in ports))
        on_answer()
        supervisor.keep(is_over)
    finally:
        supervisor.stop()


def prepare(env: Mapping[str, str]) -> None:
    """Prepare the data folder of these settings by a command of its own; ends this process when that fails."""
    status = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "portfolio.run.bootstrap", PREPARE], env=env, check=False
    ).returncode
    if status:
        sys.exit(status)


def serve_web(preloaded: PreloadedApplication, config: Config) -> None:
    """Serve until SIGTERM."""
    from portfolio.server.run import serve

    serve(preloaded.open(config))


def run_worker(preloaded: PreloadedApplication) -> None:
    """Run tasks until SIGTERM."""
    from portfolio.run.worker import work

    if preloaded.config.demo:
        from demo import france_vae

        france_vae.mount()
    work(preloaded.open(preloaded.config))


def serve_command(name: str, ports: Sequence[int], env: Mapping[str, str]) -> Command:
    """Return the command that keeps a web process for each port and a worker running."""
    return Command(name, [sys.executable, "-m", "portfolio.run.bootstrap", SERVE, *map(str, ports)], env)


def wait_for(ports: Iterable[int], host: str = "127.0.0.1") -> None:
    """Wait until servers listen on these ports, for a minute at most."""
    until = time.monotonic() + START_SECONDS
    for port in ports:
        while time.monotonic() < until and not _is_listening(host, port):
            time.sleep(0.1)


def _is_listening(host: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((host, port), 1):
        return True
    return False


def prepare_or_exit(config: Config, make: Callable[[Config], Flask] = create_app, *, again: bool = False) -> None:
    """Prepare the data folder, `again` from nothing; where its disk is full, end with one sentence and status 1.

    Ctrl-C ends this process without a trace: the next start makes a demonstration again that was stopped.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        with _alone(config.data):
            refuse_other_database(config)
            if again:
                _refuse_to_empty(config)
                _empty(config)
            elif config.demo:
                _empty_unfinished(config)
            prepare_app(config, make)
    except Exception:  # SQLite, the store and the system each say it in another way
        if shutil.disk_usage(config.data).free > FULL_BELOW_BYTES:
            raise
        sys.exit(disk_full_message(config.data))


def refuse_other_database(config: Config) -> None:
    """End this process with one sentence where a demonstration would work on a database that it did not make."""
    if not config.demo:
        return
    from demo.origin import Origin, origin_of

    if origin_of(config.database_owner_url) is Origin.OTHER:
        sys.exit(other_database_message(make_url(config.database_owner_url)))


def _refuse_to_empty(config: Config) -> None:
    """End this process with one sentence where emptying the data folder would erase the body of somebody."""
    from demo.origin import Origin, origin_of

    for url in (config.own_database_url, config.database_owner_url):
        if origin_of(url) in {Origin.OTHER, Origin.SHARED}:
            sys.exit(kept_database_message(make_url(url)))


def prepare_app(config: Config, make: Callable[[Config], Flask] = create_app) -> Flask:
    """Bring the database to its tables, tell the demonstration on the first start, and return the application."""
    from portfolio.db.engine import transaction
    from portfolio.domain.candidacy_listing.use_cases import build_missing
    from portfolio.domain.ledger.tracking import backfill
    from portfolio.run.maintenance import migrate
    from portfolio.web.clock import now
    from portfolio.wording.backup import MIGRATION_ERRORS, migration_refused

    click.echo("2/4 Base de données")
    try:
        for sentence in migrate(config, now()):
            click.echo(sentence)
    except MIGRATION_ERRORS as error:
        sys.exit(migration_refused(error))
    try:
        app = make(config)
    except LostKeyError as error:
        raise SystemExit(str(error)) from None
    with app.app_context():
        with transaction() as session:
            backfill(session, at=now())
            build_missing(session)
        seed_demo(app)
    return app


def _empty(config: Config) -> None:
    """Remove what an earlier start made in the data folder, and nothing else that may lie there."""
    data = config.data
    for name in ("files", "incoming", "heads", "pages"):
        shutil.rmtree(data / name, ignore_errors=True)
    log_file = config.log_file.resolve() if config.log_file else None  # it is open
    for path in (*data.glob("acquis.*"), *data.glob("demonstration.*")):
        if path != log_file:
            path.unlink()


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Wait until no other command prepares this data folder."""
    held = os.open(data, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                click.echo("2/4 Une autre commande prépare ce dossier, celle-ci attend…")
                fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        with suppress(OSError):
            fcntl.flock(held, fcntl.LOCK_UN)
        os.close(held)


def _empty_unfinished(config: Config) -> None:
    """Remove a demonstration that was stopped half-way, so that it is made again; it stays on PostgreSQL."""
    from demo import seed

    if seed.is_unfinished(config.data) and config.database_url.startswith("sqlite"):
        _refuse_to_empty(config)
        click.echo("2/4 La démonstration s’était arrêtée à mi-chemin : elle est refaite.")
        _empty(config)


def seed_demo(app: Flask) -> None:
    """Make the demonstration when the database is empty, with its progress; say what of its pages is drawn,
    and how to log in.
    """
    if not app.config["SETTINGS"].demo:
        return
    from demo import seed
    from portfolio.domain.dossier.use_cases.renditions import count_drawn_files
    from portfolio.web.clock import now

    made = seed.tell_once(now(), _tell_chapter)
    with app.extensions["database"].reader() as session:
        drawn, files = count_drawn_files(session)
    click.echo(f"4/4 Pages des pièces : {drawn} fichiers dessinés sur {files}")
    if drawn < files:
        click.echo("    Les autres se dessinent tant que le produit tourne ; celui que vous ouvrez passe d’abord.")
    click.echo(f"\n{seed.logins(made)}")


def _tell_chapter(number: int, count: int) -> None:
    """Say how far the demonstration is: in one place on a terminal, else at its beginning and its end."""
    in_place = sys.stdout.isatty()
    if in_place or number in {1, count}:
        start, end = ("\r", number == count) if in_place else ("", True)
        click.echo(f"{start}3/4 Démonstration : chapitre {number} sur {count}", nl=end)


if __name__ == "__main__":
    main(sys.argv[1:])
