"""The colours that tell routes apart, also for people who see few of them.

Twelve colours were searched in OKLab so that any two stay apart for normal sight and for simulated
protanopia and deuteranopia (Machado et al. 2009): the least distance of any two is 0.10, and 0.16 from the
map's land, water and parks. From the thirteenth route on they repeat with another dash.
"""

ROUTE_COLOURS = (
    ("#4252cd", "#7991fc"),
    ("#ef911d", "#feb977"),
    ("#2795ac", "#5cc1da"),
    ("#760357", "#c3569b"),
    ("#2ac5a8", "#56e5c6"),
    ("#71330c", "#b97450"),
    ("#996df0", "#bda3ff"),
    ("#7a6813", "#b19e51"),
    ("#bb6d68", "#ea9892"),
    ("#81a9fd", "#afc9fe"),
    ("#75567c", "#ae8db6"),
    ("#501499", "#9164e7"),
)
"""For each route a colour on a light and on a dark map."""

_DASH_COUNT = 4


def route_style(index: int) -> tuple[int, int]:
    """Return the number of the colour and of the dash (0 is a full line) of a plan's `index`-th route.

    Examples
    --------
    >>> route_style(3), route_style(15)
    ((3, 0), (3, 1))
    """
    return index % len(ROUTE_COLOURS), index // len(ROUTE_COLOURS) % _DASH_COUNT
