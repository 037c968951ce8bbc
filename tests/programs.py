"""Programs of the distribution that some tests use, and the packages that bring them: without one, its tests are
left out, and the end of the run says so by name.
"""

import shutil

from tests import browser, office
from tools.cluster.nginx import find_nginx


def left_out() -> list[str]:
    """Return a sentence for each program that is not on this machine."""
    found = {
        "LibreOffice et tesseract (conversions, lecture des photographies)": (office.find(), " ".join(office.PACKAGES)),
        "nginx (ce qui est devant le serveur)": (find_nginx(), "nginx"),
        "Poppler (troisième lecteur des livres)": (shutil.which("pdftoppm"), "poppler-utils"),
        "qpdf (lecteur des papiers signés)": (shutil.which("qpdf"), "qpdf"),
        "Chromium (parcours dans un navigateur)": (browser.find(), browser.NAMES[0]),
    }
    return [
        f"Sans {program} : ses tests sont laissés de côté (paquet : {packages} ; make test-all l’installe)."
        for program, (is_here, packages) in found.items()
        if not is_here
    ]
