"""The proxy against real sockets: a small server on the loopback plays the index."""

import http.server
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from bot.adapters.egress import allowed, proxy


class Index(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = f"{self.path} {self.headers.get('Proxy-Connection')}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def through(address: str, url: str) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": address, "https": address}))
    with opener.open(url, timeout=10) as answer:
        return answer.read()


def test_a_listed_host_is_reached(port: int) -> None:
    with proxy(["127.0.0.1"]) as address:
        assert through(address, f"http://127.0.0.1:{port}/simple/?a=1") == b"/simple/?a=1 None"
        assert through(address, f"http://127.0.0.1:{port}") == b"/ None"


def test_any_other_host_is_refused(port: int) -> None:
    with proxy(["pypi.org"]) as address, pytest.raises(urllib.error.HTTPError, match="403"):
        through(address, f"http://127.0.0.1:{port}/")


def spoken(address: str, data: bytes) -> bytes:
    host, _, number = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(number)), timeout=10) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := client.recv(1000):
            answer += chunk
        return answer


def test_tunnels(port: int) -> None:
    request = b"GET /x HTTP/1.0\r\n\r\n"
    with proxy(["127.0.0.1"]) as address:
        host, _, number = address.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(number)), timeout=10) as client:
            client.sendall(f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\n".encode())
            assert client.recv(1000).startswith(b"HTTP/1.1 200")
            client.sendall(request)
            assert b"200 OK" in client.recv(1000)
        assert spoken(address, b"CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 502")
        assert spoken(address, b"CONNECT evil.example:443 HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 403")
        assert spoken(address, b"CONNECT 127.0.0.1:notaport HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 403")
        assert spoken(address, b"GET http://[bad/ HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 403")
        assert spoken(address, b"nonsense\r\n\r\n") == b""
        assert spoken(address, b"") == b""


@pytest.mark.parametrize(
    ("host", "passes"),
    [
        ("pypi.org", True),
        ("PyPI.org", True),
        ("a.pythonhosted.org", True),
        ("pythonhosted.org.evil", False),
        ("", False),
    ],
)
def test_the_list(host: str, passes: bool) -> None:
    assert allowed(host, ("pypi.org", "*.pythonhosted.org")) is passes
