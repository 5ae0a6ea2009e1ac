"""A worker that is an interpreter of its own: it reads one request, and answers where its output would have gone."""

from __future__ import annotations

import dataclasses
import faulthandler
import json
import os
import threading
import traceback
from typing import Any, BinaryIO, NoReturn

from benchsuite.records import Record, Request
from benchsuite.records.codec import from_data, to_data
from benchsuite.worker.importing import import_all
from benchsuite.worker.tasks import perform


def work() -> NoReturn:
    """The outermost frame: import, do the request, answer, leave."""
    status = 1
    try:
        answer, parent = _streams()
        faulthandler.enable()
        asked = json.loads(parent.readline())
        threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
        found = perform(from_data(Request, asked["request"]), import_all(asked["imports"]))
        with os.fdopen(answer, "wb") as file:
            file.write(json.dumps(to_data(_told(found))).encode() + b"\n")
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _streams() -> tuple[int, BinaryIO]:
    """Descriptors of our own for the answer and for what the parent says; what else is printed goes to the log."""
    answer, parent = os.dup(1), os.dup(0)
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    # What was printed before this line, as by a sitecustomize, is no part of the answer.
    os.ftruncate(answer, 0)
    os.lseek(answer, 0, os.SEEK_SET)
    return answer, os.fdopen(parent, "rb")


def _leave_with(parent: BinaryIO) -> None:
    """The parent says no more, so that this ends when it does; nobody else would end us then."""
    parent.read(1)
    os._exit(1)


def _told(answer: Any) -> Any:
    """A record says that its worker was not forked."""
    if isinstance(answer, Record):
        return dataclasses.replace(answer, notes={**answer.notes, "start": "spawned"})
    return answer
