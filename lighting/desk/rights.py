"""Who may do what: the users of the site and their roles. A site that lists no users lets everybody act."""

from __future__ import annotations

from typing import Literal

from lighting.assets.fact import Fact
from lighting.assets.model import Site, User
from lighting.desk.refusal import Refused, WrongUsage
from lighting.wording.figures import is_printed_safely

LONGEST_USER_ID = 100
Role = Literal["viewer", "crew", "operator"]
_RANK: dict[str, int] = {"viewer": 0, "crew": 1, "operator": 2}


def user_of(site: Site, user_id: str) -> User:
    """The user of that id. In a site without users everybody is an operator; else an unlisted person may only read."""
    if not site.users:
        return User(user_id, user_id, "operator", below_floor=True)
    return site.users.get(user_id) or User(user_id, user_id, "viewer")


def check_user_id(user_id: str) -> None:
    """Raises ``WrongUsage`` for an id that no terminal could show as it is: it is stored with every act."""
    if not is_printed_safely(user_id) or len(user_id) > LONGEST_USER_ID:
        raise WrongUsage(Fact("user_id_not_printable", {"longest": LONGEST_USER_ID}))


def may(site: Site, user_id: str, role: Role) -> bool:
    """Whether that person has that role, or a higher one."""
    return _RANK[user_of(site, user_id).role] >= _RANK[role]


def require(site: Site, user_id: str, role: Role, act: str) -> None:
    """Raises ``Refused`` unless the person has the role; ``act`` is the word of the command."""
    check_user_id(user_id)
    if may(site, user_id, role):
        return
    if site.users and user_id not in site.users:
        raise Refused(Fact("user_not_listed", {"user": user_id, "act": act}))
    raise Refused(
        Fact("role_too_low", {"user": user_id, "role": user_of(site, user_id).role, "needed": role, "act": act})
    )


def require_below_floor(site: Site, user_id: str) -> None:
    """Raises ``Refused`` unless the person has the right to go under the floor while it is dark."""
    if not user_of(site, user_id).below_floor:
        raise Refused(Fact("below_floor_right_missing", {"user": user_id}))
