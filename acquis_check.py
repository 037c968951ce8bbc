#!/usr/bin/env python3
"""Vérifie des fichiers contre le récépissé d'un dépôt, sans réseau et sans rien installer.

    python acquis_check.py RÉCÉPISSÉ FICHIER…
    python -m acquis_check RÉCÉPISSÉ FICHIER…

RÉCÉPISSÉ : le récépissé PDF, l'édition d'archive PDF, le manifeste JSON, le ZIP du livret, une preuve
d'appartenance JSON, ou l'empreinte seule (64 signes). FICHIER : une pièce, un manifeste, une édition PDF, un
ZIP, dans n'importe quel ordre.

Pour chaque fichier, une réponse : « identique », « différent » (et quel élément), « n'en fait pas partie »,
ou « non vérifié » pour un livret en PDF donné seul : son manifeste joint est comparé, ses pages ne sont pas
scellées. Le code de sortie est 0 quand tout est identique, 3 quand rien n'est différent mais que des pages ne
sont pas vérifiées, 1 sinon, 2 quand le récépissé ne se lit pas.

How it computes (RFC 9162 §2.1.1): the manifest is the canonical JSON of an array of items; a leaf is
SHA-256(00 || canonical JSON of the item), a node SHA-256(01 || left || right), split at the largest power of
two below the number of leaves.
"""

import hashlib
import io
import json
import lzma
import re
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

HEX = re.compile(r"[0-9a-f]{64}")
CHUNK = 1 << 20
SAME, DIFFERENT, FOREIGN = "identique", "différent", "n'en fait pas partie"
UNVERIFIED = "non vérifié"
PAGES = "pages non vérifiées : elles ne sont pas scellées, comparez les pièces ou le ZIP"
# What the program answers to the shell, worst last.
STATUSES = {SAME: 0, UNVERIFIED: 3, FOREIGN: 1, DIFFERENT: 1}
MAX_ATTACHMENT = 64_000_000
_FORMATS = ("acquis-sealed-dossier", "acquis-assessment-record")
# The list of a ZIP of ours, which does not name itself.
LIST = "empreintes.json"
# A ZIP that is damaged, locked by a password, or packed in a way that is not known here.
UNPACKED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, EOFError, OSError)


class Unreadable(Exception):  # noqa: N818 - said to a person
    """The receipt says nothing that can be checked."""


def canonical(item: Any) -> Any:
    """Return an item as canonical JSON: sorted keys, no blank, UTF-8.

    Manifests hold strings, integers, null and arrays only.
    """
    return json.dumps(item, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def leaf(item: Any) -> Any:
    """Return the leaf of an item."""
    return hashlib.sha256(b"\0" + canonical(item)).digest()


def root_of(leaves: Any) -> Any:
    """Return the root of a tree of leaves."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root_of(leaves[:half]) + root_of(leaves[half:])).digest()


def path_of(leaves: Any, index: Any) -> Any:
    """Return the proof that a leaf is in a tree: the digests beside it, from the bottom to the top (RFC 9162
    §2.1.3).
    """
    if len(leaves) == 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if index < half:
        return [*path_of(leaves[:half], index), root_of(leaves[half:])]
    return [*path_of(leaves[half:], index - half), root_of(leaves[:half])]


def root_from(digest: Any, index: Any, count: Any, path: Any) -> Any:
    """Return the root that a leaf and its proof give; None when the proof has not the length of such a
    tree.
    """
    if not 0 <= index < count:
        return None
    if count == 1:
        return digest if not path else None
    if not path:
        return None
    half = 1 << (count - 1).bit_length() - 1
    if index < half:
        left, right = root_from(digest, index, half, path[:-1]), path[-1]
    else:
        left, right = path[-1], root_from(digest, index - half, count - half, path[:-1])
    return None if left is None or right is None else hashlib.sha256(b"\1" + left + right).digest()


def proof_of(items: Any, item_id: Any) -> Any:
    """Return the proof of one item as plain values, to be written as JSON."""
    leaves = [leaf(item) for item in items]
    index = next(place for place, item in enumerate(items) if item["id"] == item_id)
    return {
        "format": "acquis-inclusion-proof",
        "root": root_of(leaves).hex(),
        "index": index,
        "count": len(items),
        "item": items[index],
        "path": [digest.hex() for digest in path_of(leaves, index)],
    }


class Manifest:
    """The items of a manifest, by their id, and their root."""

    def __init__(self, content: Any) -> None:
        """Read the bytes of a manifest; raise Unreadable."""
        try:
            self.items = json.loads(content)
            self.by_id = {item["id"]: item for item in self.items}
            self.root = root_of([leaf(item) for item in self.items]).hex()
            self.exhibits = {key: item for key, item in self.by_id.items() if key.startswith("exhibit:")}
            if self.by_id["dossier"]["format"] not in _FORMATS:
                raise Unreadable("ce n'est pas un manifeste")
            if len(self.by_id) < len(self.items) or not all(map(_is_exhibit, self.exhibits.values())):
                raise Unreadable("ce manifeste est abîmé")
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
            raise Unreadable("ce n'est pas un manifeste") from error
        self.is_canonical = b"[" + b",".join(canonical(item) for item in self.items) + b"]" == content


def _is_exhibit(item: Any) -> Any:
    return all(isinstance(item.get(name), str) for name in ("label", "sha256", "name"))


class Receipt:
    """What a receipt says: a root, and the items, or one of them with its proof, when it holds them."""

    def __init__(self, root: Any, manifest: Any = None, item: Any = None) -> None:
        """Keep what was read."""
        self.root, self.manifest, self.item = root, manifest, item

    def exhibits(self) -> Any:
        """Return the exhibits that can be compared."""
        if self.item is not None:
            return {self.item["id"]: self.item}
        return self.manifest.exhibits if self.manifest else {}


def read_receipt(argument: Any) -> Any:
    """Read a receipt from its path, or the root itself; raise Unreadable."""
    if HEX.fullmatch(argument.strip().lower()):
        return Receipt(argument.strip().lower())
    content = Path(argument).read_bytes()
    if content[:4] == b"PK\3\4":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _from_manifest(archive.read("manifeste.json"), None)
    if b"%PDF-" in content[:1024]:
        found = attached_manifest(content)
        if found is None:
            raise Unreadable("ce PDF ne porte pas de manifeste")
        return _from_manifest(found, printed_root(content))
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unreadable("ce fichier n'est ni un récépissé, ni un manifeste") from error
    if isinstance(value, dict) and value.get("format") == "acquis-inclusion-proof":
        return _from_proof(value)
    return _from_manifest(content, None)


def _from_manifest(content: Any, printed: Any) -> Any:
    manifest = Manifest(content)
    if printed is not None and printed != manifest.root:
        raise Unreadable(
            "l'empreinte imprimée dans ce récépissé n'est pas celle de son manifeste : le récépissé a été modifié"
        )
    return Receipt(manifest.root, manifest)


def _from_proof(value: Any) -> Any:
    try:
        path = [bytes.fromhex(one) for one in value["path"]]
        computed = root_from(leaf(value["item"]), value["index"], value["count"], path)
        root, item = value["root"], value["item"]
        if not _is_exhibit(item) and str(item["id"]).startswith("exhibit:"):
            raise ValueError(item["id"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unreadable("cette preuve est incomplète") from error
    if computed is None or computed.hex() != root:
        raise Unreadable("cette preuve a été modifiée : l'élément qu'elle montre ne donne pas cette empreinte")
    return Receipt(root, item=item)


def printed_root(pdf: Any) -> Any:
    """Return the root that the metadata of a PDF of ours names; None when it names none."""
    found = re.search(rb"acquis-root:([0-9a-f]{64})", pdf)
    return found.group(1).decode() if found else None


def attached_manifest(pdf: Any) -> Any:
    """Return the manifest that a PDF of ours carries; None when it carries none that can be read."""
    for found in re.finditer(rb"stream\r?\n", pdf):
        head = pdf[max(0, found.start() - 600) : found.start()]
        head = head[head.rfind(b" obj") :]
        if b"/EmbeddedFile" not in head:
            continue
        content = _unpacked(pdf, found.end(), b"/FlateDecode" in head, head)
        if content is not None and content.lstrip()[:1] == b"[" and b'"id":"dossier"' in content:
            return content
    return None


def _unpacked(pdf: Any, start: Any, packed: Any, head: Any) -> Any:
    try:
        if packed:
            return zlib.decompressobj().decompress(pdf[start:], MAX_ATTACHMENT)
        length = re.search(rb"/Length (\d+)", head)
        return pdf[start : start + int(length.group(1))] if length else None
    except zlib.error:
        return None


def check_path(receipt: Any, path: Any) -> Any:
    """Yield the answers about a file: the name, one of the three answers, and which item."""
    with Path(path).open("rb") as content:
        head = content.read(4)
    if head == b"PK\3\4" and receipt.item is None:
        names = _digest_names(Path(path))
        if names is not None:
            yield from _check_archive(receipt, path)
            return
    with Path(path).open("rb") as content:
        yield check_stream(receipt, Path(path).name, content)


def _digest_names(path: Any) -> Any:
    """Return the names of a ZIP of ours; None when it is another ZIP, which may itself be an exhibit."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except UNPACKED:
        return None
    return names if "manifeste.json" in names or LIST in names else None


def _check_archive(receipt: Any, path: Any) -> Any:
    seen = set()
    with zipfile.ZipFile(path) as archive:
        sums = _sums(archive)
        receipt = _completed(receipt, archive)
        names = archive.namelist()
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield name, DIFFERENT, "plusieurs fichiers de ce nom dans le ZIP"
        for name in names:
            if name.endswith("/"):
                continue
            yield _check_member(receipt, archive, name, sums.get(name))
            if name.startswith("pieces/"):
                seen.add(_label(name))
    for name in sorted(set(sums) - set(names)):
        yield name, DIFFERENT, "absent du ZIP"
    if receipt.manifest:
        for label in sorted(key[8:] for key in receipt.manifest.exhibits if key[8:] not in seen):
            yield label, DIFFERENT, "la pièce " + label + " n'est pas dans le ZIP"


def _check_member(receipt: Any, archive: Any, name: Any, listed: Any) -> Any:
    """Return the answer about one file of a ZIP of ours; an exhibit stands under its own label."""
    if name == LIST:
        return name, SAME, "outil du ZIP, non scellé"
    try:
        with archive.open(name) as content:
            answer = check_stream(receipt, name, content, listed)
    except UNPACKED:
        return name, DIFFERENT, "le fichier est abîmé dans le ZIP" + _named(receipt, name)
    labels = answer[2].removeprefix("pièce ").split(", ")
    if name.startswith("pieces/") and _named(receipt, name) and _label(name) not in labels:
        return name, DIFFERENT, "pièce " + _label(name) + ", remplacée par un autre fichier"
    return answer


def _completed(receipt: Any, archive: Any) -> Any:
    """Return a receipt that knows the items: a root alone takes them from a manifest that has this root."""
    if receipt.manifest is None:
        try:
            manifest = Manifest(archive.read("manifeste.json"))
        except (KeyError, Unreadable, *UNPACKED):
            return receipt
        if manifest.root == receipt.root and manifest.is_canonical:
            return Receipt(receipt.root, manifest)
    return receipt


def _named(receipt: Any, name: Any) -> Any:
    label = _label(name)
    return " (pièce " + label + ")" if label and "exhibit:" + label in receipt.exhibits() else ""


def _sums(archive: Any) -> Any:
    """Return the digests that a ZIP lists of its own files, by name."""
    try:
        listed = json.loads(archive.read(LIST))
        return {one["name"]: one["sha256"] for one in listed["files"]}
    except (KeyError, ValueError, TypeError, RecursionError, *UNPACKED):
        return {}


def _label(name: Any) -> Any:
    found = re.match(r"(?:A|B\d+)-\d+", name.rsplit("/", 1)[-1])
    return found.group(0) if found else ""


def check_stream(receipt: Any, name: Any, content: Any, listed: Any = None) -> Any:
    """Return the answer about one file: an exhibit, a manifest, a PDF of ours, or another file of a ZIP of
    ours.
    """
    digest, head, kept = hashlib.sha256(), b"", []
    size = 0
    with content:
        while chunk := content.read(CHUNK):
            digest.update(chunk)
            head = head or chunk[:1024]
            size += len(chunk)
            if size <= 4 * MAX_ATTACHMENT and (b"%PDF-" in head or head.lstrip()[:1] in (b"[", b"{")):
                kept.append(chunk)
    found = digest.hexdigest()
    same = [item["label"] for item in receipt.exhibits().values() if item["sha256"] == found]
    if same:
        return name, SAME, "pièce " + ", ".join(same)
    whole = b"".join(kept)
    answer = _check_own(receipt, name, head, whole)
    if answer is not None and not (listed and (answer[1] == UNVERIFIED or (answer[1] == SAME and listed != found))):
        return answer
    return _check_other(receipt, name, found, listed)


def _check_own(receipt: Any, name: Any, head: Any, whole: Any) -> Any:
    """Return the answer about a manifest, a proof, or a PDF that carries a manifest; None about anything
    else.
    """
    manifest = None
    if b"%PDF-" in head:
        carried = attached_manifest(whole)
        if carried is None:
            named = printed_root(whole)
            if named is not None:
                return (
                    (name, UNVERIFIED, "porte l'empreinte de ce dossier ; " + PAGES)
                    if named == receipt.root
                    else (name, DIFFERENT, "édition d'un autre dossier")
                )
            return None
        manifest, where = carried, "manifeste joint"
    elif head.lstrip()[:1] == b"[" and b'"id":"dossier"' in whole:
        manifest, where = whole, "manifeste"
    elif head.lstrip()[:1] == b"{" and b"acquis-inclusion-proof" in whole:
        try:
            return (
                (name, SAME, "preuve de " + _from_proof(json.loads(whole)).item["id"])
                if _from_proof(json.loads(whole)).root == receipt.root
                else (name, DIFFERENT, "preuve d'un autre dossier")
            )
        except (Unreadable, ValueError) as error:
            return name, DIFFERENT, str(error)
    if manifest is None:
        return None
    try:
        other = Manifest(manifest)
    except Unreadable as error:
        return name, DIFFERENT, where + " illisible : " + str(error)
    if other.root == receipt.root and other.is_canonical:
        return (name, SAME, where) if where == "manifeste" else (name, UNVERIFIED, where + " identique ; " + PAGES)
    if receipt.manifest is None:
        return name, DIFFERENT, where + " d'un autre dossier, ou modifié"
    items = changed_items(receipt.manifest, other)
    if not items:
        return name, DIFFERENT, where + " : écrit autrement"
    if len(items) > len(receipt.manifest.items) // 2 and len(items) > 6:
        return name, DIFFERENT, where + " d'un autre dossier"
    return (name, DIFFERENT, where + " : " + ", ".join(items[:12]) + (" et d'autres" if len(items) > 12 else ""))


def changed_items(expected: Any, other: Any) -> Any:
    """Return the ids of the items that differ, are missing, or are added, in the order of the manifest."""
    changed = [key for key, item in expected.by_id.items() if other.by_id.get(key) != item]
    return changed + [key for key in other.by_id if key not in expected.by_id]


def _check_other(receipt: Any, name: Any, found: Any, listed: Any) -> Any:
    if listed is not None and listed == found and not _named(receipt, name):
        return name, SAME, "tel que le ZIP le liste ; cette liste n'est pas scellée"
    label = _label(name)
    exhibits = receipt.exhibits()
    if label and "exhibit:" + label in exhibits:
        return name, DIFFERENT, "pièce " + label
    base = name.rsplit("/", 1)[-1]
    for item in exhibits.values():
        if item["name"] == base or (item["name"] and base.endswith(item["name"])):
            return name, DIFFERENT, "pièce " + item["label"]
    if listed is not None:
        return name, DIFFERENT, name + ", modifié depuis que le ZIP a été fait"
    return name, FOREIGN, ""


def main(arguments: Any) -> Any:
    """Check files, print one line for each, and return the exit status."""
    if len(arguments) < 2:
        sys.stderr.write(__doc__ + "\n")
        return 2
    try:
        receipt = read_receipt(arguments[0])
    except (Unreadable, KeyError, *UNPACKED) as error:
        sys.stderr.write(f"Le récépissé ne se lit pas : {error}\n")
        return 2
    sys.stdout.write(f"Empreinte du dossier : {receipt.root}\n")
    seen = {SAME}
    for path in arguments[1:]:
        try:
            answers = list(check_path(receipt, path))
        except UNPACKED as error:
            answers = [(path, DIFFERENT, f"le fichier ne se lit pas : {error}")]
        for name, answer, about in answers:
            sys.stdout.write(f"{answer} : {name}" + (f" ({about})" if about else "") + "\n")
            seen.add(answer)
    return next(STATUSES[answer] for answer in (DIFFERENT, FOREIGN, UNVERIFIED, SAME) if answer in seen)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
