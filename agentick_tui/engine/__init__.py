"""The door to the engine: the only place of the terminal application that touches a session."""
