"""What went wrong at a provider, as our errors: by status and kind, with a hint that says what to do."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from agentick_core.errors import (
    AuthenticationError,
    ConnectionFailedError,
    ContextLengthError,
    IncompleteStreamError,
    InvalidRequestError,
    ModelNotFoundError,
    OverloadedError,
    PermissionDeniedError,
    ProviderError,
    ProviderTimeoutError,
    QuotaError,
    RateLimitError,
)
from agentick_core.errors.redact import redacted
from agentick_core.models.catalog import BASE_URL_VARIABLES, KEY_VARIABLES, nearest_models

_BY_STATUS: Mapping[int, type[ProviderError]] = {
    401: AuthenticationError,
    402: QuotaError,
    403: PermissionDeniedError,
    404: ModelNotFoundError,
    408: ProviderTimeoutError,
    413: ContextLengthError,
    429: RateLimitError,
}
_FIRST_BY_KIND: Mapping[str, type[ProviderError]] = {
    "insufficient_quota": QuotaError,
    "billing_error": QuotaError,
    "billing_hard_limit_reached": QuotaError,
    "context_length_exceeded": ContextLengthError,
    "request_too_large": ContextLengthError,
    "model_not_found": ModelNotFoundError,
}
_BY_KIND: Mapping[str, type[ProviderError]] = {
    "authentication_error": AuthenticationError,
    "invalid_api_key": AuthenticationError,
    "permission_error": PermissionDeniedError,
    "not_found_error": ModelNotFoundError,
    "rate_limit_error": RateLimitError,
    "rate_limit_exceeded": RateLimitError,
    "overloaded_error": OverloadedError,
    "api_error": OverloadedError,
    "server_error": OverloadedError,
    "internal_server_error": OverloadedError,
    "timeout_error": ProviderTimeoutError,
    "invalid_request_error": InvalidRequestError,
}
_TOO_LONG = ("context length", "context window", "prompt is too long", "too many tokens", "maximum context")
_NO_CREDIT = ("credit balance", "exceeded your current quota")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Who is asked: what an error must name, and the secrets that it must not."""

    provider: str
    title: str
    model: str
    url: str
    secrets: tuple[str, ...] = field(default=(), repr=False)


def missing_key(provider: str, title: str) -> AuthenticationError:
    """Say that there is no key, and where one belongs."""
    variable = KEY_VARIABLES[provider]
    return AuthenticationError(
        f"There is no key for {title}.",
        hint=f"Set {variable} in the environment, or use the model offline.",
        provider=provider,
    )


def provider_error(
    endpoint: Endpoint,
    message: str,
    *,
    status: int | None = None,
    kinds: tuple[str, ...] = (),
    retry_after: float | None = None,
) -> ProviderError:
    """Make the error that the status, the provider's own names for it, and its words mean."""
    kind = _class_of(message.lower(), status, kinds)
    return kind(
        f"{endpoint.title}: {redacted(_shortened(message), endpoint.secrets)}",
        hint=_hint(kind, endpoint, message),
        provider=endpoint.provider,
        status=status,
        retry_after=retry_after,
    )


def unreachable(endpoint: Endpoint, reason: str) -> ConnectionFailedError:
    """Say that the provider cannot be reached, or that the connection dropped."""
    said = redacted(_shortened(reason), endpoint.secrets).rstrip(".")
    return ConnectionFailedError(
        f"No connection to {endpoint.url}" + (f": {said}." if said else "."),
        hint=f"Check the network, and that a server answers at {endpoint.url}.",
        provider=endpoint.provider,
    )


def timed_out(endpoint: Endpoint) -> ProviderTimeoutError:
    """Say that the provider did not answer in time."""
    return ProviderTimeoutError(
        f"{endpoint.url} did not answer in time.",
        hint="Try again, or set a longer timeout for the model.",
        provider=endpoint.provider,
    )


def cut_off(endpoint: Endpoint, why: str) -> IncompleteStreamError:
    """Say that the stream ended, or went wrong, before its closing event."""
    return IncompleteStreamError(
        f"The answer from {endpoint.url} was cut off: {redacted(_shortened(why), endpoint.secrets)}",
        hint="Send the message again.",
        provider=endpoint.provider,
    )


def not_a_stream(endpoint: Endpoint, content_type: str) -> InvalidRequestError:
    """Say that what answered is no such server."""
    return InvalidRequestError(
        f"{endpoint.url} answered with {content_type or 'nothing'} instead of a stream of events.",
        hint=f"Check the base URL ({BASE_URL_VARIABLES[endpoint.provider]}): {_url_advice(endpoint)}",
        provider=endpoint.provider,
    )


def retry_after_of(headers: Mapping[str, str]) -> float | None:
    """Read how many seconds the provider asks to wait, from Retry-After or retry-after-ms."""
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    if (seconds := _number(value)) is not None:
        return seconds
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(value or "").timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def words_of(body: object, otherwise: str) -> tuple[str, tuple[str, ...]]:
    """Find the message and the names of the error in what a provider sent as its body."""
    if not isinstance(body, Mapping):
        return otherwise, ()
    outer = cast("Mapping[str, Any]", body)
    inner = cast("Mapping[str, Any]", outer["error"]) if isinstance(outer.get("error"), Mapping) else outer
    message = inner.get("message")
    kinds = tuple(str(inner[key]) for key in ("code", "type") if inner.get(key))
    return (message if isinstance(message, str) and message else otherwise), kinds


def _class_of(words: str, status: int | None, kinds: tuple[str, ...]) -> type[ProviderError]:
    if any(phrase in words for phrase in _NO_CREDIT):
        return QuotaError
    for kind in kinds:
        if kind in _FIRST_BY_KIND:
            return _FIRST_BY_KIND[kind]
    if status is not None and status >= 500:
        return OverloadedError
    if status is not None and status in _BY_STATUS:
        return _BY_STATUS[status]
    if any(phrase in words for phrase in _TOO_LONG):
        return ContextLengthError
    named = next((_BY_KIND[kind] for kind in kinds if kind in _BY_KIND), None)
    return named or (InvalidRequestError if status is not None and status >= 400 else ProviderError)


def _hint(kind: type[ProviderError], endpoint: Endpoint, message: str) -> str:
    variable = KEY_VARIABLES[endpoint.provider]
    if kind is AuthenticationError:
        return f"Check the key in {variable}: it was sent to {endpoint.url} and not accepted."
    if kind is PermissionDeniedError:
        return f"The key in {variable} may not use {endpoint.model}; use another key or another model."
    if kind is ModelNotFoundError:
        return _model_hint(endpoint)
    if kind is ContextLengthError:
        return "Start a new session, or use a model with a larger context window."
    if kind is QuotaError:
        return f"Check the plan and the billing of the account that {variable} belongs to."
    if kind is InvalidRequestError and "Function tools with reasoning_effort" in message:
        return "This model takes no tools over Chat Completions; use openai:gpt-6.1-terra."
    if kind.retryable:
        return "Wait a moment and send the message again."
    return "Nothing was added to the session; change the message or the model, and send again."


def _model_hint(endpoint: Endpoint) -> str:
    near = nearest_models(endpoint.provider, endpoint.model)
    said = f"Did you mean {' or '.join(near)}? " if near and endpoint.model not in near else ""
    return f"{said}Check the model's name, and that {_url_advice(endpoint)}"


def _url_advice(endpoint: Endpoint) -> str:
    ending = "usually ends in /v1" if endpoint.provider == "openai" else "ends before /v1"
    return f"the address {endpoint.url} {ending}."


def _shortened(message: str) -> str:
    words = " ".join(message.split())
    return words if len(words) <= 500 else words[:497] + "..."


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
