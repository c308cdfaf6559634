"""Administrative divisions (行政区划), and the addresses that people paste."""

from domain.regions.recognising import Recognised, recognise
from domain.regions.table import (
    NOT_DELIVERABLE,
    Division,
    UnknownPart,
    aliases,
    chain_of,
    cities_of,
    districts_of,
    is_named,
    name_of,
    nearest,
    place_named,
    provinces,
    region_of,
    resolve,
)

__all__ = [
    "NOT_DELIVERABLE", "Division", "Recognised", "UnknownPart", "aliases", "chain_of", "cities_of",
    "districts_of", "is_named", "name_of", "nearest", "place_named", "provinces", "recognise",
    "region_of", "resolve",
]  # fmt: skip
