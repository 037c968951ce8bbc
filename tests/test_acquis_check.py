"""The checker, which needs neither us nor a network: same, different and which item, not part of it."""

import io
import json
import zipfile
from dataclasses import replace
from hashlib import sha256

import pikepdf
import pytest

import acquis_check
from portfolio.domain.submission.rules.dossier import SealedDossier
from portfolio.domain.submission.rules.manifest import seal
from tests.submission.dossiers import BUDGET, SAMIA

CONTENT = b"%PDF-1.7 budget"


@pytest.fixture
def dossier() -> SealedDossier:
    budget = replace(BUDGET, sha256=sha256(CONTENT).hexdigest(), size=len(CONTENT))
    return replace(
        SAMIA, exhibits=tuple(budget if exhibit.label == BUDGET.label else exhibit for exhibit in SAMIA.exhibits)
    )


@pytest.fixture
def receipt(dossier, tmp_path):
    path = tmp_path / "manifeste.json"
    path.write_bytes(seal(dossier).manifest)
    return path


def said(capsys, *arguments):
    status = acquis_check.main([str(argument) for argument in arguments])
    return status, capsys.readouterr().out


def test_its_root_is_the_root_of_the_product(dossier):
    sealed = seal(dossier)
    assert acquis_check.Manifest(sealed.manifest).root == sealed.root


def test_a_sealed_file_is_the_same_under_any_name(receipt, tmp_path, capsys):
    path = tmp_path / "autre nom.bin"
    path.write_bytes(CONTENT)
    status, out = said(capsys, receipt, path)
    assert status == 0
    assert f"identique : autre nom.bin (pièce {BUDGET.label})" in out


def test_one_byte_changed_in_an_exhibit_names_the_exhibit(receipt, tmp_path, capsys):
    path = tmp_path / BUDGET.name
    path.write_bytes(CONTENT[:-1] + b"T")
    status, out = said(capsys, receipt, path)
    assert status == 1
    assert f"différent : {BUDGET.name} (pièce {BUDGET.label})" in out


def test_an_unknown_file_is_not_part_of_it(receipt, tmp_path, capsys):
    path = tmp_path / "vacances.jpg"
    path.write_bytes(b"rien")
    status, out = said(capsys, receipt, path)
    assert status == 1
    assert "n'en fait pas partie : vacances.jpg" in out


def test_one_letter_changed_in_each_item_names_that_item(dossier, receipt, tmp_path, capsys):
    items = json.loads(seal(dossier).manifest)
    for place, item in enumerate(items):
        name = next((key for key, value in item.items() if isinstance(value, str) and value and key != "id"), None)
        if name is None or (item["id"], name) == ("dossier", "format"):
            continue
        changed = [dict(one) for one in items]
        changed[place][name] += "x"
        path = tmp_path / "copie.json"
        path.write_bytes(b"[" + b",".join(acquis_check.canonical(one) for one in changed) + b"]")
        status, out = said(capsys, receipt, path)
        assert status == 1, item["id"]
        assert f"(manifeste : {item['id']})" in out


def edition_of(sealed, *, pages=1):
    """Return a PDF that carries the manifest as an edition does, with as many blank pages."""
    book = pikepdf.new()
    for _ in range(pages):
        book.add_blank_page()
    book.attachments["manifeste.json"] = pikepdf.AttachedFileSpec(book, sealed.manifest, filename="manifeste.json")
    book.docinfo["/Keywords"] = f"acquis-root:{sealed.root}"
    content = io.BytesIO()
    book.save(content, compress_streams=False)
    return content.getvalue()


@pytest.mark.parametrize("pages", [1, 2])
def test_a_lone_edition_is_never_said_identical_for_its_pages_are_not_sealed(dossier, receipt, tmp_path, capsys, pages):
    path = tmp_path / "livret.pdf"
    path.write_bytes(edition_of(seal(dossier), pages=pages))
    status, out = said(capsys, receipt, path)
    assert status == 3
    assert "non vérifié : livret.pdf (manifeste joint identique ; pages non vérifiées" in out
    assert "identique :" not in out


def test_a_reading_edition_that_only_names_the_root_is_not_said_identical(dossier, receipt, tmp_path, capsys):
    path = tmp_path / "lecture.pdf"
    path.write_bytes(b"%PDF-1.7 acquis-root:" + seal(dossier).root.encode())
    status, out = said(capsys, receipt, path)
    assert (status, "identique" in out) == (3, False)


def test_a_root_alone_recognises_its_manifest(dossier, receipt, capsys):
    sealed = seal(dossier)
    assert said(capsys, sealed.root, receipt)[0] == 0
    assert said(capsys, "0" * 64, receipt)[0] == 1


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13])
def test_each_item_of_a_tree_is_proved_without_the_others(count):
    items = [{"id": f"exhibit:B1-{number:02d}", "label": f"B1-{number:02d}"} for number in range(count)]
    for item in items:
        proof = acquis_check.proof_of(items, item["id"])
        path = [bytes.fromhex(one) for one in proof["path"]]
        digest = acquis_check.leaf(item)
        assert acquis_check.root_from(digest, proof["index"], count, path).hex() == proof["root"]
        assert (
            acquis_check.root_from(acquis_check.leaf({"id": "autre"}), proof["index"], count, path).hex()
            != proof["root"]
        )


def test_a_proof_shows_one_exhibit_and_checks_its_file(dossier, tmp_path, capsys):
    proof = acquis_check.proof_of(json.loads(seal(dossier).manifest), f"exhibit:{BUDGET.label}")
    path, file = tmp_path / "preuve.json", tmp_path / "budget.pdf"
    path.write_text(json.dumps(proof))
    file.write_bytes(CONTENT)
    assert said(capsys, path, file)[0] == 0
    assert not any(exhibit.label in path.read_text() for exhibit in dossier.exhibits if exhibit.label != BUDGET.label)
    proof["item"]["title"] += "x"
    path.write_text(json.dumps(proof))
    assert said(capsys, path, file)[0] == 2


OTHER = b"%PDF-1.7 facture"


@pytest.fixture
def two(dossier):
    """Return a dossier of two exhibits."""
    other = replace(BUDGET, label="B1-99", sha256=sha256(OTHER).hexdigest(), size=len(OTHER), name="facture.pdf")
    budget = next(exhibit for exhibit in dossier.exhibits if exhibit.label == BUDGET.label)
    return replace(dossier, exhibits=(budget, other))


def zip_of(path, manifest, files):
    """Write a ZIP as ours is, with a list that whoever changes a file writes again."""
    members = [("manifeste.json", manifest), *files]
    listed = [{"name": name, "sha256": sha256(content).hexdigest()} for name, content in members]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in [*members, ("empreintes.json", json.dumps({"files": listed}).encode())]:
            archive.writestr(name, content)
    return path


BUDGET_FILE, OTHER_FILE = f"pieces/{BUDGET.label} budget.pdf", "pieces/B1-99 facture.pdf"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ([(BUDGET_FILE, CONTENT), (OTHER_FILE, OTHER)], ""),
        ([(BUDGET_FILE, OTHER), (OTHER_FILE, OTHER)], f"{BUDGET_FILE} (pièce {BUDGET.label}, remplacée"),
        ([(BUDGET_FILE, CONTENT), ("preuves/B1-99.json", b"{}")], "B1-99 (la pièce B1-99 n'est pas dans le ZIP)"),
        ([(BUDGET_FILE, CONTENT), (OTHER_FILE, b"x"), (OTHER_FILE, OTHER)], f"{OTHER_FILE} (plusieurs fichiers"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_changed_with_its_list_is_told(two, tmp_path, capsys, files, expected):
    sealed = seal(two)
    path = zip_of(tmp_path / "livret.zip", sealed.manifest, files)
    status, out = said(capsys, sealed.root, path)
    assert (status, "différent" in out) == ((1, True) if expected else (0, False)), out
    assert f"différent : {expected}" in out or not expected


def test_a_lone_file_is_not_a_tool_of_a_zip_by_its_name(receipt, tmp_path, capsys):
    for name in ("empreintes.json", "acquis_check.py"):
        path = tmp_path / name
        path.write_bytes(b"rien")
        status, out = said(capsys, receipt, path)
        assert (status, "identique" in out) == (1, False)


def test_a_receipt_that_cannot_be_read_is_said_so(dossier, tmp_path, capsys):
    items = json.loads(seal(dossier).manifest)
    exhibit = next(item for item in items if item["id"].startswith("exhibit:"))
    locked = bytearray(zip_of(tmp_path / "livret.zip", seal(dossier).manifest, []).read_bytes())
    locked[6] |= 1
    locked[locked.index(b"PK\1\2") + 8] |= 1
    for content in (
        b"[" * 200_000,
        json.dumps([*items, exhibit]).encode(),
        json.dumps([*items, {"id": "exhibit:B9-01"}]).encode(),
        json.dumps([*items, {"id": 3}]).encode(),
        bytes(locked),
    ):
        path = tmp_path / "reçu"
        path.write_bytes(content)
        assert said(capsys, path, path)[0] == 2
