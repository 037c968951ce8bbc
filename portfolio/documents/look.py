"""The look of a body as the templates read it, beside their values: without a look, a document is the same
byte for byte.
"""

from __future__ import annotations

import json

from portfolio.domain.certifying_body.rules import Look


def look_inputs(look: Look) -> dict[str, str]:
    """Return what is passed to Typst beside the values: nothing for a body that chose nothing; see
    base.typ.
    """
    inputs = {}
    if look.accent:
        inputs["accent"] = look.accent
    if look.logo:
        # Inputs are texts: bytes travel as a list of numbers, which Typst reads faster than any other form.
        inputs["logo"] = json.dumps(list(look.logo))
    return inputs
