"""One line an event, in a file or as JSON, and quiet libraries."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from lighting.operation.log import set_up_logs


@pytest.fixture
def restored_logs() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.usefixtures("restored_logs")
def test_json_lines_carry_event_level_time_and_values(tmp_path: Path) -> None:
    file = tmp_path / "logs" / "run.log"
    set_up_logs(log_file=file, level="info", as_json=True)
    structlog.get_logger("lighting.operation.test").warning("device_not_answering", device="CB01-D")
    structlog.get_logger("lighting.operation.test").debug("not_this_one")
    logging.getLogger("pymodbus").error("noise")
    (line,) = file.read_text(encoding="utf-8").splitlines()
    event = json.loads(line)
    assert event["event"] == "device_not_answering"
    assert event["device"] == "CB01-D"
    assert event["level"] == "warning"
    assert event["logger"] == "lighting.operation.test"
    assert event["timestamp"].endswith("Z")


@pytest.mark.usefixtures("restored_logs")
def test_plain_lines_without_colours_go_into_a_file(tmp_path: Path) -> None:
    file = tmp_path / "run.log"
    set_up_logs(log_file=file, level="INFO", as_json=False)
    structlog.get_logger("lighting.operation.test").info("tick", number=3)
    text = file.read_text(encoding="utf-8")
    assert "tick" in text
    assert "number=3" in text
    assert "\x1b[" not in text
