"""The exceptions of the providers' SDKs, which share their names, as our errors. Only imported when one is asked."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import httpx2

from agentick_core.models.failures import (
    Endpoint,
    cut_off,
    provider_error,
    retry_after_of,
    timed_out,
    unreachable,
    words_of,
)


@contextmanager
def translated(sdk: Any, endpoint: Endpoint) -> Generator[None]:
    """Raise what the SDK raises inside as one of our errors, without the SDK's own, which may quote the key."""
    try:
        yield
    except sdk.APITimeoutError:
        raise timed_out(endpoint) from None
    except sdk.APIConnectionError as error:
        raise unreachable(endpoint, str(error.__cause__ or error)) from None
    except sdk.APIStatusError as error:
        message, kinds = words_of(error.body, error.message)
        raise provider_error(
            endpoint,
            message,
            # An error event inside a stream may come with the status of the stream, which was fine.
            status=error.status_code if error.status_code >= 400 else None,
            kinds=kinds,
            retry_after=retry_after_of(error.response.headers),
        ) from None
    except sdk.APIError as error:
        message, kinds = words_of(error.body, error.message)
        raise provider_error(endpoint, message, kinds=kinds) from None
    except httpx2.TimeoutException:
        raise timed_out(endpoint) from None
    except (httpx2.TransportError, httpx2.StreamError) as error:
        raise unreachable(endpoint, str(error)) from None
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise cut_off(endpoint, "the server sent an event that is not JSON.") from None
