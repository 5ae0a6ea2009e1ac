"""Networks that no library ships, and the seeded weights of all of them."""
