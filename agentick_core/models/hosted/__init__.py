"""What models behind a server have in common, whichever provider's SDK asks them."""
