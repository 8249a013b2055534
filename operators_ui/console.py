"""What every handler of the console works with, in one value.

In: made once by `process`. Out: given to handlers as `console`, and who signed on as `request.user`.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs
from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency

from dispatcher.desk import Desk
from operators_ui.live import Screen
from operators_ui.pages import Pages
from operators_ui.passwords import Passwords
from operators_ui.strangers import Strangers
from station.languages import Language
from station.operators import Operator
from station.store.database import Database


@attrs.frozen(kw_only=True)
class Console:
    """The store, the desk, the live screen, the pages of each language, and what guards the door."""

    database: Database
    desk: Desk
    screen: Screen
    pages: Mapping[Language, Pages]
    passwords: Passwords
    strangers: Strangers
    #: Browsers come by https alone, whatever this process sees of it.
    secure_cookies: bool


@attrs.frozen
class SignedOn:
    """Who sends this request, and what their forms must carry."""

    operator: Operator
    csrf: str
    token_hash: bytes = attrs.field(repr=False)


#: A request of somebody who is signed on.
OperatorRequest = Request[SignedOn, None, State]

#: What a handler asks for to get the console.
ThisConsole = NamedDependency[Console]
