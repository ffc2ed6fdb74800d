"""A small Modbus server whose answers a test decides byte by byte, so that it can be as wrong as real lines are."""

from __future__ import annotations

import asyncio
import ssl
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Question:
    """A request as it came: the unit, its PDU, and the number of the connection and of the request on the line."""

    unit_id: int
    pdu: bytes
    connection: int
    number: int

    @property
    def function(self) -> int:
        return self.pdu[0]

    @property
    def address(self) -> int:
        return int.from_bytes(self.pdu[1:3], "big")

    @property
    def count(self) -> int:
        """Of a read: how many; of a single write: the raw value."""
        return int.from_bytes(self.pdu[3:5], "big")


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply's PDU, and what is wrong around it. ``frame`` replaces the whole frame by these bytes."""

    pdu: bytes = b""
    unit_id: int | None = None
    transaction_id: int | None = None
    after: asyncio.Event | None = None
    frame: bytes = b""
    close: bool = False


Answering = Callable[[Question], Answer | None]


def registers(*values: int, function: int = 3) -> Answer:
    return Answer(bytes([function, 2 * len(values)]) + struct.pack(f">{len(values)}H", *values))


def bits(*values: bool, function: int = 1) -> Answer:
    packed = sum(value << index for index, value in enumerate(values))
    count = (len(values) + 7) // 8
    return Answer(bytes([function, count]) + packed.to_bytes(count, "little"))


def refusal(question: Question, code: int) -> Answer:
    return Answer(bytes([question.function | 0x80, code]))


def echo(question: Question) -> Answer:
    return Answer(question.pdu[:5])


def crc16(data: bytes) -> bytes:
    """Modbus over Serial Line V1.02, 6.2.2."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc.to_bytes(2, "little")


@dataclass(slots=True)
class EvilLine:
    """A listening line. ``questions`` is everything that arrived, in order."""

    framing: str
    answering: Answering
    port: int = 0
    security: ssl.SSLContext | None = None
    questions: list[Question] = field(default_factory=list)
    connections: int = 0
    server: asyncio.Server | None = None
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"{self.framing}://127.0.0.1:{self.port}"

    async def open(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.security)
        self.port = self.server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        if self.server is None:
            return
        self.server.close()
        for writer in self.writers:
            writer.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.writers.clear()
        self.tasks.clear()
        self.server = None

    def also_send(self, question: Question, answer: Answer) -> None:
        """Send something before the answer that is being made, on the connection of that question."""
        self._send(self.writers[question.connection - 1], 0, question.unit_id, answer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection = self.connections
        self.writers.append(writer)
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        try:
            while True:
                transaction_id, unit_id, pdu = await self._question(reader)
                question = Question(unit_id, pdu, connection, len(self.questions) + 1)
                self.questions.append(question)
                answer = self.answering(question)
                if answer is None:
                    continue
                if answer.after is not None:
                    waiting = asyncio.create_task(self._later(writer, transaction_id, unit_id, answer))
                    self.tasks.add(waiting)
                    continue
                self._send(writer, transaction_id, unit_id, answer)
                if answer.close:
                    break
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _question(self, reader: asyncio.StreamReader) -> tuple[int, int, bytes]:
        if self.framing in ("tcp", "tls"):
            transaction_id, _, length, unit_id = struct.unpack(">HHHB", await reader.readexactly(7))
            return transaction_id, unit_id, await reader.readexactly(length - 1)
        head = await reader.readexactly(7)
        pdu = head[1:6] if head[1] <= 6 else head[1:] + await reader.readexactly(head[6])
        await reader.readexactly(1 if head[1] <= 6 else 2)
        return 0, head[0], pdu

    async def _later(self, writer: asyncio.StreamWriter, transaction_id: int, unit_id: int, answer: Answer) -> None:
        assert answer.after is not None
        await answer.after.wait()
        self._send(writer, transaction_id, unit_id, answer)

    def _send(self, writer: asyncio.StreamWriter, transaction_id: int, unit_id: int, answer: Answer) -> None:
        unit_id = unit_id if answer.unit_id is None else answer.unit_id
        transaction_id = transaction_id if answer.transaction_id is None else answer.transaction_id
        body = bytes([unit_id]) + answer.pdu
        if answer.frame:
            frame = answer.frame
        elif self.framing in ("tcp", "tls"):
            frame = struct.pack(">HHH", transaction_id, 0, len(body)) + body
        else:
            frame = body + crc16(body)
        if frame and (answer.pdu or answer.frame) and not writer.is_closing():
            writer.write(frame)


Serve = Callable[..., Awaitable[EvilLine]]
