"""The errors of a model's provider."""

from collections.abc import Mapping
from typing import ClassVar

from agentick_core.errors.engine import AgentickError


class ProviderError(AgentickError):
    """The model's provider failed.

    `partial` is the text that had been streamed before, `status` the HTTP status where there was one, and
    `retry_after` the seconds the provider asked to wait.
    """

    title = "The model provider failed"
    own_fields: ClassVar[Mapping[str, str]] = {
        "provider": "provider",
        "status": "status",
        "retryAfter": "retry_after",
        "partial": "partial",
    }
    code = "PROVIDER_ERROR"
    retryable: ClassVar[bool] = False
    provider: str = ""
    status: int | None = None
    retry_after: float | None = None
    partial: str = ""

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        provider: str = "",
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.provider = provider
        self.status = status
        self.retry_after = retry_after


class AuthenticationError(ProviderError):
    """The key is missing or wrong."""

    title = "No valid key"
    code = "AUTH_ERROR"


class PermissionDeniedError(ProviderError):
    """The key may not do this."""

    title = "Not allowed"
    code = "PERMISSION_ERROR"


class ModelNotFoundError(ProviderError):
    """The provider does not know the model."""

    title = "Unknown model"
    code = "MODEL_NOT_FOUND"


class InvalidRequestError(ProviderError):
    """The provider refuses the request as it is."""

    title = "The request was refused"
    code = "INVALID_REQUEST"


class ContextLengthError(InvalidRequestError):
    """The request is larger than the model's context window."""

    title = "The context is too long"
    code = "CONTEXT_LENGTH"


class RateLimitError(ProviderError):
    """Too many requests."""

    title = "Too many requests"
    code = "RATE_LIMIT_ERROR"
    retryable = True


class QuotaError(RateLimitError):
    """The quota or the credit is used up; waiting does not help."""

    title = "The quota is used up"
    code = "QUOTA_EXCEEDED"
    retryable = False


class OverloadedError(ProviderError):
    """The provider is overloaded or failing."""

    title = "The provider is overloaded"
    code = "OVERLOADED"
    retryable = True


class ConnectionFailedError(ProviderError):
    """The provider cannot be reached, or the connection dropped."""

    title = "No connection"
    code = "NETWORK_ERROR"
    retryable = True


class ProviderTimeoutError(ProviderError):
    """The provider did not answer in time."""

    title = "No answer in time"
    code = "TIMEOUT_ERROR"
    retryable = True


class IncompleteStreamError(ProviderError):
    """The stream ended without its closing event."""

    title = "The answer was cut off"
    code = "INCOMPLETE_STREAM"
    retryable = True
