"""`make run-scaled`: start everything, tell the demonstration, serve; Ctrl-C ends it all."""

import os
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shlex import quote

import click

from config import Config, kept_secret
from portfolio.run.bootstrap import check_port, prepare, serve_command, wait_for
from portfolio.run.supervisor import interrupt_on_sigterm, number_or_exit, settings_or_exit, supervise
from portfolio.web import logs
from tools.cluster.nginx import nginx
from tools.cluster.postgresql import postgresql_programs
from tools.cluster.services import ACCESS_KEY, BUCKET, DOORS, postgresql, s3_server

# Said to a person who wants to run a command on this installation: `set -a; . DATA/env; set +a; flask --app
# wsgi …`.
ENV_FILE = "env"
MOST_PROCESSES = 64


def main() -> None:
    """Run the installation until Ctrl-C or SIGTERM."""
    logs.configure()
    interrupt_on_sigterm()
    try:
        with cluster(os.environ):
            threading.Event().wait()
    except KeyboardInterrupt:
        click.echo("Tout est arrêté.")
    except ChildProcessError as error:
        sys.exit(str(error))


@contextmanager
def cluster(given: Mapping[str, str]) -> Iterator[Config]:
    """Run everything beside this process: the stores, so many web processes (PROCESSES), one worker, nginx
    when it is there.
    """
    data = Path(given.get("DATA", "data-scaled")).resolve()
    # What cannot be used is said before anything starts; the application makes its own key, in its own folder.
    asked = settings_or_exit({**given, "DATA": str(data), "SECRET_KEY": "none"})
    front, count = asked.port, number_or_exit(given, "PROCESSES", 2, least=1, most=MOST_PROCESSES)
    check_port("127.0.0.1", front)
    secret = kept_secret(data / "stores.key")
    with ExitStack() as running:
        ports = free_ports(count + len(DOORS))
        database = running.enter_context(postgresql(data / "postgresql", secret))
        endpoint = running.enter_context(s3_server(data / "s3", secret, ports[count:]))
        before = nginx(data / "nginx", front, ports[:count], asked.upload_limit, asked.annex_limit)
        webs = ports[:count] if before else [front, *ports[1:count]]
        settings = {
            "DATA": str(data / "acquis"), "DATABASE_URL": database.application,
            "DATABASE_OWNER_URL": database.owner, "FILES_URL": f"s3://{BUCKET}/acquis",
            "S3_ENDPOINT": endpoint, "S3_REGION": "us-east-1", "S3_ACCESS_KEY": ACCESS_KEY,
            "S3_SECRET_KEY": secret, "PROXIES": "1" if before else "0",
            "ADDRESS": f"http://127.0.0.1:{front}", "DEMO": given.get("DEMO", "0"),
            "POSTGRESQL_BIN": given.get("POSTGRESQL_BIN", "") or postgresql_programs(),
        }  # fmt: skip
        env = {**given, **settings}
        config = settings_or_exit(env)
        _write_env(data / ENV_FILE, settings)
        prepare(env)
        programs = [serve_command("acquis", webs, env), *([before] if before else [])]
        running.enter_context(supervise(*programs))
        wait_for(webs)
        click.echo(_summary(config, webs, with_nginx=before is not None))
        yield config


def _summary(config: Config, ports: list[int], *, with_nginx: bool) -> str:
    others = ", ".join(f"127.0.0.1:{port}" for port in ports)
    if with_nginx:
        where = f"Acquis répond sur {config.address} : nginx devant {len(ports)} processus ({others})"
    else:
        where = (
            f"nginx n’est pas installé. Acquis répond sur {config.address} sans lui, et par ses autres "
            f"processus ({others})"
        )
    return f"\n{where}, un ouvrier, PostgreSQL, S3 (Ctrl-C pour tout arrêter)."


def _write_env(path: Path, settings: Mapping[str, str]) -> None:
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={quote(value)}\n" for name, value in settings.items()), encoding="utf-8")


def free_ports(count: int) -> list[int]:
    """Answer ports of loopback that nobody listens on; all are held until all are known."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


if __name__ == "__main__":
    main()
