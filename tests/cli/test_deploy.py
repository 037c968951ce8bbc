"""The files of `deploy/` are what systemd and nginx accept, where these are installed; and name settings that exist."""

import getpass
import http.client
import re
import shutil
import ssl
import subprocess
import time
from pathlib import Path

import pytest
from flask import Flask

from config import MEBIBYTE, Config
from portfolio.web.headers import SECURITY_HEADERS
from tools.cluster.__main__ import free_ports
from tools.cluster.nginx import CONF, find_nginx

TOP = Path(__file__).parents[2]
NGINX = TOP / "deploy" / "nginx" / "acquis.conf"
PROGRAM = find_nginx()
needs_nginx = pytest.mark.skipif(PROGRAM is None, reason="nginx is not installed")
EXAMPLE = TOP / "deploy" / "acquis.env.example"
UNITS = sorted((TOP / "deploy" / "systemd").iterdir())


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_accepts_the_units(tmp_path):
    program = tmp_path / "flask"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for unit in UNITS:
        # The program of an installation is not here: another one takes its place, so that only the unit is
        # judged.
        text = re.sub(r"/srv/acquis/app/\.venv/bin/flask", str(program), unit.read_text())
        (tmp_path / unit.name).write_text(text)
    paths = [str(tmp_path / unit.name) for unit in UNITS]
    done = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "acquis" in line]
    assert not ours, ours


def test_the_links_that_the_log_of_nginx_omits_are_those_of_the_routes(app: Flask):
    prefixes = {
        rule.rule.split("/<token>")[0].split("/copie")[0]
        for rule in app.url_map.iter_rules()
        if "token" in rule.arguments
    }
    written = re.search(r"\(\?<acquis_link>([^)]*)\)", NGINX.read_text())
    assert written
    assert {f"/{link}" for link in written[1].split("|")} == prefixes


@needs_nginx
def test_nginx_accepts_the_configuration(tmp_path):
    done = subprocess.run(
        [PROGRAM, "-t", *_configured(tmp_path, free_ports(2))], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@needs_nginx
def test_no_log_of_nginx_holds_a_link_a_search_or_an_address(tmp_path):
    """Nobody answers behind it: what nginx writes then holds the whole request."""
    ports = free_ports(2)
    command = [PROGRAM, *_configured(tmp_path, ports), "-g", "daemon off;"]
    with (tmp_path / "nginx.err").open("w") as output:
        running = subprocess.Popen(command, stderr=output)
    try:
        secure = http.client.HTTPSConnection("127.0.0.1", ports[1], timeout=10, context=_any_certificate())
        answers = [_asked(secure, path) for path in ("/attester/SECRET/texte", "/candidatures?q=Lemoine")]
        plain = http.client.HTTPConnection("127.0.0.1", ports[0], timeout=10)
        answers.append(_asked(plain, "/invitation/SECRET"))
    finally:
        running.terminate()
        assert running.wait(20) == 0
    assert answers == [503, 503, 308]
    logged = (tmp_path / "acquis.log").read_text()
    assert "GET /attester/- 503 502" in logged
    assert "GET /candidatures 503 502" in logged
    assert "GET /invitation/- 308" in logged
    written = logged + (tmp_path / "acquis-error.log").read_text() + (tmp_path / "nginx.err").read_text()
    assert not [word for word in ("SECRET", "Lemoine", "127.0.0.1") if word in written]


@needs_nginx
def test_what_nginx_answers_by_itself_has_the_headers_of_every_page_once(tmp_path):
    ports = free_ports(2)
    running = subprocess.Popen([PROGRAM, *_configured(tmp_path, ports), "-g", "daemon off;"])
    try:
        secure = http.client.HTTPSConnection("127.0.0.1", ports[1], timeout=10, context=_any_certificate())
        assert _asked(secure, "/") == 503
        secure.request("GET", "/" + "a" * 9000)
        answer = secure.getresponse()
        said = answer.read().decode()
        secure.close()
    finally:
        running.terminate()
        assert running.wait(20) == 0
    assert (answer.status, '<html lang="fr">' in said) == (414, True)
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers.get_all(name) == [value]


def test_slow_connections_of_one_address_do_not_fill_nginx():
    """Debian's 768 are too few, and an address is counted after its headers only."""
    main = NGINX.with_name("nginx.conf").read_text()
    connections = re.search(r"worker_connections (\d+);", main)
    files = re.search(r"worker_rlimit_nofile (\d+);", main)
    assert connections
    assert files
    assert int(files[1]) >= 2 * int(connections[1]) >= 20_000
    assert "client_header_timeout 10s;" in NGINX.read_text()


@pytest.mark.parametrize("conf", [NGINX, CONF], ids=["documented", "run-scaled"])
def test_nginx_waits_for_the_heaviest_file_on_a_slow_machine(conf):
    """It answers 503 for a file that is taken when it waits less: 480 MiB took 160 s on a machine that was busy."""
    waits = re.search(r"proxy_read_timeout (\d+)s;", conf.read_text())
    assert waits
    assert int(waits[1]) >= Config.from_env({}).upload_limit / MEBIBYTE


def _any_certificate() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _asked(connection: http.client.HTTPConnection, path: str) -> int:
    """Return the status of a page, once nginx listens."""
    for _attempt in range(100):
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except ConnectionRefusedError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise AssertionError("nginx never listened")


def _configured(tmp_path: Path, ports: list[int]) -> list[str]:
    """Write the configuration of an installation, on two ports of this machine, in a folder; return the
    options of nginx that name it.
    """
    plain, secure = ports
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=acquis.exemple.fr",
         "-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")], check=True, capture_output=True,
    )  # fmt: skip
    site = NGINX.read_text()
    site = re.sub(r"ssl_certificate \S+;", f"ssl_certificate {tmp_path}/cert.pem;", site)
    site = re.sub(r"ssl_certificate_key \S+;", f"ssl_certificate_key {tmp_path}/key.pem;", site)
    site = re.sub(r"listen \[::\].*;", "", site).replace("/var/log/nginx", str(tmp_path))
    site = site.replace("/etc/nginx/acquis-errors.conf", f'"{NGINX.with_name("acquis-errors.conf")}"')
    site = site.replace("listen 80;", f"listen 127.0.0.1:{plain};")
    site = site.replace("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl;")
    (tmp_path / "acquis.conf").write_text(site)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = " ".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
    main = NGINX.with_name("nginx.conf").read_text()
    main = re.sub(r"\A(.*?)^user www-data;", rf"\1user {getpass.getuser()};", main, flags=re.M | re.S)
    main = main.replace("/run/nginx.pid", f"{tmp_path}/pid").replace("/var/log/nginx", str(tmp_path))
    main = main.replace("/etc/nginx/modules-enabled/*.conf", f"{tmp_path}/modules/*.conf")
    main = main.replace("include /etc/nginx/conf.d/*.conf;", f"{places} include {tmp_path}/acquis.conf;")
    (tmp_path / "nginx.conf").write_text(main)
    return ["-e", "stderr", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]


def test_the_example_of_settings_names_settings_that_are_read():
    text = EXAMPLE.read_text()
    read = (TOP / "config.py").read_text()
    for name in re.findall(r"^#?([A-Z][A-Z0-9_]+)=", text, re.M):
        assert f'"{name}"' in read, name


def test_a_shell_reads_the_example_of_settings_as_systemd_does(tmp_path):
    """The documented commands read it with `.`, before anything runs."""
    script = 'set -eu; set -a; . "$0"; set +a; env'
    done = subprocess.run(["sh", "-c", script, EXAMPLE], env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seen = dict(line.split("=", 1) for line in done.stdout.splitlines())
    written = dict(re.findall(r"^([A-Z]\w+)=(.*)$", EXAMPLE.read_text(), re.M))
    assert {name: seen[name] for name in written} == written
    config = Config.from_env({**seen, "DATA": str(tmp_path)})
    assert (config.mail_from, config.proxies) == ("ne-pas-repondre@exemple.fr", 1)


def test_the_documented_commands_make_each_folder_and_run_nothing_of_ours_as_root():
    """Commands run as the account of the units: it could not open what root writes in the data."""
    guide = (TOP / "docs" / "exploitation.md").read_text().split("## Installer sur un serveur")[1]
    block = guide.split("```")[1]
    settings = dict(re.findall(r"^([A-Z]\w+)=(.*)$", EXAMPLE.read_text(), re.M))
    made = " ".join(re.findall(r"^install -d (.*)$", block, re.M))
    for folder in ("/srv/acquis/data", "/etc/acquis", settings["BACKUP_FOLDER"]):
        assert folder in made.split(), folder
    ours = [line for line in block.splitlines() if "flask" in line or ". /etc/acquis" in line]
    assert ours
    assert all("runuser -u acquis" in line for line in ours), ours


def test_the_diagnosis_runs_within_the_walls_of_the_server():
    """The diagnosis has the walls of the units that open files, and so tells of their isolation."""

    def walls(name: str) -> dict[str, str]:
        lines = re.findall(r"^(\w+)=(.*)$", (TOP / "deploy" / "systemd" / name).read_text(), re.M)
        return {key: value for key, value in lines if key.startswith(("Protect", "Private", "NoNew", "ReadWrite"))}

    assert walls("acquis-doctor.service") == walls("acquis-worker.service")
    assert walls("acquis-web@.service").keys() == walls("acquis-worker.service").keys()


CONTAINERS = [TOP / "deploy" / "compose.yaml", *sorted((TOP / "deploy" / "quadlets").iterdir())]


def test_backups_of_containers_can_be_made():
    """An older pg_dump refuses a newer server (Debian 13 has 17), and what the example names is a folder of ours."""
    texts = "\n".join(path.read_text() for path in CONTAINERS)
    assert {int(version) for version in re.findall(r"postgres:(\d+)", texts)} == {17}
    # Since 18, this image keeps its data one folder higher.
    assert len(re.findall(r"postgresql(?:\.volume)?:/var/lib/postgresql/data\b", texts)) == 2
    image = (TOP / "deploy" / "Containerfile").read_text()
    for folder in ("/srv/acquis/data", "/sauvegardes"):
        assert re.search(rf"install -d -o acquis -g acquis -m 700 .*{folder}\b", image)
        written = rf"(?:data|sauvegardes)(?:\.volume)?:{folder}\b"
        # Once for compose, and for the two quadlets that run our image.
        assert len(re.findall(written, texts)) == 3


def test_no_password_enters_the_image():
    ignored = (TOP / ".containerignore").read_text().split()
    assert {"**/.env", "**/*.env"} <= set(ignored)
    assert (TOP / ".dockerignore").read_text().split() == ignored
    git = ["git", "check-ignore", "deploy/.env", "deploy/acquis.env"]
    assert subprocess.run(git, cwd=TOP, capture_output=True, text=True).stdout.split() == git[2:]


def test_every_volume_and_network_of_a_quadlet_is_a_file():
    quadlets = TOP / "deploy" / "quadlets"
    for path in quadlets.glob("*.container"):
        for name in re.findall(r"[\w-]+\.(?:volume|network)\b", path.read_text()):
            assert (quadlets / name).is_file(), (path.name, name)
