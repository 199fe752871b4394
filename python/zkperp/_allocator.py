"""How the extension's allocator (mimalloc) treats memory. Imported before the extension is loaded.

A proof touches gigabytes in blocks of hundreds of megabytes. By default each of them goes back to
the system at once and comes back as zeroed pages: a third of a warm proof's time. Reserving address
space costs nothing until it is touched; a value that the environment already has is left as it is.
The process, and those it starts, keep what they touched until they end.
"""

import os
from typing import Final

SETTINGS: Final = {
    "MIMALLOC_PURGE_DELAY": "-1",
    "MIMALLOC_ARENA_RESERVE": "8GiB",
}

for name, value in SETTINGS.items():
    os.environ.setdefault(name, value)
