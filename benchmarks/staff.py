"""A member of staff as a program: signs in to the console and uploads a document."""

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from uuid import uuid4

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Staff:
    def __init__(self, address: str) -> None:
        self._address = address
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def sign_in(self, username: str, password: str) -> None:
        """Raises HTTPError if the console refuses."""
        fields = {"username": username, "password": password, "csrfmiddlewaretoken": self._token("/console/login/")}
        self._post("/console/login/", urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def upload(self, name: str, data: bytes) -> None:
        """Upload one document as the form on the documents page does. Raises HTTPError if it is refused."""
        token = self._token("/console/documents/")
        border = uuid4().hex
        parts = [
            f'--{border}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'.encode(),
            f'--{border}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
            f"Content-Type: application/octet-stream\r\n\r\n".encode(),
            data,
            f"\r\n--{border}--\r\n".encode(),
        ]
        self._post("/console/uploads/", b"".join(parts), f"multipart/form-data; boundary={border}")

    def _token(self, path: str) -> str:
        with self._browser.open(self._address + path) as response:
            found = TOKEN.search(response.read().decode("utf-8"))
        if found is None:
            raise RuntimeError(f"{path} holds no form")
        return found[1]

    def _post(self, path: str, body: bytes, content_type: str) -> None:
        request = urllib.request.Request(
            self._address + path, body, {"Content-Type": content_type, "Referer": self._address + path}
        )
        with self._browser.open(request) as response:
            response.read()
