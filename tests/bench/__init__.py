"""The bench: each budget measured on the real program, printed with its figure. `make bench` runs it on Linux."""
