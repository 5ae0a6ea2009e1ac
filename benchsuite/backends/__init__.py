"""Ways to run a program: one file a backend, sharing the torch sessions and the cached step below them."""
