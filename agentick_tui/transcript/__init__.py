"""What the conversation looks like, as plain data: blocks, and how events and stored entries become them."""
