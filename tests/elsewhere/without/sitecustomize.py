"""A Python that lacks what only Unix or Linux has, in every process that finds this folder on its path.

Libraries that also run on Windows do without these; what they need because this is Linux has to stay: asyncio
and psutil are loaded before, and signals have their names.
"""

import os
import socket
import sys
import types
from pathlib import Path

MODULES = ("fcntl", "grp", "pwd", "resource", "termios")
OF_OS = (
    *("fork", "forkpty", "getpgid", "killpg", "pidfd_open", "setsid", "sched_getaffinity", "sched_setaffinity"),
    *("posix_fadvise", "pread", "preadv", "sysconf", "geteuid", "getloadavg"),
    *("O_CLOEXEC", "O_DIRECT", "O_NONBLOCK"),
)

import asyncio  # noqa: E402, F401

import psutil  # noqa: E402, F401

for name in MODULES:
    sys.modules[name] = None
for name in OF_OS:
    delattr(os, name)
for name in ("send_fds", "recv_fds"):
    delattr(socket, name)

# What Windows locks files with; libraries that ask for it did so while psutil was loaded.
sys.modules["msvcrt"] = types.SimpleNamespace(LK_NBLCK=2, locking=lambda descriptor, mode, count: None)

import benchsuite.procfs  # noqa: E402

benchsuite.procfs.ROOT = Path(__file__).parent / "no-such-folder"
