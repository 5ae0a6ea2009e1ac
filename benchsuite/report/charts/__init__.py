"""Charts as data: a file for each kind, and `kinds` for all of them."""
