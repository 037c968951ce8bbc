"""Errands travel as JSON: whoever can write in the line's store can ask for an errand we know, and run nothing else."""

from __future__ import annotations

import json
from typing import Any

from huey.registry import Message
from huey.serializer import Serializer


class JsonSerializer(Serializer):
    """Huey's own serializer is pickle, which runs whatever it is given."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(data._asdict() if isinstance(data, Message) else data).encode()

    def _deserialize(self, data: bytes) -> Any:
        found = json.loads(data)
        return Message(**found) if isinstance(found, dict) and "name" in found else found
