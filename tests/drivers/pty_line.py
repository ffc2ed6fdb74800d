"""A serial line without hardware: a pseudo-terminal whose other end is served by a test, frame by frame."""

from __future__ import annotations

import asyncio
import os
import tty
from collections.abc import Callable

from tests.drivers.evil_line import Answer, Question, crc16

Serving = Callable[[Question], "list[bytes]"]


def framed(question: Question, answer: Answer) -> bytes:
    """An answer of the asked unit as an RTU frame."""
    body = bytes([question.unit_id if answer.unit_id is None else answer.unit_id]) + answer.pdu
    return body + crc16(body)


class PtyLine:
    """Serves RTU on a pseudo-terminal. ``serving`` gives the bytes to send, piece by piece, for each question."""

    def __init__(self, serving: Serving) -> None:
        self.questions: list[Question] = []
        self._serving = serving
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        self.device = os.ttyname(self._theirs)
        self._buffer = b""
        asyncio.get_running_loop().add_reader(self._ours, self._read)

    @property
    def url(self) -> str:
        return f"serial://{self.device}"

    def send(self, data: bytes) -> None:
        """Put bytes on the line that nobody asked for."""
        os.write(self._ours, data)

    def close(self) -> None:
        """Pull the plug."""
        if self._ours >= 0:
            asyncio.get_running_loop().remove_reader(self._ours)
            os.close(self._ours)
            os.close(self._theirs)
            self._ours = -1

    def _read(self) -> None:
        self._buffer += os.read(self._ours, 1024)
        while (size := _request_size(self._buffer)) and len(self._buffer) >= size:
            frame, self._buffer = self._buffer[:size], self._buffer[size:]
            assert crc16(frame[:-2]) == frame[-2:]
            question = Question(frame[0], frame[1:-2], 1, len(self.questions) + 1)
            self.questions.append(question)
            for piece in self._serving(question):
                self.send(piece)


def _request_size(buffer: bytes) -> int:
    if len(buffer) < 8:
        return 0
    return 9 + buffer[6] if buffer[1] in (15, 16) else 8
