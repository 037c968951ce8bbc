"""Checks a value against a JSON Schema: the keywords that `schemas/case_v1p1.json` uses, and no other."""

import re
from typing import Any

TYPES = {"object": dict, "array": list, "string": str, "integer": int}
KEYWORDS = {
    "$ref", "type", "enum", "pattern", "minLength", "required", "properties", "additionalProperties", "items",
}  # fmt: skip


def faults(value: Any, schema: dict[str, Any], root: dict[str, Any], path: str = "$") -> list[str]:
    """Return what makes a value invalid, with the path of each fault; an unknown keyword is a fault of the schema."""
    unknown = set(schema) - KEYWORDS
    if unknown:
        return [f"{path}: the schema uses {sorted(unknown)}"]
    if "$ref" in schema:
        return faults(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, path)
    found = []
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or isinstance(value, bool)):
        return [f"{path}: no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{path}: not one of the values")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{path}: {value!r} does not match")
    if len(value) < schema.get("minLength", 0) if isinstance(value, str) else False:
        found.append(f"{path}: too short")
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        found += [f"{path}: {name} is missing" for name in schema.get("required", ()) if name not in value]
        if schema.get("additionalProperties") is False:
            found += [f"{path}: {name} is not allowed" for name in value if name not in properties]
        for name in value.keys() & properties.keys():
            found += faults(value[name], properties[name], root, f"{path}.{name}")
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            found += faults(item, schema["items"], root, f"{path}[{index}]")
    return found
