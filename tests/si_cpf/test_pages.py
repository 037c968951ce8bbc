"""The pages of the transmission, with many holders; no number stands in clear anywhere it rests."""

from contextlib import closing
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from pysqlite3 import dbapi2
from sqlalchemy import select

from portfolio.all_models import metadata
from portfolio.db.engine import Database
from portfolio.domain.si_cpf.models import SiCpfFlow, SiCpfIdentity
from portfolio.domain.si_cpf.use_cases import transmission
from portfolio.web.clock import now
from tests import factories
from tests.page import CheckedClient
from tests.si_cpf.builders import NOBODY, enrol, holder, identify, receipt, technical_ids

HOME = "/organisme/si-cpf"
TYPED, KEPT = "1 84 05 2A 063 012", "184052A063012"


@pytest.fixture
def world(store: Database) -> factories.World:
    return factories.begin_world(store, filled=False)


def keyed() -> str:
    return f"{TYPED} {97 - int(KEPT.replace('2A', '19')) % 97:02d}"


def press(client: CheckedClient, act: str, on: str = HOME) -> object:
    """Send the form of the page whose address ends so."""
    action = next(form["action"] for form in client.page(on).all("form") if form.get("action", "").endswith(act))
    return client.send(action, {}, form=on)


def identity_of(candidacy_id: object) -> str:
    return f"/candidatures/{candidacy_id}/identite-compte-formation"


def told(**changed: str) -> dict[str, str]:
    return {
        "birth_name": "Benali", "usual_name": "", "first_name": "Samia", "second_name": "", "third_name": "", "sex": "F",
        "born_on": "12/05/1984", "commune_code": "2a004", "file_number": "", "nir": "",
    } | changed  # fmt: skip


def test_a_holder_gives_their_number_and_never_reads_it_again(client: CheckedClient, store: Database, world):
    with store.transaction() as session:
        candidacy = holder(session, world)
        email, url = candidacy.candidate.email, identity_of(candidacy.id)
    client.log_in(email, factories.PASSWORD)
    assert "effacé dès qu’elle a accepté" in client.page(url).text
    for wrong, said in (("184052A06301201", "La clé"), ("7840599063012", "provisoire"), ("12", "15 chiffres")):
        answer = client.send(url, told(nir=wrong), form=url)
        assert answer.status_code == 422
        assert said in answer.text
        assert 'value="Benali"' in answer.text
    assert client.send(url, told(born_on="12/05/2199"), form=url).status_code == 422
    assert client.send(url, told(commune_code="2C004"), form=url).status_code == 422
    assert client.send(url, told(file_number="123", first_name="A" * 21), form=url).status_code == 422
    assert client.send(url, told(nir=keyed()), form=url).status_code == 303
    page = client.page(url)
    assert "Numéro de sécurité sociale reçu" in page.text
    assert KEPT not in page.text.replace(" ", "")
    assert client.send(url, told(remove_nir="y"), form=url).status_code == 303
    assert "Numéro de sécurité sociale effacé" in client.page(url).text


@pytest.mark.records("si_cpf_flow_deposited")
def test_sixty_holders_are_sent_twelve_corrected_and_sent_again(client: CheckedClient, store, world):
    with store.transaction() as session:
        people = [holder(session, world, f"Personne {number}") for number in range(60)]
        for candidacy in people:
            identify(session, candidacy, at=now() - timedelta(hours=1))
    client.log_in(world.certifier.email, factories.PASSWORD)
    assert "Donnez les identifiants" in client.page(HOME).text
    settings = {"client_id": "court", "contract_id": "MCFCER000209", "schema_version": "1.1.5"}
    assert client.send(f"{HOME}/reglages", settings, form=HOME).status_code == 422
    settings["client_id"] = "03VML243"
    assert client.send(f"{HOME}/reglages", settings, form=HOME).status_code == 303
    other = settings | {"revision": "0", "contract_id": "MCFCER000210"}
    assert client.send(f"{HOME}/reglages", other, form=HOME).status_code == 409
    assert press(client, "/declarer").status_code == 303
    file = press(client, "/fichier")
    assert file.data.count(b"<cpf:passageCertification ") == 60
    assert press(client, "/depot").status_code == 303
    with store.reader() as session:
        flow = session.scalars(select(SiCpfFlow)).one()
        rejected = dict.fromkeys(technical_ids(session, flow)[:12], NOBODY)
        answer = receipt(session, flow, rejected)
    assert client.page(HOME).all("form", action=f"{HOME}/accuse", enctype="multipart/form-data")
    assert client.send(f"{HOME}/accuse", {}, form=HOME).status_code == 422
    wrong = {"receipt": (BytesIO(b"<flux/>"), "flux.xml")}
    assert client.send(f"{HOME}/accuse", wrong, form=HOME, content_type="multipart/form-data").status_code == 409
    sent = {"receipt": (answer, "accuse.xml")}
    assert client.send(f"{HOME}/accuse", sent, form=HOME, content_type="multipart/form-data").status_code == 303
    page = client.page(f"{HOME}?etat=rejetes")
    assert page.text.count(NOBODY) == 12
    links = dict.fromkeys(a["href"] for a in page.all("a") if a["href"].endswith("/identite-compte-formation"))
    assert len(links) == 12
    for link in links:
        assert client.send(link, told(birth_name="Ben Ali"), form=link).status_code == 303
    assert "12 titulaires sont prêts" in client.page(HOME).text
    assert press(client, "/declarer").status_code == 303
    assert press(client, "/fichier").data.count(b"Ben Ali") == 12
    assert press(client, "/abandon").status_code == 303
    facts = client.get(f"{HOME}/inscrits.csv").text.splitlines()
    assert len(facts) == 62
    for page in (1, 99):
        client.page(f"{HOME}?etat=acceptes&page={page}")


def test_no_byte_that_rests_holds_a_number(
    client: CheckedClient, store: Database, world, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    with store.transaction() as session:
        enrol(session, world)
        candidacy = holder(session, world)
        email, url = candidacy.candidate.email, identity_of(candidacy.id)
    client.log_in(email, factories.PASSWORD)
    assert client.send(url, told(nir=keyed()), form=url).status_code == 303
    archive = ZipFile(BytesIO(client.get("/mes-donnees/archive.zip").data))
    export = b"".join(archive.read(name) for name in archive.namelist())
    client.send("/deconnexion", form=url)
    client.log_in(world.certifier.email, factories.PASSWORD)
    assert press(client, "/declarer").status_code == 303
    assert KEPT.encode() in press(client, "/fichier").data, "the file alone tells it"
    pages = b"".join(client.get(each).data for each in (HOME, url, f"{HOME}/inscrits.csv", f"{HOME}?etat=envoyes"))
    with store.reader() as session:
        assert session.scalars(select(SiCpfIdentity)).one().nir
        answer = receipt(session, session.scalars(select(SiCpfFlow)).one(), {})
    before = resting_bytes(store, tmp_path)
    with store.transaction() as session:
        transmission.apply_receipt(session, answer, by=None, at=now())
    log = "".join(capfd.readouterr())
    assert "si_cpf_receipt_read" in log
    assert b"first_name" in export
    texts = (export, pages, log.encode(), before, resting_bytes(store, tmp_path))
    for number in (KEPT, TYPED, keyed(), keyed().replace(" ", "")):
        assert not any(number.encode() in text for text in texts)


def resting_bytes(store: Database, folder: Path) -> bytes:
    """Every byte of the folder of the installation, of the database, and of its copy as a backup makes it."""
    if store.engine.dialect.name == "sqlite":
        place = Path(str(store.engine.url.database))
        copy = folder / f"copie-{len(list(folder.iterdir()))}.db"
        with closing(dbapi2.connect(str(place), isolation_level=None)) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
        files = {*place.parent.glob(f"{place.name}*"), *folder.rglob("*")}
        return b"".join(path.read_bytes() for path in files if path.is_file())
    with store.engine.connect() as connection:
        return repr([connection.execute(select(table)).all() for table in metadata.sorted_tables]).encode()


@pytest.mark.records("si_cpf_flow_prepared", "si_cpf_identity_recorded", "si_cpf_receipt_read", "si_cpf_settings_saved")
def test_the_commands_write_the_file_and_read_its_receipt(app, store: Database, world, tmp_path: Path):
    runner, target, answer = app.test_cli_runner(), tmp_path / "flux.xml", tmp_path / "accuse.xml"
    assert runner.invoke(args=["export-si-cpf", "--to", str(target)]).exit_code == 1
    with store.transaction() as session:
        enrol(session, world)
        identify(session, holder(session, world), at=now() - timedelta(hours=1))
    for _ in range(2):
        done = runner.invoke(args=["export-si-cpf", "--to", str(target)])
        assert done.exit_code == 0, done.output
        assert target.read_bytes().count(b"<cpf:passageCertification ") == 1
        assert target.stat().st_mode & 0o077 == 0
    with store.reader() as session:
        flow = session.scalars(select(SiCpfFlow)).one()
        first = technical_ids(session, flow)[0]
        answer.write_bytes(receipt(session, flow, {first: NOBODY}).read())
    assert "1 est rejeté" in runner.invoke(args=["read-si-cpf-receipt", str(answer)]).output
    assert "1 est rejeté" in runner.invoke(args=["read-si-cpf-receipt", str(answer)]).output
    answer.write_bytes(b"<rapport/>")
    assert runner.invoke(args=["read-si-cpf-receipt", str(answer)]).exit_code == 1
    assert runner.invoke(args=["export-si-cpf", "--to", str(target)]).exit_code == 1, "nothing is ready"
