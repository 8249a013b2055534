"""A picture or film of an alarm: shown with consent, for a limited time, each look recorded.

In: its number. Out: its content, which a browser shows and never runs.
"""

from __future__ import annotations

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from operators_ui.console import OperatorRequest, ThisConsole
from station.store.media import open_media


@get("/incidents/{incident:int}/media/{media:int}")
async def show_media(
    request: OperatorRequest, console: ThisConsole, incident: FromPath[int], media: FromPath[int]
) -> Response[bytes]:
    """One picture or film."""
    found = await open_media(console.database, media, request.user.operator.id, f"incident {incident}")
    if found is None:
        raise NotFoundException
    content, kind = found
    return Response(content, media_type=kind, headers={"content-disposition": "inline"})
