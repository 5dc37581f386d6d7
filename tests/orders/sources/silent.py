"""A server between a source and its database that can fall silent: it takes what comes, and answers nothing."""

import socket
import threading
from typing import Self


class SilentServer:
    """Passes everything on to `behind` (the path of a socket) until `silent` is set; without `behind` it is silent from the start."""

    def __init__(self, behind: str = "") -> None:
        self._behind = behind
        self.silent = threading.Event()
        self.accepted = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for wire in (self._listening, *self._open):
            wire.close()

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self._listening.accept()
            except OSError:
                return
            self.accepted += 1
            self._open.append(here)
            if self._behind:
                there = socket.socket(socket.AF_UNIX)
                there.connect(self._behind)
                self._open.append(there)
                for source, target in ((here, there), (there, here)):
                    threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65_536):
                if not self.silent.is_set():
                    target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return
