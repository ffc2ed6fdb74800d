"""What ``lighting replay`` does: serves a recording until it is told to end."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from drivers.recording import Recording, RecordingProblem, read_recording
from drivers.simulator.replay_line import ReplayLine
from lighting.assets.fact import Fact, Value
from lighting.cli.exit_codes import Exit
from lighting.cli.voice import Voice, voice_for
from lighting.desk.refusal import WrongUsage

HOST = "127.0.0.1"
_SHOWN_UNKNOWN = 5


def run_replay(file: Path, port: int) -> int:
    """Serve that file on loopback. Raises ``WrongUsage`` for a file that is no recording, OSError for a taken port."""
    voice = voice_for()
    recording = read_file(file)
    with asyncio.Runner() as runner:
        runner.run(_serve(recording, port, voice))
    return Exit.FINE


def read_file(file: Path) -> Recording:
    """Read a recording, with its problem told as file and line."""
    try:
        with file.open(encoding="utf-8") as lines:
            return read_recording(lines)
    except RecordingProblem as problem:
        values: dict[str, Value] = {"file": str(file), "line": problem.line, "found": problem.found}
        raise WrongUsage(Fact(problem.code, values)) from problem
    except UnicodeDecodeError as error:
        raise WrongUsage(Fact("recording_no_head", {"file": str(file), "line": 1})) from error


async def _serve(recording: Recording, port: int, voice: Voice) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    line = ReplayLine(HOST, port, recording.exchanges)
    await line.start()
    units = ", ".join(str(unit_id) for unit_id in recording.unit_ids)
    values: dict[str, Value] = {
        "url": f"tcp://{HOST}:{line.port}",
        "units": units,
        "exchanges": len(recording.exchanges),
    }
    voice.tell(Fact("replay_serves", values))
    try:
        await ended.wait()
    finally:
        await line.close()
    voice.tell(Fact("replay_ended", {"served": line.served, "unknown": sum(line.unknown.values())}))
    for (unit_id, request), count in line.unknown.most_common(_SHOWN_UNKNOWN):
        voice.tell(Fact("replay_unknown", {"unit": unit_id, "request": request.hex(), "count": count}))
