"""Runs on the web: what a page of links leads to and what not, and what is refused."""

import base64
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchsuite import remote
from benchsuite.archive import SUFFIXES
from benchsuite.errors import UsageError
from benchsuite.remote import Remote, address, web
from tests.remote.server import Handler, Server, send, serving


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("runs/a.jsonl", "runs/deeper/b.json", "runs/with space.jsonl", "runs/notes.txt", "other.jsonl"):
        path = tmp_path / "served" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "served"


@pytest.fixture
def server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(folder) as found:
        yield found


def listed(url: str) -> list[str]:
    return [found.url for found in remote.listed(url, SUFFIXES)]


@pytest.mark.parametrize("end", ["/runs/", "/runs"])
def test_a_folder_is_what_its_pages_link_to(server: Server, end: str) -> None:
    names = ("a.jsonl", "deeper/b.json", "with%20space.jsonl")
    assert listed(server.url + end) == [f"{server.url}/runs/{name}" for name in names]


def test_a_file_is_itself_whatever_it_ends_in(server: Server) -> None:
    assert listed(f"{server.url}/runs/a.jsonl") == [f"{server.url}/runs/a.jsonl"]
    assert server.asked == []
    server.page("/latest", "{}", "application/json")
    assert listed(f"{server.url}/latest") == [f"{server.url}/latest"]


def test_a_file_is_copied(server: Server, folder: Path, tmp_path: Path) -> None:
    os.utime(folder / "runs" / "with space.jsonl", (1e9, 1e9))
    remote.fetch(Remote(f"{server.url}/runs/with%20space.jsonl"), tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "runs/with space.jsonl"
    assert (tmp_path / "copy").stat().st_mtime == 1e9


OUTSIDE = [
    "../other.jsonl",
    "/other.jsonl",
    "x/../../other.jsonl",
    "%2e%2e/other.jsonl",
    "..%2fother.jsonl",
    "..%5cother.jsonl",
    "//127.0.0.1:1/runs/x.jsonl",
    "http://127.0.0.1:1/runs/x.jsonl",
    "http://elsewhere.example/runs/x.jsonl",
    "https://127.0.0.1/runs/x.jsonl",
    "file:///etc/x.json",
    "javascript:x.json",
    "a%00.jsonl",
    "a%0a.jsonl",
    "http://[::1/x.jsonl",
    "?sort=x.jsonl",
    "#x.jsonl",
    "../",
    "/",
    "./",
    "\\..\\x.jsonl",
]


def test_no_link_leads_out_of_the_folder(server: Server) -> None:
    links = "".join(f'<a href="{link}">x</a>' for link in (*OUTSIDE, "in.jsonl", "in.jsonl"))
    server.page("/runs/", links)
    assert listed(f"{server.url}/runs/") == [f"{server.url}/runs/in.jsonl"]
    assert {path for _, path, _ in server.asked} == {"/runs/"}


def test_a_folder_that_redirects_out_is_refused(server: Server) -> None:
    server.page("/runs/", '<a href="below/">x</a>')
    server.redirect("/runs/below/", "/elsewhere/")
    with pytest.raises(UsageError, match=r"leads away, to http://127\.0\.0\.1:\d+/elsewhere/"):
        listed(f"{server.url}/runs/")
    assert "/elsewhere/" not in {path for _, path, _ in server.asked}


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:text/plain,x", "gopher://x/"])
def test_a_redirect_off_the_web_is_refused(server: Server, tmp_path: Path, to: str) -> None:
    server.redirect("/x.jsonl", to)
    with pytest.raises(UsageError, match="HTTP 302"):
        remote.fetch(Remote(f"{server.url}/x.jsonl"), tmp_path / "copy")


def test_a_file_that_is_named_may_be_redirected(server: Server, tmp_path: Path) -> None:
    server.redirect("/x.jsonl", "/runs/a.jsonl")
    remote.fetch(Remote(f"{server.url}/x.jsonl"), tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "runs/a.jsonl"
    server.redirect("/y.jsonl", "/y.jsonl")
    with pytest.raises(UsageError, match="HTTP 302"):
        remote.fetch(Remote(f"{server.url}/y.jsonl"), tmp_path / "copy")


def test_pages_that_link_to_each_other_end(server: Server) -> None:
    server.page("/runs/", '<a href="./a/">x</a><a href="/runs/">x</a>')
    server.page("/runs/a/", '<a href="/runs/">up</a><a href="/runs/a/">x</a><a href="x.jsonl">x</a>')
    assert listed(f"{server.url}/runs/") == [f"{server.url}/runs/a/x.jsonl"]


def test_what_has_no_end_is_cut_off(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    deep = ""
    for _ in range(address.DEEPEST + 3):
        server.page(f"/runs/{deep}", '<a href="x/">x</a><a href="f.jsonl">x</a>')
        deep += "x/"
    assert len(listed(f"{server.url}/runs/")) == address.DEEPEST + 1
    monkeypatch.setattr(web, "_MOST_PAGES", 3)
    with pytest.raises(UsageError, match="over the limit of 100000 files and 3 folders"):
        listed(f"{server.url}/runs/")
    monkeypatch.setattr(web, "_LARGEST_PAGE", 10)
    with pytest.raises(UsageError, match="over the limit of 10 bytes a page"):
        listed(f"{server.url}/runs/")
    monkeypatch.setattr(address, "LARGEST", 5)
    with pytest.raises(UsageError, match="over the limit of 5 bytes"):
        remote.fetch(Remote(f"{server.url}/runs/a.jsonl"), tmp_path / "copy")


def test_what_takes_too_long_is_cut_off(tmp_path: Path) -> None:
    clock = iter(range(0, 10_000, 100))
    with pytest.raises(UsageError, match="not read within 600 s"):
        address.copy(iter(lambda: b"x", b""), tmp_path / "copy", "http://x/y", lambda: float(next(clock)))


def test_what_breaks_off_is_no_file(server: Server, tmp_path: Path) -> None:
    def half(handler: Handler) -> None:
        send(handler, b"half", "application/json", 1000)
        handler.close_connection = True

    server.made_up["/half.jsonl"] = half
    with pytest.raises(UsageError, match=r"half\.jsonl: broke off after 4 of 1000 bytes"):
        remote.fetch(Remote(f"{server.url}/half.jsonl"), tmp_path / "copy")


def test_what_is_no_web_server_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for url in (
        f"http://127.0.0.1:{port}/a.jsonl",
        "http:///a.jsonl",
        "http://127.0.0.1:x/a.jsonl",
        "http://[/a.jsonl",
    ):
        with pytest.raises(UsageError, match="cannot read http:"):
            remote.fetch(Remote(url), tmp_path / "copy")


def nonsense(handler: Handler) -> None:
    handler.wfile.write(b"\xff\x00nonsense\r\n\r\n")
    handler.close_connection = True


def test_an_answer_that_is_no_http_is_told(server: Server, tmp_path: Path) -> None:
    server.made_up["/a.jsonl"] = nonsense
    with pytest.raises(UsageError, match=r"cannot read http://127\.0\.0\.1:\d+/a\.jsonl: ") as caught:
        remote.fetch(Remote(f"{server.url}/a.jsonl"), tmp_path / "copy")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(("status", "says"), [(404, "HTTP 404"), (403, "is it for this user to read"), (500, "500")])
def test_an_error_of_the_server_is_told(server: Server, status: int, says: str) -> None:
    server.made_up["/runs/"] = lambda handler: handler.send_error(status)
    with pytest.raises(UsageError, match=says):
        listed(f"{server.url}/runs/")


def test_user_and_password_are_sent_and_never_shown(server: Server, tmp_path: Path) -> None:
    url = server.url.replace("//", "//me:my%20secret@")
    (first, *_) = remote.listed(f"{url}/runs/", SUFFIXES)
    assert first.url == f"{url}/runs/a.jsonl"
    assert first.name == f"{server.url}/runs/a.jsonl"
    word = base64.b64encode(b"me:my secret").decode()
    assert {authorization for _, _, authorization in server.asked} == {f"Basic {word}"}
    with pytest.raises(UsageError) as caught:
        remote.fetch(Remote(f"{url}/none.jsonl?key=secret"), tmp_path / "copy")
    assert "secret" not in str(caught.value)


def test_another_host_is_not_told_the_password(server: Server, folder: Path, tmp_path: Path) -> None:
    with serving(folder) as other:
        server.redirect("/x.jsonl", f"{other.url}/runs/a.jsonl")
        server.redirect("/runs", f"{other.url}/runs/")
        url = server.url.replace("//", "//me:secret@")
        remote.fetch(Remote(f"{url}/x.jsonl"), tmp_path / "copy")
        assert listed(f"{url}/runs")[0] == f"{other.url}/runs/a.jsonl"
        assert {authorization for _, _, authorization in other.asked} == {""}


def test_the_state_is_known_where_the_server_dates(server: Server, folder: Path) -> None:
    there = Remote(f"{server.url}/runs/a.jsonl")
    before = remote.state(there)
    assert before == remote.state(there) != ""
    os.utime(folder / "runs" / "a.jsonl", (1e9, 1e9))
    assert remote.state(there) != before
    server.page("/latest", "{}", "application/json")
    assert remote.state(Remote(f"{server.url}/latest")) == ""
    assert remote.state(Remote(f"{server.url}/none")) == ""
