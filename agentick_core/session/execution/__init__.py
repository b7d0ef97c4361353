"""What lives for one send: its input, its ticks, its limits, its handle and its end."""
