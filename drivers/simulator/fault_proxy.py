"""Stands between a client and a Modbus server and does wrong what rules say: seeded, counted, bounded in memory.

It knows where questions and answers begin, on Modbus TCP and on RTU over TCP, and passes on what it has no fault for.
Whatever it does to the answers, the server has seen the questions (but for those that are themselves lost).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Literal, Self

from drivers.simulator.answer_framing import Answer, rtu_answers, tcp_answers
from drivers.simulator.fault_damage import damaged
from drivers.simulator.fault_dice import Fault, FaultDice
from drivers.simulator.fault_rule import DAMAGES, FaultKind, FaultRule
from drivers.simulator.framing import Framing, Request, RtuFraming, TcpFraming

_CHUNK = 4096
_MOST_PENDING = 64
"""Questions of one connection whose answer is awaited, and answers that are held back: the oldest is forgotten."""


class FaultProxy:
    """A listening socket before a server. ``port`` 0 lets the system choose; ``start`` sets the real one.

    ``async with FaultProxy(rules, server=("127.0.0.1", 502), framing="tcp") as proxy`` listens until the block ends.
    ``done`` counts the faults by kind, ``question_count`` all questions that came.
    """

    def __init__(
        self,
        rules: Iterable[FaultRule],
        *,
        server: tuple[str, int],
        framing: Literal["tcp", "rtu-tcp"],
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 0,
        bus: str = "",
    ) -> None:
        self.host = host
        self.port = port
        self.framing = framing
        self.server = server
        self.done: Counter[FaultKind] = Counter()
        self.question_count = 0
        self.wire: Framing = TcpFraming() if framing == "tcp" else RtuFraming()
        self.bus = bus
        self.dice = FaultDice(rules, seed=seed, bus=bus)
        self._listening: asyncio.Server | None = None
        self._links: dict[_Link, asyncio.Task[None]] = {}
        self._timers: deque[asyncio.TimerHandle] = deque(maxlen=_MOST_PENDING)
        self._begun_s = 0.0

    @property
    def url(self) -> str:
        return f"{self.framing}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def link_count(self) -> int:
        """The connections that stand now."""
        return len(self._links)

    async def start(self) -> None:
        """Listen. Raises ``OSError`` when the port is taken or forbidden."""
        self._listening = await asyncio.start_server(self._serve, self.host, self.port)
        self.port = self._listening.sockets[0].getsockname()[1]
        self._begun_s = time.monotonic()

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        if self._listening is not None:
            self._listening.close()
        for timer in self._timers:
            timer.cancel()
        tasks = list(self._links.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=5.0)
        await asyncio.sleep(0)  # transports close their sockets in the loop's next round

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def do(self, rules: Iterable[FaultRule], *, seed: int = 0) -> None:
        """From now on do these faults and no others; questions and seconds are counted anew."""
        self.dice = FaultDice(rules, seed=seed, bus=self.bus)
        self._begun_s = time.monotonic()

    def mend(self) -> None:
        """Do no more faults. A link that is half open stays so, as a dead one does."""
        self.do(())

    def cut(self) -> None:
        """End every connection, as a gateway that restarts does; new ones are taken."""
        for link in self._links:
            link.cut()

    def now_s(self) -> float:
        """Real seconds since it began to listen, or to do its present faults."""
        return time.monotonic() - self._begun_s

    def answers(self, buffer: bytearray) -> list[Answer]:
        return tcp_answers(buffer) if self.framing == "tcp" else rtu_answers(buffer)

    def send_to_any(self, data: bytes) -> None:
        """Give the bytes to the connection that was made last, as a transparent serial gateway does."""
        if self._links:
            list(self._links)[-1].send_now(data)

    def later(self, after_s: float, send: Callable[[bytes], None], data: bytes) -> None:
        """Send the bytes after a while. Too many that wait: the oldest is forgotten."""
        if len(self._timers) == _MOST_PENDING:
            self._timers[0].cancel()
        self._timers.append(asyncio.get_running_loop().call_later(after_s, send, data))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        link = _Link(self, reader, writer)
        self._links[link] = task
        try:
            await link.run()
        except asyncio.CancelledError:
            pass  # the proxy is closed; a handler that ends cancelled is reported as an error by asyncio
        finally:
            del self._links[link]


class _Link:
    """One client's connection and its own connection to the server."""

    def __init__(self, proxy: FaultProxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._from_client = reader
        self._to_client = writer
        self._to_server: asyncio.StreamWriter | None = None
        self._pending: deque[tuple[Request, Fault | None]] = deque(maxlen=_MOST_PENDING)
        self._held: deque[bytes] = deque(maxlen=_MOST_PENDING)
        self._is_mute = False

    async def run(self) -> None:
        """Until one of the two sides ends it."""
        fault = self._proxy.dice.for_connection(self._proxy.now_s())
        try:
            if fault is not None:
                self._count(fault)
                await self._swallow()
                return
            from_server, self._to_server = await asyncio.open_connection(*self._proxy.server)
            await self._pass_both_ways(from_server)
        except (OSError, EOFError):
            pass
        finally:
            for writer in (self._to_client, self._to_server):
                if writer is not None:
                    writer.transport.abort()

    def cut(self) -> None:
        self._to_client.transport.abort()

    def send_now(self, data: bytes) -> None:
        if not self._is_mute and not self._to_client.is_closing():
            self._to_client.write(data)

    async def _pass_both_ways(self, from_server: asyncio.StreamReader) -> None:
        questions = asyncio.ensure_future(self._pass_questions())
        answers = asyncio.ensure_future(self._pass_answers(from_server))
        try:
            await asyncio.wait((questions, answers), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (questions, answers):
                task.cancel()
            await asyncio.gather(questions, answers, return_exceptions=True)

    async def _pass_questions(self) -> None:
        assert self._to_server is not None
        buffer = bytearray()
        while data := await self._from_client.read(_CHUNK):
            buffer += data
            for question in self._proxy.wire.requests(buffer):
                self._ask(question)
            if self._is_mute:
                await self._swallow()
                return
            await self._to_server.drain()

    def _ask(self, question: Request) -> None:
        """Pass one question on, unless it is the question that its fault hits."""
        proxy = self._proxy
        proxy.question_count += 1
        fault = proxy.dice.for_question(question.unit_id, question.pdu[0], proxy.now_s())
        if self._is_mute:
            return
        kind = "" if fault is None else fault.rule.fault
        if fault is not None and (kind == "half_open" or (kind in ("drop", "reset") and fault.rule.lost == "question")):
            self._count(fault)
            self._is_mute = kind == "half_open"
            if kind == "reset":
                self._reset()
            return
        self._pending.append((question, fault))
        assert self._to_server is not None
        self._to_server.write(proxy.wire.reply(question, question.pdu))
        while self._held:
            self.send_now(self._held.popleft())

    async def _pass_answers(self, from_server: asyncio.StreamReader) -> None:
        buffer = bytearray()
        while data := await from_server.read(_CHUNK):
            buffer += data
            for answer in self._proxy.answers(buffer):
                await self._give(answer)
            await self._to_client.drain()
        if self._is_mute:
            await asyncio.get_running_loop().create_future()  # a link that is cut somewhere tells nothing of its end

    async def _give(self, answer: Answer) -> None:
        question, fault = self._question_of(answer)
        if question is None or fault is None:
            self.send_now(answer.frame)
            return
        rule = fault.rule
        frame = damaged(fault, question, answer, self._proxy.wire) if rule.fault in DAMAGES else b""
        if frame is None:
            self.send_now(answer.frame)
            return
        self._count(fault)
        wait_s = (rule.delay_ms + rule.jitter_ms * fault.chance.random()) / 1000
        match rule.fault:
            case "delay" if rule.any_connection:
                self._proxy.later(wait_s, self._proxy.send_to_any, answer.frame)
            case "delay":
                await asyncio.sleep(wait_s)
                self.send_now(answer.frame)
            case "duplicate" if wait_s > 0:
                self.send_now(answer.frame)
                self._proxy.later(wait_s, self.send_now, answer.frame)
            case "duplicate":
                self.send_now(answer.frame + answer.frame)
            case "late":
                self._held.append(answer.frame)
            case "drop":
                pass
            case "reset":
                self._reset()
            case _:
                self.send_now(frame)

    def _question_of(self, answer: Answer) -> tuple[Request | None, Fault | None]:
        """The question that the answer is one to: by transaction on TCP, on RTU the newest of its unit and function."""
        if not answer.pdu:
            return None, None
        for place in reversed(range(len(self._pending))):
            question, fault = self._pending[place]
            if self._proxy.framing == "tcp":
                is_its = question.transaction_id == answer.transaction_id
            else:
                is_its = (question.unit_id, question.pdu[0]) == (answer.unit_id, answer.pdu[0] & 0x7F)
            if is_its:
                del self._pending[place]
                return question, fault
        return None, None

    async def _swallow(self) -> None:
        """Take what comes and say nothing, until the client itself ends it."""
        self._is_mute = True
        while await self._from_client.read(_CHUNK):
            pass

    def _reset(self) -> None:
        """End the connection by RST, not by FIN."""
        raw = self._to_client.get_extra_info("socket")
        if raw is not None:
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._to_client.transport.abort()

    def _count(self, fault: Fault) -> None:
        self._proxy.done[fault.rule.fault] += 1
