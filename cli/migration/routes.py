"""An Alertmanager's routing tree, flat and in an order that our routing keeps.

Alertmanager walks the tree: the deepest matching route takes an alert, the first sibling
wins, and `continue` goes on to further siblings. With us one playbook takes it: most labels
in `match`, then `priority`. Decides the order, which labels stay in `match` and which become
conditions, so that what Alertmanager would page, pages here.

Of several receivers that one alert reaches through `continue`, a pager wins over a webhook
and over what only tells.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from cli.migration.alertmanager_document import RouteExport
from cli.migration.matchers import Matcher, condition_of, is_one_of, values_of


class Wakes(IntEnum):
    """Whether a receiver reaches something that wakes people."""

    NOBODY = 0
    PERHAPS = 1
    SURELY = 2


@dataclass(eq=False)
class Route:
    """One route with what it inherits; `where` is its place in the file."""

    where: str
    receiver: str
    own: tuple[Matcher, ...]
    goes_on: bool
    group_by: tuple[str, ...] | None
    muted: tuple[str, ...]
    active: tuple[str, ...]
    wakes: Wakes
    parent: "Route | None" = None
    children: list["Route"] = field(default_factory=list)

    @property
    def path(self) -> tuple[Matcher, ...]:
        """The matchers of this route and of all above it."""
        above = self.parent.path if self.parent else ()
        return tuple(dict.fromkeys((*above, *self.own)))

    def upwards(self) -> Iterator["Route"]:
        """This route and those above it."""
        yield self
        if self.parent:
            yield from self.parent.upwards()

    def earlier(self) -> list["Route"]:
        """The siblings that Alertmanager asks first."""
        if self.parent is None:
            return []
        siblings = self.parent.children
        return siblings[: siblings.index(self)]

    def subtree(self) -> Iterator["Route"]:
        """Those below, then this route: the order in which they take alerts."""
        for child in self.children:
            yield from child.subtree()
        yield self


@dataclass(frozen=True)
class Placed:
    """A route as our routing sees it; no `match` and no `when` is the fallback."""

    route: Route
    match: dict[str, tuple[str, ...]]
    when: tuple[str, ...]
    priority: int
    comes_last: bool
    demoted: tuple[str, ...]


@dataclass(frozen=True)
class Tree:
    """All routes that take alerts, the first to win first, and those that never do, with why."""

    placed: tuple[Placed, ...]
    unreached: tuple[tuple[Route, str], ...]
    root: Route


def tree_of(export: RouteExport, wakes: Mapping[str, Wakes]) -> Tree:
    """The routing tree; `wakes` says of each receiver whether it wakes people."""
    root = _route(export, None, "route", wakes)
    everything = list(root.subtree())
    moved = {route for route in everything if _is_on_the_way(route)}
    order = sorted(everything, key=lambda each: -each.wakes if each in moved else -_FIRST)
    rank = {route: index for index, route in enumerate(order)}
    live: list[tuple[Route, list[str]]] = []
    unreached: list[tuple[Route, str]] = []
    for route in order:
        why, excluded = _excluded(route, rank)
        if why:
            unreached.append((route, why))
        else:
            live.append((route, excluded))
    return Tree(_placed(live, root, moved), tuple(unreached), root)


def _route(
    export: RouteExport, parent: Route | None, where: str, wakes: Mapping[str, Wakes]
) -> Route:
    receiver = export.receiver or (parent.receiver if parent else "")
    inherited = parent.group_by if parent else None
    route = Route(
        where=where,
        receiver=receiver,
        own=export.own(),
        goes_on=bool(export.goes_on),
        group_by=export.group_by if export.group_by is not None else inherited,
        muted=export.mute_time_intervals,
        active=export.active_time_intervals,
        wakes=wakes.get(receiver, Wakes.SURELY),
        parent=parent,
    )
    route.children = [
        _route(child, route, f"{where}.routes[{index}]", wakes)
        for index, child in enumerate(export.routes)
    ]
    return route


_FIRST = 9


def _is_on_the_way(route: Route) -> bool:
    """Whether it is no pager, and Alertmanager goes on to others behind it."""
    return route.wakes is not Wakes.SURELY and any(
        each.goes_on for each in route.upwards() if each.parent
    )


def _excluded(route: Route, rank: Mapping[Route, int]) -> tuple[str, list[str]]:
    """Why the route takes nothing, or else the conditions that leave alerts to others."""
    if any(not values for values in _equal(route.path).values()):
        return "its matchers contradict each other", []
    others = list(route.children)
    for each in route.upwards():
        others += [sibling for sibling in each.earlier() if not sibling.goes_on]
    found: list[str] = []
    for other in others:
        if not set(other.own) - set(route.path):
            return f"{other.where} takes everything before it", []
        needs_saying = route.parent is not None and any(
            rank[below] > rank[route] for below in other.subtree()
        )
        if needs_saying and not _never_both(route, other):
            found.append(f"!({_conjunction(other.own)})")
    return "", list(dict.fromkeys(found))


def _conjunction(matchers: tuple[Matcher, ...]) -> str:
    equal = {name: is_one_of(name, values) for name, values in _equal(matchers).items()}
    rest = [condition_of(each) for each in matchers if values_of(each) is None]
    return " && ".join([*equal.values(), *rest])


def _equal(matchers: tuple[Matcher, ...]) -> dict[str, tuple[str, ...]]:
    """The labels with the only values that they may have, in the order they are asked for."""
    found: dict[str, tuple[str, ...]] = {}
    for each in matchers:
        values = values_of(each)
        if values is not None:
            before = found.get(each.label, values)
            found[each.label] = tuple(value for value in before if value in values)
    return found


def _never_both(one: Route, other: Route) -> bool:
    """Whether no alert can match both, as far as plain values show."""
    first, second = _equal(one.path), _equal(other.path)
    return any(not set(first[name]) & set(second[name]) for name in first.keys() & second.keys())


def _placed(
    live: list[tuple[Route, list[str]]], root: Route, moved: set[Route]
) -> tuple[Placed, ...]:
    """Each route with no more labels than those before it that may take the same alert."""
    found: list[Placed] = []
    for index, (route, excluded) in enumerate(live):
        equal = _equal(route.path)
        before = [
            each for each in found if each.route is not root and not _never_both(each.route, route)
        ]
        most = min([len(each.match) for each in before], default=len(equal))
        names = sorted(equal, key=lambda name: name != "alertname")
        kept, demoted = names[:most], names[most:]
        when = [is_one_of(name, equal[name]) for name in demoted]
        when += [condition_of(each) for each in route.path if values_of(each) is None]
        when += excluded
        if not kept and not when and route is not root:
            when = ["true"]
        found.append(
            Placed(
                route=route,
                match={name: equal[name] for name in kept},
                when=tuple(when),
                priority=10 * (len(live) - index),
                comes_last=route in moved,
                demoted=tuple(demoted),
            )
        )
    return tuple(found)


def also_told(route: Route) -> list[Route]:
    """Those that Alertmanager tells of every alert of this route, too."""
    return [
        other
        for each in route.upwards()
        for other in each.earlier()
        if other.goes_on and not other.children and not set(other.own) - set(route.path)
    ]


def goes_on_to(route: Route) -> list[Route]:
    """Those behind a `continue` that may get the same alerts as this route."""
    found: list[Route] = []
    for each in route.upwards():
        if each.parent and each.goes_on:
            siblings = each.parent.children
            behind = siblings[siblings.index(each) + 1 :]
            found += [other for other in behind if not _never_both(route, other)]
    return found
