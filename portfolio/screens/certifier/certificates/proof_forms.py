"""An act on what was granted asks for the password again, and for a proof that opens as a document."""

from __future__ import annotations

from flask_wtf.file import FileField

from portfolio.screens.certifier.notifications.forms import PasswordConfirmForm

ACCEPTED = "application/pdf,image/*"
MISSING = "Joignez la preuve : un PDF, ou une image (un scan, une photo)."
AGAIN = "Joignez de nouveau la preuve : le navigateur ne la garde pas."


class ProofForm(PasswordConfirmForm):
    """The password and the proof of an act; they are asked once the act was read again."""

    proof = FileField("La preuve", render_kw={"accept": ACCEPTED})

    def ask_later(self) -> bool:
        """Drop what is wrong with the password and the proof, and return whether the rest is right."""
        self.password.errors, self.proof.errors = [], []
        return not self.errors

    @property
    def brings_proof(self) -> bool:
        """Return whether a file came with the form."""
        return bool(self.proof.data and self.proof.data.filename)

    def check_proof(self) -> bool:
        """Return whether a file came; else have the field say what to do."""
        if not self.brings_proof:
            self.proof.errors = [MISSING]
        return self.brings_proof
