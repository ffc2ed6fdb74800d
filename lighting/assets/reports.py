"""What ``[reports]`` of ``site.toml`` asks for: a report each month, in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ReportFormat = Literal["html", "pdf", "xlsx", "csv", "json"]
ReportLanguage = Literal["en", "vi"]


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """``folder`` is inside the site's folder unless it is absolute. ``baseline`` is a code of a baseline."""

    monthly: bool = False
    folder: str = "reports"
    formats: tuple[ReportFormat, ...] = ("html", "xlsx")
    languages: tuple[ReportLanguage, ...] = ("en",)
    baseline: Literal["same_lamps_full_power", "lamps_before", "metered_reference"] = "same_lamps_full_power"
