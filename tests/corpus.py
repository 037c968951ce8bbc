"""Real files that no one here wrote, sound and hostile, in the folder that ACQUIS_CORPUS names: what is decided of each."""

from __future__ import annotations

import os
from pathlib import Path

from portfolio.storage.kinds import FileKind, RefusalCode

CORPUS = Path(os.environ.get("ACQUIS_CORPUS", "/nowhere"))

# Sound files that are refused all the same; every other one is accepted as what its name says.
REFUSED_THOUGH_SOUND = {
    "test-documents.7z": RefusalCode.ARCHIVE,
}

# Accepted ones are kept as attachments in which nothing runs: they open, and what is odd in them harms no reader.
HOSTILE: dict[str, FileKind | RefusalCode] = {
    "200MP.heic": RefusalCode.TOO_MANY_PIXELS,
    "36-memory_error.jpg": FileKind.JPEG,
    "Classic_XXE_-_etc_passwd.xml": RefusalCode.WEB_PAGE,
    "Deny_Of_Service_-_Billion_Laugh_Attack": RefusalCode.WEB_PAGE,
    "NullHeader.docx": FileKind.DOCX,
    "SVG_XSS1.svg": RefusalCode.DRAWING,
    "SVG_XSS_nested_use_xlink.svg": RefusalCode.DRAWING,
    "broken_data_stream.png": RefusalCode.DAMAGED,
    "content-stream-errors.pdf": FileKind.PDF,
    "corrupted.heic": RefusalCode.DAMAGED,
    "crazyones-encrypted-256.pdf": RefusalCode.PASSWORD,
    "cyclic-toc.pdf": FileKind.PDF,
    "dde-in-csv.csv": RefusalCode.COMMANDS,
    "decompression_bomb.gif": RefusalCode.TOO_MANY_PIXELS,
    "decompression_bomb.ico": RefusalCode.OTHER_IMAGE,
    "droste.zip": FileKind.ZIP,
    "empty_file": RefusalCode.EMPTY,
    "etc_passwd.zip": RefusalCode.DAMAGED,
    "full_encrypted.7z": RefusalCode.ARCHIVE,
    "generated_bomb_document_xml_250MB.docx": RefusalCode.SWELLS,
    "generated_bomb_flat_300MB.zip": RefusalCode.SWELLS,
    "generated_bomb_flate_200MB.pdf": FileKind.PDF,
    "generated_zip_evil_names.zip": RefusalCode.DAMAGED,
    "image02206.jpg": FileKind.JPEG,
    "mail_malformed_3": FileKind.EML,
    "oom-225817ca0f8c663be7ab4b9e717b02c661e66834.tif": RefusalCode.DAMAGED,
    "payload_in_all_known_metadata.jpg": FileKind.JPEG,
    "python-config-__init__.py.zip": RefusalCode.DAMAGED,
    "quadratic.xml": RefusalCode.WEB_PAGE,
    "test-zip-of-zip.zip": FileKind.ZIP,
    "testAltChunkHTML.docx": FileKind.DOCX,
    "testAttachedTemplate.docx": RefusalCode.REMOTE_CONTENT,
    "testEXCEL_protected_passtika.xlsx": RefusalCode.PASSWORD,
    "testExternalRefs.docx": FileKind.DOCX,
    "testMP3truncated.mp3": RefusalCode.DAMAGED,
    "testODTEncrypted.odt": RefusalCode.PASSWORD,
    "testODTnotaZipFile.odt": FileKind.TEXT,
    "testPDFFileEmbInAnnotation.pdf": FileKind.PDF,
    "testPDF_bad_page_303226.pdf": FileKind.PDF,
    "testPDF_jsActionOnPage.pdf": FileKind.PDF,
    "testPDF_malformedXFA.pdf": FileKind.PDF,
    "testPDF_protected.pdf": FileKind.PDF,  # opens for everyone; only printing and copying are restricted
    "testWORD_truncated.docx": RefusalCode.DAMAGED,
    "testZIP_corrupted_oom.zip": RefusalCode.DAMAGED,
    "testZipEncrypted.zip": RefusalCode.PASSWORD,
    "testZipEntryNameCharsetShiftSJIS.zip": FileKind.ZIP,
    "truncated_jpeg.jpg": RefusalCode.DAMAGED,
    "xss.html": RefusalCode.WEB_PAGE,
    "xss.xhtml": RefusalCode.WEB_PAGE,
    "zero_width.gif": RefusalCode.DAMAGED,
}
