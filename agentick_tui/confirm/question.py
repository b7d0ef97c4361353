"""What a person is asked before a tool runs, and what they answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChoice:
    """One rule that "always" could store: what it is called, what exactly it would allow, and the rule itself.

    `exact` says that it holds for the very arguments that run, as they are or as they are edited.
    """

    label: str
    detail: str
    rule: object = None
    exact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May this tool run with exactly these arguments?

    `asked_by` names the rule that asked, `said` are the model's own words about the call, `message` the tool's.
    `path` names the sub-agents down to the one that calls; `diff` is a unified patch; `rules` are what "always"
    offers. `schema` is what edited arguments must fit.
    """

    call_id: str
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    schema: Mapping[str, Any] = field(default_factory=dict[str, Any])
    message: str = ""
    said: str = ""
    asked_by: str = ""
    effects: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    diff: str = ""
    rules: tuple[RuleChoice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the person answered. `arguments` are the edited ones, `rule` is what "always" stores."""

    call_id: str
    approved: bool
    reason: str | None = None
    arguments: Mapping[str, Any] | None = None
    rule: RuleChoice | None = None


def exact_detail(name: str, arguments: Mapping[str, Any]) -> str:
    """Write what a rule for exactly this call allows."""
    return f"{name} {json.dumps(dict(arguments), ensure_ascii=False, default=str)}"


def diff_of(metadata: Mapping[str, Any] | None) -> str:
    """Give the patch of a tool's preview ({type: "diff", filePath, patch, isNewFile?}), "" where it is none."""
    if metadata is None or metadata.get("type") != "diff":
        return ""
    path = str(metadata.get("filePath", metadata.get("file_path", "")))
    fresh = metadata.get("isNewFile", metadata.get("is_new_file", False))
    head = f"{path} (new file)\n" if fresh else f"{path}\n" if path else ""
    return head + str(metadata.get("patch", ""))
