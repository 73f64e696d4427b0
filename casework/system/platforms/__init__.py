"""What differs between operating systems, behind one set of names.

`posix` is for Linux and macOS, `windows` for Windows; each defines every name below. Windows' own
libraries are called through ctypes, which is imported where it is used.
"""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from casework.system.platforms import windows as system
else:
    from casework.system.platforms import posix as system

login = system.login
make_private = system.make_private
others_read = system.others_read
scratch = system.scratch
take_rights = system.take_rights
close_hint = system.close_hint
flush = system.flush
network = system.network
device = system.device
in_use = system.in_use
heed_endings = system.heed_endings
colours = system.colours
language = system.language
settings_folder = system.settings_folder
opener = system.opener
show = system.show
EDITOR = system.EDITOR
PAGER = system.PAGER
PRAGMAS = system.PRAGMAS
FORMER_LOGIN = system.FORMER_LOGIN

__all__ = [
    "EDITOR",
    "FORMER_LOGIN",
    "PAGER",
    "PRAGMAS",
    "close_hint",
    "colours",
    "device",
    "flush",
    "heed_endings",
    "in_use",
    "language",
    "login",
    "make_private",
    "network",
    "opener",
    "others_read",
    "scratch",
    "settings_folder",
    "show",
    "take_rights",
]
