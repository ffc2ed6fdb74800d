"""One open connection to a line: TCP, TLS or a serial port. One question at a time; whatever goes wrong has a type.

pymodbus gives the serial port (its asyncio transport over pyserial) and, in ``frames``, requests and frames. Its own
client is not used: it takes any reply for the answer, keeps the line through its retries, and loses why a connection
failed.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Collection
from typing import Any, cast

from pymodbus.transport.serialtransport import create_serial_connection

from drivers.bus_counters import BusCounters
from drivers.frames import Frames, Garbled, Misfit, RtuFrames, TcpFrames
from drivers.line_address import LineAddress
from drivers.questions import Question, Shape
from drivers.tls import TlsFiles, WrongPeer, client_context, peer_role, refuse_other_than_pinned

_MAX_WAITING = 4096
"""Bytes that are no answer and are kept for one; a frame has at most 260."""
_QUIET_TCP_S = 0.05
_GAP_CHARACTERS = 3.5
_SHORTEST_GAP_S = 0.00175
_RTU_OVERHEAD = 3
_OUR_CERTIFICATE = "; does it accept our certificate?"


class NoAnswer(Exception):
    """The time is over. ``heard`` says that bytes came, though no answer."""

    def __init__(self, *, heard: bool) -> None:
        super().__init__("only noise came" if heard else "no answer in time")
        self.heard = heard


class Lost(Exception):
    """The connection is gone, or could not be made; the text says why. ``was_asked``: while a question was out."""

    def __init__(self, why: str, *, was_asked: bool = False) -> None:
        super().__init__(why)
        self.was_asked = was_asked


class Link(asyncio.Protocol):
    """An open connection, made by ``open_link``. ``ask`` is for one at a time; ``peer_role`` is of a TLS peer.

    ``gap_s`` is the silence that a serial line needs between frames, 0 elsewhere; ``has_heard`` says that bytes came.
    """

    def __init__(self, address: LineAddress, counters: BusCounters) -> None:
        self.is_open = False
        self.peer_role: str | None = None
        self.gap_s = 0.0
        self._frames: Frames = RtuFrames(counters) if address.is_rtu else TcpFrames(counters)
        self._counters = counters
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._pending = b""
        self._question: Question | None = None
        self._late: Collection[Shape] = ()
        self._answer: asyncio.Future[bytes] = self._loop.create_future()
        self._quiet: asyncio.TimerHandle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_s = self._ends_s = 0.0
        self._quiet_s = _QUIET_TCP_S
        self._byte_s = 0.0
        self._heard_at_s = 0.0
        self.has_heard = False
        self._is_serial = address.framing == "serial"
        self._is_tls = address.framing == "tls"
        self._is_rtu = address.is_rtu
        self._why_lost = ""
        if self._is_serial:
            # Modbus over Serial Line V1.02, 2.5.1.1: 3.5 characters, and 1.75 ms above 19,200 baud.
            self._byte_s = address.bits_per_character / address.baud
            self.gap_s = max(_GAP_CHARACTERS * self._byte_s, _SHORTEST_GAP_S)
            self._quiet_s = self.gap_s + 0.02

    @property
    def tells_apart(self) -> bool:
        """Whether a late answer cannot be taken for the answer to another question."""
        return self._frames.tells_apart

    async def ask(self, question: Question, timeout_s: float, late: Collection[Shape] = ()) -> bytes:
        """The PDU that answers the question, in any shape; the caller judges it.

        On a serial line the time on the wire comes on top of ``timeout_s``. Raises ``NoAnswer``, ``Lost``, ``Garbled``
        or ``Misfit``.
        """
        frame = self._frames.encode(question)
        if self._byte_s:
            timeout_s += (len(frame) + question.reply_length + _RTU_OVERHEAD) * self._byte_s
        answer: asyncio.Future[bytes] = self._loop.create_future()
        self._send(frame)
        self._question, self._late, self._answer = question, late, answer
        self._ends_s = self._loop.time() + timeout_s
        if self._timer is None or self._timer_s > self._ends_s:
            self._watch_time()
        try:
            return await answer
        finally:
            self._question = None
            if self._quiet is not None:
                self._quiet.cancel()

    def tell(self, question: Question) -> float:
        """Send what nobody answers: a broadcast. Gives the seconds that it takes on the wire. Raises ``Lost``."""
        frame = self._frames.encode(question)
        self._send(frame)
        return len(frame) * self._byte_s

    async def drain(self) -> None:
        """Wait until a serial line has been quiet for long enough, and forget what came; at most one longest frame."""
        ends_s = self._loop.time() + self._quiet_s + 260 * self._byte_s
        while self._loop.time() < ends_s:
            heard_at_s = self._heard_at_s
            await asyncio.sleep(self._quiet_s)
            if self._heard_at_s == heard_at_s:
                break
        self._pending = b""

    def close(self) -> None:
        """End the connection; whoever waits for an answer gets ``Lost``."""
        self.is_open = False
        self._fail(Lost(self._why_lost or "the connection was closed", was_asked=True))
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        transport, self._transport = self._transport, None
        if transport is not None:
            try:  # an orderly end of TLS would wait for the peer; nothing of ours is on its way
                transport.abort() if self._is_tls else transport.close()
            except (RuntimeError, OSError):
                self._why_lost = self._why_lost or "closed by the transport"

    # asyncio calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by class
        self.is_open = True

    def connection_lost(self, exc: Exception | None) -> None:
        if self.is_open:
            self._counters.lost += 1
        self.is_open = False
        self._transport = None
        if not self._why_lost:
            self._why_lost = _reason(exc) if exc is not None else "the peer closed the connection"
            if self._is_tls and not self.has_heard and not isinstance(exc, ssl.SSLError):
                self._why_lost += _OUR_CERTIFICATE
        self._fail(Lost(self._why_lost, was_asked=True))

    def data_received(self, data: bytes) -> None:
        self._counters.bytes_received += len(data)
        self.has_heard = True
        if self._is_serial:
            self._heard_at_s = self._loop.time()
        if self._pending:
            data = self._pending + data
        question = self._question
        try:
            used, pdu = self._frames.take(data, question, self._late)
        except (Garbled, Misfit) as error:
            self._pending = b""
            self._fail(error)
            return
        self._pending = data[used:] if used < len(data) else b""
        if pdu is not None:
            self._question = None
            if not self._answer.done():
                self._answer.set_result(pdu)
        elif self._pending and question is not None and self._is_rtu:
            self._watch_for_noise(question)

    # the rest is ours

    def _send(self, frame: bytes) -> None:
        transport = self._transport
        if transport is None or not self.is_open:
            raise Lost(self._why_lost or "not connected")
        self._counters.bytes_sent += len(frame)
        if self._is_rtu:
            self._pending = b""
        try:
            if self._is_serial:
                cast("Any", transport).sync_serial.reset_input_buffer()  # what came before cannot be the answer
            transport.write(frame)
        except Exception as error:  # uvloop raises RuntimeError on a transport that was closed under us
            raise Lost(_reason(error)) from error

    def _watch_time(self) -> None:
        """Look when the question's time is over. One timer serves many questions, as setting one costs like a frame:
        it is set anew when it ends before the time of the question that is asked by then.
        """
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timer_s = self._loop.call_at(self._ends_s, self._time_is_over), self._ends_s

    def _time_is_over(self) -> None:
        self._timer = None
        if self._question is None:
            return
        if self._ends_s > self._timer_s:
            self._watch_time()
        else:
            self._fail(NoAnswer(heard=bool(self._pending)))

    def _watch_for_noise(self, question: Question) -> None:
        """As many bytes as the answer has, and no answer in them: when no more come, it was spoilt on its way."""
        if self._quiet is not None:
            self._quiet.cancel()
            self._quiet = None
        if len(self._pending) > _MAX_WAITING:
            self._pending = b""
            self._fail(Garbled("endless noise"))
        elif len(self._pending) >= question.reply_length + _RTU_OVERHEAD:
            self._quiet = self._loop.call_later(self._quiet_s, self._fail, Garbled("a frame with a wrong checksum"))

    def _fail(self, error: Exception) -> None:
        if self._question is not None and not self._answer.done():
            self._answer.set_exception(error)


async def open_link(
    address: LineAddress, counters: BusCounters, *, timeout_s: float, tls: TlsFiles | None, role: str = ""
) -> Link:
    """Connect. ``role`` is the one that a TLS peer must have, if any. Raises ``Lost`` or ``WrongPeer``."""
    link = Link(address, counters)
    try:
        async with asyncio.timeout(timeout_s):
            await _connect(link, address, tls)
    except TimeoutError as error:
        link.close()
        raise Lost("no connection in time") from error
    except (WrongPeer, asyncio.CancelledError):
        link.close()
        raise
    except Exception as error:  # pyserial, ssl and the system each have their own kinds
        link.close()
        why = _reason(error)
        if address.framing == "serial" and not isinstance(error, OSError):
            why = f"{address.device} does not take {_settings(address)}: {why}"
        if address.framing == "tls" and isinstance(error, ConnectionResetError):
            why = f"the peer broke off the TLS handshake{_OUR_CERTIFICATE}"
        raise Lost(why) from error
    if not link.is_open:
        raise Lost("the peer closed the connection at once")
    if role and link.peer_role != role:
        link.close()
        raise WrongPeer(f"the peer's role is {link.peer_role or 'not given'!r}, not {role!r}")
    return link


async def _connect(link: Link, address: LineAddress, tls: TlsFiles | None) -> None:
    loop = asyncio.get_running_loop()
    if address.framing == "serial":
        await create_serial_connection(
            loop,
            lambda: link,
            address.device,
            baudrate=address.baud,
            bytesize=8,
            parity=address.parity,
            stopbits=address.stop_bits,
            timeout=0,
        )
        await asyncio.sleep(0)  # the transport begins to read in the loop's next round
        await asyncio.sleep(0)
    elif address.framing == "tls":
        if tls is None:
            raise WrongPeer("Modbus/TCP Security needs the files ca, certificate and key")
        context, pinned = client_context(tls)
        transport, _ = await loop.create_connection(
            lambda: link, address.host, address.port, ssl=context, server_hostname=address.host
        )
        secured: ssl.SSLObject = transport.get_extra_info("ssl_object")
        certificate = secured.getpeercert(binary_form=True) or b""
        refuse_other_than_pinned(certificate, pinned)
        link.peer_role = peer_role(certificate) or ""
    else:
        await loop.create_connection(lambda: link, address.host, address.port)


def _settings(address: LineAddress) -> str:
    return f"{address.baud} baud, parity {address.parity}, {address.stop_bits} stop bits"


def _reason(error: Exception) -> str:
    """Why, in a few words of the system or the library."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the peer's certificate is not accepted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {(error.reason or str(error)).replace('_', ' ').lower()}"
    # termios.error is no OSError, though it has a number and a text just so.
    text = getattr(error, "strerror", None) or (error.args and error.args[-1]) or type(error).__name__
    return str(text).splitlines()[0][:200]
