"""Real files that no one here wrote, sound and hostile, in the folder that ACQUIS_CORPUS names: what is
decided of each.
"""

import os
from pathlib import Path

from portfolio.files.file_types.types import FileType, RejectionReason

CORPUS = Path(os.environ.get("ACQUIS_CORPUS", "/nowhere"))

# Sound files that are refused all the same; every other one is accepted as what its name says.
REFUSED_THOUGH_SOUND = {"test-documents.7z": RejectionReason.ARCHIVE}

# Accepted ones are kept as attachments in which nothing runs: they open, and what is odd in them harms no
# reader.
HOSTILE: dict[str, FileType | RejectionReason] = {
    "200MP.heic": RejectionReason.TOO_MANY_PIXELS,
    "36-memory_error.jpg": FileType.JPEG,
    "Classic_XXE_-_etc_passwd.xml": RejectionReason.WEB_PAGE,
    "Deny_Of_Service_-_Billion_Laugh_Attack": RejectionReason.WEB_PAGE,
    "NullHeader.docx": FileType.DOCX,
    "SVG_XSS1.svg": RejectionReason.ACTIVE_DRAWING,
    "SVG_XSS_nested_use_xlink.svg": RejectionReason.ACTIVE_DRAWING,
    "broken_data_stream.png": RejectionReason.DAMAGED,
    "content-stream-errors.pdf": FileType.PDF,
    "corrupted.heic": RejectionReason.DAMAGED,
    "crazyones-encrypted-256.pdf": RejectionReason.PASSWORD,
    "cyclic-toc.pdf": FileType.PDF,
    "dde-in-csv.csv": RejectionReason.FORMULA_INJECTION,
    "decompression_bomb.gif": RejectionReason.TOO_MANY_PIXELS,
    "decompression_bomb.ico": RejectionReason.TOO_MANY_PIXELS,
    "droste.zip": FileType.ZIP,
    "empty_file": RejectionReason.EMPTY,
    "etc_passwd.zip": RejectionReason.UNSAFE_NAMES,
    "full_encrypted.7z": RejectionReason.ARCHIVE,
    "generated_bomb_document_xml_250MB.docx": RejectionReason.DECOMPRESSION_BOMB,
    "generated_bomb_flat_300MB.zip": RejectionReason.DECOMPRESSION_BOMB,
    "generated_bomb_flate_200MB.pdf": FileType.PDF,
    "generated_zip_evil_names.zip": RejectionReason.UNSAFE_NAMES,
    "image02206.jpg": FileType.JPEG,
    "mail_malformed_3": FileType.EML,
    "oom-225817ca0f8c663be7ab4b9e717b02c661e66834.tif": RejectionReason.DAMAGED,
    "payload_in_all_known_metadata.jpg": FileType.JPEG,
    "python-config-__init__.py.zip": RejectionReason.UNSAFE_NAMES,
    "quadratic.xml": RejectionReason.WEB_PAGE,
    "test-zip-of-zip.zip": FileType.ZIP,
    "testAltChunkHTML.docx": FileType.DOCX,
    "testAttachedTemplate.docx": RejectionReason.REMOTE_CONTENT,
    "testEXCEL_protected_passtika.xlsx": RejectionReason.PASSWORD,
    "testExternalRefs.docx": FileType.DOCX,
    "testMP3truncated.mp3": RejectionReason.DAMAGED,
    "testODTEncrypted.odt": RejectionReason.PASSWORD,
    "testODTnotaZipFile.odt": FileType.TEXT,
    "testPDFFileEmbInAnnotation.pdf": FileType.PDF,
    "testPDF_bad_page_303226.pdf": FileType.PDF,
    "testPDF_jsActionOnPage.pdf": FileType.PDF,
    "testPDF_malformedXFA.pdf": RejectionReason.DYNAMIC_FORM,
    "testPDF_protected.pdf": FileType.PDF,  # opens for everyone; only printing and copying are restricted
    "testWORD_truncated.docx": RejectionReason.DAMAGED,
    "testZIP_corrupted_oom.zip": RejectionReason.DAMAGED,
    "testZipEncrypted.zip": RejectionReason.PASSWORD,
    "testZipEntryNameCharsetShiftSJIS.zip": FileType.ZIP,
    "truncated_jpeg.jpg": RejectionReason.DAMAGED,
    "xss.html": RejectionReason.WEB_PAGE,
    "xss.xhtml": RejectionReason.WEB_PAGE,
    "zero_width.gif": RejectionReason.DAMAGED,
}
