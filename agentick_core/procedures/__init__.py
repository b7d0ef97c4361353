"""Calls that start at once and can be wrapped: procedures, middleware, cancellation, the ambient context."""
