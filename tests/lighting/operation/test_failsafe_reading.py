"""What is said of a device that is not as it was commissioned."""

from __future__ import annotations

import pytest

from lighting.assets.folder import read_site
from lighting.assets.template import template_texts
from lighting.operation.failsafe_reading import drift_fact
from lighting.store.failsafe_record import FoundSettings
from lighting.wording.speech import say


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"watchdog": 10.0}, "its watchdog is 10 s, not 300 s; lighting commission puts it right, or says who can"),
        (
            {"watchdog": 10.0, "safety_level_1": 20.0},
            "its watchdog is 10 s, not 300 s, and 1 more of its settings changed; lighting commission puts them right",
        ),
    ],
)
def test_the_first_setting_is_named_and_others_only_where_there_are_some(found: dict[str, float], said: str) -> None:
    site = read_site(template_texts()).site
    assert site is not None
    commissioned = {"watchdog": 300.0, "safety_level_1": 100.0}
    fact = drift_fact(site, "CB02-D", FoundSettings({**commissioned, **found}, commissioned, 1, "operator"))
    assert fact is not None
    text = say(fact)
    assert said in text
    assert "0 more" not in text
