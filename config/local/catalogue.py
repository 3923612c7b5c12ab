"""What the demo sells: two stores, fifteen things that are sent and two that are fetched."""

from typing import Final

from config.local.papermoth import PAPERMOTH
from config.local.saltware import SALTWARE
from config.local.sheets import StoreSheet

STORES: Final[tuple[StoreSheet, ...]] = (SALTWARE, PAPERMOTH)
