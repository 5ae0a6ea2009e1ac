import os

from benchsuite.pipe import Pipe


def test_the_end_of_what_was_said_is_kept() -> None:
    pipe = Pipe(5)
    os.write(pipe.sender, b"abcd")
    assert pipe.read() == b"abcd"
    assert (bytes(pipe.kept), pipe.cut) == (b"abcd", False)
    os.write(pipe.sender, b"efgh")
    pipe.drain()
    assert (bytes(pipe.kept), pipe.cut) == (b"defgh", True)
    assert pipe.read() is None
    os.close(pipe.sender)
    assert pipe.read() == b""
    pipe.receiver.close()


def test_what_never_ends_is_drained_all_the_same() -> None:
    """More cannot be in a pipe than it holds, so that a reader that goes on has a writer that does."""
    pipe = Pipe(5)
    reads = 0

    class Endless:
        def read(self, size: int) -> bytes:
            nonlocal reads
            reads += 1
            return b"x" * size

    receiver, pipe.receiver = pipe.receiver, Endless()  # type: ignore[assignment]
    pipe.drain()
    assert 1 < reads < 100
    receiver.close()
    os.close(pipe.sender)
