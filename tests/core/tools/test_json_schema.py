"""Checking values against JSON schemas that were given as such."""

from typing import Any

import pytest

from agentick_core.tools.json_schema import mismatches

TREE: dict[str, Any] = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
            "required": ["name"],
            "additionalProperties": False,
        }
    },
    "$ref": "#/$defs/node",
}


@pytest.mark.parametrize(
    ("schema", "fits", "wrong", "told"),
    [
        ({"type": "integer"}, 1, True, [("", "must be integer")]),
        ({"type": "integer"}, 2.0, 2.5, [("", "must be integer")]),
        ({"type": ["string", "null"]}, None, 1, [("", "must be string or null")]),
        ({"enum": ["a", 1]}, 1, True, [("", 'must be one of ["a", 1]')]),
        ({"const": 1}, 1, 2, [("", "must be one of [1]")]),
        ({"minimum": 1, "maximum": 2}, 2, 3, [("", "must be at most 2")]),
        ({"exclusiveMinimum": 1, "exclusiveMaximum": 3}, 2, 1, [("", "must be more than 1")]),
        ({"minLength": 2, "pattern": "^a"}, "ab", "b", [("", "length must be at least 2"), ("", "must match ^a")]),
        ({"maxItems": 1}, [1], [1, 2], [("", "number of items must be at most 1")]),
        ({"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}, ["a", 1], [1, "a"],
         [("0", "must be string"), ("1", "must be integer")]),
        ({"items": [{"type": "string"}], "additionalItems": False}, ["a"], [1, 2],
         [("0", "must be string"), ("1", "is not allowed")]),
        ({"properties": {"a": {"type": "string"}}, "required": ["a", "b"]}, {"a": "", "b": 1}, {"a": 1},
         [("b", "is required"), ("a", "must be string")]),
        ({"properties": {}, "additionalProperties": False}, {}, {"x": 1}, [("x", "is not allowed")]),
        ({"additionalProperties": {"type": "string"}}, {"x": "1"}, {"x": 1}, [("x", "must be string")]),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, None, 1, [("", "must be string")]),
        ({"oneOf": [{"type": "integer"}, {"minimum": 5}]}, 4, 6, [("", "fits several of the forms it may have")]),
        ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, 1, 0, [("", "must be at least 1")]),
        (TREE, {"name": "a", "children": [{"name": "b"}]}, {"name": "a", "children": [{"name": "b", "x": 1}, {}]},
         [("children.0.x", "is not allowed"), ("children.1.name", "is required")]),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_told_with_its_path(
    schema: dict[str, Any], fits: object, wrong: object, told: list[tuple[str, str]]
) -> None:
    assert list(mismatches(fits, schema)) == []
    assert list(mismatches(wrong, schema)) == told


def test_what_is_not_understood_is_not_refused() -> None:
    schema = {"type": "mystery", "format": "email", "$ref": "#/nowhere"}
    assert list(mismatches("x", schema)) == []
    assert list(mismatches("x", {"$ref": "#"})) == []
