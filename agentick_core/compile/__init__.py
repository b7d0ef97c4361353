"""From the rendered tree to a request: collect, compile until stable, render text, count tokens."""
