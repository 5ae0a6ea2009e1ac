"""The child's entry, `python -m benchsuite.worker`: a zygote, given the number of a socket, else a single worker."""

import sys

if __name__ == "__main__":
    if len(sys.argv) > 1:
        import socket

        from benchsuite.worker.zygote import serve

        serve(socket.socket(fileno=int(sys.argv[1])))
    else:
        from benchsuite.worker.spawned import work

        work()
