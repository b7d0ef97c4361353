"""Lines that only move: the terminal moves them by itself, so they need not be sent again."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from textual.app import App
from textual.geometry import Region
from textual.widget import Widget

from agentick_tui.chat.painting import Line
from agentick_tui.terminal_output import writer_of

if TYPE_CHECKING:
    from rich.segment import Segment

# Fewer lines are drawn as quickly as they are moved.
WORTH = 3


def scrolled(view: Widget, before: Sequence[Line], after: Sequence[Line]) -> Sequence[Line | None]:
    """Have the terminal move what has only moved; give what stands in each line then, None where nothing known does."""
    rows = distance(before, after)
    if not rows:
        return before
    app: App[Any] = cast("Any", view).app
    writer, region = writer_of(app), view.region
    if writer is None or writer.is_behind or region.height != len(after):
        return before
    if not _is_alone(view, region, app):
        return before
    top, count = region.y + 1, abs(rows)
    writer.ahead(f"\x1b[{top};{region.bottom}r\x1b[{top}H\x1b[{count}{'M' if rows > 0 else 'L'}\x1b[r")
    unknown = [None] * count
    return [*before[rows:], *unknown] if rows > 0 else [*unknown, *before[:rows]]


def distance(before: Sequence[Line], after: Sequence[Line]) -> int:
    """Tell by how many lines most have moved up, or down if less than zero; 0 where moving them is not worth it."""
    pairs = zip(before, after, strict=False)
    still = sum([old.row is new.row or old.row.segments == new.row.segments for old, new in pairs])
    if len(before) != len(after) or len(after) - still < WORTH:
        return 0
    stood: dict[tuple[Segment, ...], list[int]] = {}
    for y, line in enumerate(before):
        if line.row.segments:
            stood.setdefault(line.row.segments, []).append(y)
    moved = Counter(old - y for y, line in enumerate(after) for old in stood.get(line.row.segments, ()))
    if not moved:
        return 0
    # A text that repeats itself seems to have moved by several distances at once.
    rows = max(moved, key=lambda each: (moved[each], -abs(each)))
    return rows if moved[rows] - still >= WORTH else 0


def _is_alone(view: Widget, region: Region, app: App[Any]) -> bool:
    """Tell whether whole lines of the terminal are the view's, nothing is before it, and nothing waits to be drawn."""
    screen = view.screen
    # There is no public way to what waits to be drawn.
    compositor = screen._compositor  # pyright: ignore[reportPrivateUsage]  # see above
    waiting = view._repaint_regions or compositor._dirty_regions or screen._layout_required  # pyright: ignore[reportPrivateUsage]  # see above
    if waiting or view.text_selection is not None:
        return False
    if len(app.screen_stack) > 1 or region.column_span != (0, app.size.width):
        return False
    own = set(view.ancestors_with_self)
    return not any(
        widget not in own and region.overlaps(clip.intersection(place))
        for widget, (place, clip) in compositor.visible_widgets.items()
    )
