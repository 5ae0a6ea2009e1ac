"""What surrounds a model: reading a disk, cutting text into tokens, loading batches, starting a process."""
