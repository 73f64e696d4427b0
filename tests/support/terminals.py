"""The command at a terminal."""

import os
import subprocess
import sys
from pathlib import Path

COMMAND = Path(sys.executable).with_name("casework")


def shown(store, columns, *words, ended=None, typed=(), **environment):
    """Return the lines a terminal of so many columns is sent, of both streams.

    The lines `typed` are its input. The exit code is appended to `ended`, where that is a list.
    """
    import fcntl
    import pty
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    plain = {"TERM": "xterm", "NO_COLOR": "1", "COLUMNS": str(columns)}
    # No test waits for a pager, but those that are about one.
    plain |= {"CASEWORK_PAGER": os.environ.get("CASEWORK_PAGER", "cat")}
    command = [COMMAND, "--db", store, *words]
    with subprocess.Popen(
        command, stdout=slave, stderr=slave, stdin=slave, env={**os.environ, **plain, **environment}
    ) as process:
        os.close(slave)
        os.write(master, "".join(f"{line}\n" for line in typed).encode())
        sent = b""
        try:
            while part := os.read(master, 1 << 16):
                sent += part
        except OSError:
            pass
    os.close(master)
    if ended is not None:
        ended.append(process.returncode)
    return sent.decode().replace("\r", "").split("\n")
