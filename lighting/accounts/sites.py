"""Which accepted revision ruled when, read as sites; the last few are kept, for days come in order."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from lighting.assets.folder import read_accepted
from lighting.assets.model import Site
from lighting.store.store import Store

_KEPT = 3
_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Ruling:
    """A part of a span in which one revision ruled."""

    start_ms: int
    end_ms: int
    revision_id: int
    site: Site


class SitesInForce:
    """The revisions of a store as they stood when this was made. A ``fixed`` site ruled always, whatever they say."""

    def __init__(self, store: Store, *, fixed: Site | None = None) -> None:
        self._store = store
        self._fixed = fixed
        self._begins = sorted((one.id, one.at_ms) for one in store.revisions.list(limit=_ALL))
        self._sites: OrderedDict[int, Site | None] = OrderedDict()

    def of(self, start_ms: int, end_ms: int) -> tuple[Ruling, ...]:
        """Return the parts of a span, in order. Before the first revision, that one is taken.

        A revision that this program cannot read is passed over; without any that it can, there are no parts.
        """
        if self._fixed is not None:
            return (Ruling(start_ms, end_ms, 0, self._fixed),)
        parts: list[Ruling] = []
        for at, (number, begin_ms) in enumerate(self._begins):
            later = [other_ms for _, other_ms in self._begins[at + 1 :]]
            begin = start_ms if not at else max(start_ms, begin_ms)
            end = min([end_ms, *later])
            site = self.site(number) if begin < end else None
            if site is not None:
                parts.append(Ruling(begin, end, number, site))
        return _without_gaps(parts, start_ms, end_ms)

    def site(self, revision_id: int) -> Site | None:
        """Return the site of a revision; None where it cannot be read."""
        if revision_id not in self._sites:
            revision = self._store.revisions.get(revision_id)
            self._sites[revision_id] = None if revision is None else read_accepted(revision.files).site
            while len(self._sites) > _KEPT:
                self._sites.popitem(last=False)
        return self._sites[revision_id]


def _without_gaps(parts: list[Ruling], start_ms: int, end_ms: int) -> tuple[Ruling, ...]:
    """Let each part go on until the next, the first from the beginning and the last to the end."""
    ends = [part.start_ms for part in parts[1:]] + [end_ms]
    begins = [start_ms, *ends[:-1]]
    return tuple(
        Ruling(begin, end, part.revision_id, part.site)
        for part, begin, end in zip(parts, begins, ends, strict=False)
        if begin < end
    )
