"""The child's side: a zygote that imports and forks, a worker that does one task."""
