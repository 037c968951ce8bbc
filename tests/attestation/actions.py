"""What the tests of attestations share."""

from datetime import timedelta

import pytest

from portfolio.errors import Refusal
from tests.attestation.builders import AT

LATER = AT + timedelta(days=2)


def refusal_of(act) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code
