"""The pictures of the chat: the real application, without a terminal, with the offline model and a clock that stands."""
