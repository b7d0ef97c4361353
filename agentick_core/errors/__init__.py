"""Every error that agentick raises, as one tree.

AgentickError
├── StateError                   the call does not fit the state the object is in
│   ├── SessionClosedError       the session was closed
│   ├── SessionInUseError        another process writes this session
│   └── NoRunningLoopError       a procedure was called outside an event loop
├── AbortError                   the work was stopped: by a signal, an interrupt, a close or a time limit
├── NotFoundError                there is nothing of that name
├── ValidationError              a value has the wrong shape
│   ├── ToolInputError           the arguments of a tool do not fit its schema
│   ├── PropsError               the props of a component do not fit its signature
│   └── OutputError              the model's structured output does not fit the output type
├── ToolError                    a tool could not do its work
│   ├── ToolResultError          a tool returned something that is not a result
│   └── ToolDenied               a person refused the call
├── GuardError                   a guard refused the call
├── LimitError                   a limit on ticks, tokens, cost or time was reached
├── SpawnDepthError              children were spawned too deep
├── NoModelError                 no model is configured
├── ComponentError               a component raised while it rendered
├── HookOrderError               hooks were called in another order than before
├── HookOutsideRenderError       a hook was called outside a component's body
├── ContextError                 there is no ambient context here
├── StorageError                 the store could not read or write
│   ├── StoreDamagedError        the stored data cannot be read
│   ├── StoreFullError           there is no space left
│   └── StoreVersionError        the data was written by a newer agentick
├── WireError                    JSON does not describe one of our values
└── ProviderError                the model's provider failed
    ├── AuthenticationError      the key is missing or wrong
    ├── PermissionDeniedError    the key may not do this
    ├── ModelNotFoundError       the provider does not know the model
    ├── InvalidRequestError      the provider refuses the request
    │   └── ContextLengthError   the request is larger than the context window
    ├── RateLimitError           too many requests
    │   └── QuotaError           the quota or the credit is used up
    ├── OverloadedError          the provider is overloaded or failing (5xx, 529)
    ├── ConnectionFailedError    the provider cannot be reached, or the connection dropped
    ├── ProviderTimeoutError     the provider did not answer in time
    └── IncompleteStreamError    the stream ended without its closing event

UnusedNodeWarning is a warning: a component made a node and did not yield it.
"""

from agentick_core.errors.engine import (
    AbortCode,
    AbortError,
    AgentickError,
    ComponentError,
    ContextError,
    GuardError,
    HookOrderError,
    HookOutsideRenderError,
    LimitError,
    NoModelError,
    NoRunningLoopError,
    NotFoundError,
    OutputError,
    PropsError,
    SessionClosedError,
    SessionInUseError,
    SpawnDepthError,
    StateError,
    StorageError,
    StoreDamagedError,
    StoreFullError,
    StoreVersionError,
    ToolDenied,
    ToolError,
    ToolInputError,
    ToolResultError,
    UnusedNodeWarning,
    ValidationError,
    WireError,
)
from agentick_core.errors.provider import (
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

__all__ = [
    "AbortCode",
    "AbortError",
    "AgentickError",
    "AuthenticationError",
    "ComponentError",
    "ConnectionFailedError",
    "ContextError",
    "ContextLengthError",
    "GuardError",
    "HookOrderError",
    "HookOutsideRenderError",
    "IncompleteStreamError",
    "InvalidRequestError",
    "LimitError",
    "ModelNotFoundError",
    "NoModelError",
    "NoRunningLoopError",
    "NotFoundError",
    "OutputError",
    "OverloadedError",
    "PermissionDeniedError",
    "PropsError",
    "ProviderError",
    "ProviderTimeoutError",
    "QuotaError",
    "RateLimitError",
    "SessionClosedError",
    "SessionInUseError",
    "SpawnDepthError",
    "StateError",
    "StorageError",
    "StoreDamagedError",
    "StoreFullError",
    "StoreVersionError",
    "ToolDenied",
    "ToolError",
    "ToolInputError",
    "ToolResultError",
    "UnusedNodeWarning",
    "ValidationError",
    "WireError",
]
