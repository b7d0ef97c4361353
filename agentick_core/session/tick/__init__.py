"""What lives for one call of the model: asking, what streams in, and what is made of it."""
