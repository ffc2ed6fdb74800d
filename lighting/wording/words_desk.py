"""What the desk says: receipts, warnings and refusals of what a person asked."""

from __future__ import annotations

from lighting.wording.mark import N_

WORDS: dict[str, str] = {
    # the site
    "no_site_here": N_(
        "{folder} holds no site: there is no site.toml (choose one with --site DIR, or make one: lighting init DIR)"
    ),
}
