"""Meters that were replaced: what stands where since when, and the figures at which one ended and the next began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from lighting.assets.fact import Fact, Value
from lighting.desk import rights
from lighting.desk.acts import reason_given, text_given
from lighting.desk.desk import Desk
from lighting.desk.refusal import NotFound, Refused, WrongUsage
from lighting.desk.scopes import not_found
from lighting.desk.times import parse_moment
from lighting.energy.meter_facts import WS_PER_KWH
from lighting.energy.slots import HOUR_MS
from lighting.store.records import Installation, Quality, Reading
from lighting.store.store import Store

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_SERIAL = 64
MOST_KWH = Decimal(1_000_000_000)
ROUNDING_WS = WS_PER_KWH
"""A figure that was read off a display is rounded: the counter that was polled before it may be so much further."""
_LOOK_BACK_MS = 7 * 86_400_000


@dataclass(frozen=True, slots=True)
class MeterRow:
    """A device that measures: the channels that the site uses, and what was mounted there when, oldest first.

    Where nobody has told of a replacement there is nothing mounted to tell of.
    """

    device: str
    profile: str
    channels: tuple[str, ...]
    mounted: tuple[Installation, ...]


@dataclass(frozen=True, slots=True)
class Replacement:
    """A replacement as it was stored: the figures in Ws by channel, where they were given."""

    device: str
    at_ms: int
    serial_number: str
    closing_ws: Mapping[str, int]
    opening_ws: Mapping[str, int]
    silent: tuple[str, ...]
    """The channels whose energy around the replacement stays unknown, for a figure is missing."""


class MeterDesk:
    """Answers and acts for the person at ``desk``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def rows(self) -> list[MeterRow]:
        """Every device that measures, in the order of the table."""
        store, channels = self._desk.existing_store, self._channels()
        known = {} if store is None else store.keys.known("device")
        return [
            MeterRow(
                device,
                self._desk.site.devices[device].profile,
                channels[device],
                () if store is None or device not in known else tuple(store.keys.installations(known[device])),
            )
            for device in self._desk.site.devices
            if device in channels
        ]

    def replace(
        self, device: str, *, at: str, serial: str, closing: Sequence[str], opening: Sequence[str], reason: str
    ) -> Replacement:
        """Write down that another meter was mounted at a time in the past, with the figures of both.

        Raises ``Refused`` without the right and before an earlier replacement, ``NotFound`` for a device that is none
        of the site's, and ``WrongUsage`` for a time to come, a device that measures nothing, and figures that are none.
        """
        desk = self._desk
        rights.require(desk.site, desk.user_id, "crew", "meter replace")
        reason = reason_given(reason)
        channels = self._measuring(device)
        now_ms = desk.clock.now_ms()
        at_ms = parse_moment(desk.site, at, now_ms, past=True)
        if at_ms > now_ms:
            raise WrongUsage(Fact("meter_replaced_in_future", {"at_ms": at_ms, "now_ms": now_ms}))
        serial = _serial_given(serial)
        closing_ws, opening_ws = _figures(device, channels, closing), _figures(device, channels, opening)
        store = desk.store
        key = store.keys.ensure("device", [device], at_ms=now_ms)[device]
        _check_order(device, store.keys.installations(key), at_ms, serial)
        meters = store.keys.ensure("meter", [f"{device}:{channel}" for channel in channels], at_ms=now_ms)
        closing_ws = {
            channel: _not_before(store, meters[f"{device}:{channel}"], channel, at_ms, figure)
            for channel, figure in closing_ws.items()
        }
        found = [
            Reading(at_ms - before, meters[f"{device}:{channel}"], energy_ws=figure, quality=int(Quality.ENTERED))
            for figures, before in ((closing_ws, 1), (opening_ws, 0))
            for channel, figure in figures.items()
        ]
        store.readings.append(found)
        values: dict[str, Value] = {"serial": serial, "at_ms": at_ms, "reason": reason}
        values |= {f"closing_ws_{channel}": figure for channel, figure in closing_ws.items()}
        values |= {f"opening_ws_{channel}": figure for channel, figure in opening_ws.items()}
        store.keys.install(
            key,
            serial,
            from_utc=_EPOCH + timedelta(milliseconds=at_ms),
            told_by=desk.user_id,
            told_ms=now_ms,
            subject=device,
            values=values,
            # Marked with the fact itself: whoever rolls up meanwhile has the fact, or finds the mark still there.
            touched=[pair for meter in meters.values() for pair in _touched(store, meter, at_ms)],
        )
        silent = tuple(one for one in channels if one not in closing_ws or one not in opening_ws)
        return Replacement(device, at_ms, serial, closing_ws, opening_ws, silent)

    def _channels(self) -> dict[str, tuple[str, ...]]:
        """The meter channels that circuits and permanent loads name, by device."""
        site = self._desk.site
        refs = [ref for circuit in site.circuits.values() for ref in circuit.meter]
        refs += [ref for load in site.permanent_loads for ref in load.meter]
        found: dict[str, list[str]] = {}
        for ref in dict.fromkeys(refs):
            found.setdefault(ref.device, []).append(ref.channel)
        return {device: tuple(names) for device, names in found.items()}

    def _measuring(self, device: str) -> tuple[str, ...]:
        channels = self._channels()
        if device in channels:
            return channels[device]
        if device in self._desk.site.devices:
            raise WrongUsage(Fact("device_measures_nothing", {"device": device}))
        raise not_found("device", device, list(self._desk.site.devices))


def _serial_given(serial: str) -> str:
    cleaned = text_given(serial)
    if not cleaned or len(cleaned) > LONGEST_SERIAL:
        raise WrongUsage(Fact("meter_serial_missing", {"longest": LONGEST_SERIAL}))
    return cleaned


def _figures(device: str, channels: Sequence[str], given: Sequence[str]) -> dict[str, int]:
    """Figures in Ws by channel, of ``123.4`` (for a meter with one channel) and ``L1=123.4``."""
    found: dict[str, int] = {}
    for text in given:
        channel, is_named, figure = text.rpartition("=")
        if not is_named and len(channels) > 1:
            raise WrongUsage(Fact("meter_channel_missing", {"text": text, "known": ", ".join(channels)}))
        channel = channel.strip() if is_named else channels[0]
        if channel not in channels:
            values: dict[str, Value] = {"device": device, "channel": channel, "known": ", ".join(channels)}
            raise NotFound(Fact("meter_channel_unknown", values))
        if channel in found:
            raise WrongUsage(Fact("meter_figure_twice", {"channel": channel}))
        found[channel] = _ws_of(figure, text)
    return found


def _ws_of(figure: str, text: str) -> int:
    try:
        kwh = Decimal(figure.strip()) if figure.isascii() else Decimal("NaN")
    except InvalidOperation:
        kwh = Decimal("NaN")
    if not kwh.is_finite() or not 0 <= kwh <= MOST_KWH:
        raise WrongUsage(Fact("meter_figure_wrong", {"text": text, "most": int(MOST_KWH)}))
    return round(kwh * WS_PER_KWH)


def _check_order(device: str, mounted: Sequence[Installation], at_ms: int, serial: str) -> None:
    if not mounted:
        return
    standing = mounted[-1]
    since_ms = (standing.from_utc - _EPOCH) // timedelta(milliseconds=1)
    if at_ms <= since_ms:
        values: dict[str, Value] = {"device": device, "serial": standing.serial_number, "from_ms": since_ms}
        raise Refused(Fact("meter_replaced_before", values))
    if standing.serial_number == serial:
        raise WrongUsage(Fact("meter_stands_already", {"device": device, "serial": serial, "from_ms": since_ms}))


def _touched(store: Store, series_key: int, at_ms: int) -> list[tuple[int, int]]:
    """(series, time) of each hour from the last reading before the replacement to the first one after it, as far as a
    week on either side: the interval between them is another one from now on.
    """
    before = store.readings.of_series(series_key, at_ms - _LOOK_BACK_MS, at_ms - 2)
    after = store.readings.of_series(series_key, at_ms + 1, at_ms + _LOOK_BACK_MS)
    from_ms = before[-1].at_ms if before else at_ms - _LOOK_BACK_MS
    until_ms = after[0].at_ms if after else at_ms + _LOOK_BACK_MS
    return [(series_key, one_ms) for one_ms in (*range(from_ms, until_ms, HOUR_MS), until_ms)]


def _not_before(store: Store, series_key: int, channel: str, at_ms: int, figure_ws: int) -> int:
    """The closing figure, never under what was polled before it; refused where it lies under it by more than rounding.

    Else the counter would seem to have fallen back, and the energy before the replacement would be unknown.
    """
    before = store.readings.of_series(series_key, at_ms - _LOOK_BACK_MS, at_ms - 1)
    doubted = Quality.OUT_OF_RANGE | Quality.CLOCK_DOUBTED | Quality.STALE
    counters = [one.energy_ws for one in before if one.energy_ws is not None and not one.quality & doubted]
    if not counters or counters[-1] <= figure_ws:
        return figure_ws
    if counters[-1] - figure_ws > ROUNDING_WS:
        polled_kwh, kwh = counters[-1] / WS_PER_KWH, figure_ws / WS_PER_KWH
        raise WrongUsage(Fact("meter_closing_too_low", {"channel": channel, "kwh": kwh, "polled_kwh": polled_kwh}))
    return counters[-1]
