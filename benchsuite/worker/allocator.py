"""Memory as a process finds it that has worked for a while, whatever was allocated in this one before."""

_LARGEST = 2**25 - 2**16  # bytes: glibc learns from blocks up to 32 MiB


def settle() -> None:
    """Free one block of nearly 32 MiB, whose pages nobody touches.

    What glibc's malloc gives back to the system, to be faulted in page by page when it is wanted again, depends on the
    largest block that was ever freed (mallopt(3), M_MMAP_THRESHOLD). Left to what happened to be freed before, the same
    job came out five times slower in one process than in the next. Other allocators do not mind.
    """
    bytearray(_LARGEST)
