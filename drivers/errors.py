"""The one error family of the drivers. Whether to try again is a property of the type."""

from __future__ import annotations


class DriverError(Exception):
    """Base of all that can go wrong with a device; ``code`` is stable and has words in ``lighting.wording``."""

    code = "driver_error"

    def __init__(self, detail: str, *, bus: str = "", unit_id: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.bus = bus
        self.unit_id = unit_id


class Unreachable(DriverError):
    """No answer, a closed line, a busy gateway: nothing is known; trying again may help."""

    code = "unreachable"


class Rejected(DriverError):
    """The device answered and refused (exception reply), or we refused before the wire: do not repeat it as it is."""

    code = "rejected"

    def __init__(
        self, detail: str, *, bus: str = "", unit_id: int | None = None, exception_code: int | None = None
    ) -> None:
        super().__init__(detail, bus=bus, unit_id=unit_id)
        self.exception_code = exception_code


class Implausible(DriverError):
    """The answer does not fit the question (wrong unit, function, count, echo, value): not to be believed."""

    code = "implausible"
