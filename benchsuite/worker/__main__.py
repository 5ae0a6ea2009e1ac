"""The zygote's entry: `python -m benchsuite.worker FD`, a socket to the parent."""

import socket
import sys

from benchsuite.worker.zygote import serve

if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
