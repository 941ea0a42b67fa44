"""Opens a Unix socket and hands it to a program, as systemd does for a socket unit: activate.py PATH PROGRAM ARGUMENTS…"""

import os, socket, sys

path, *words = sys.argv[1:]
listening = socket.socket(socket.AF_UNIX)
listening.bind(path)
os.chmod(path, 0o640)
listening.listen(64)
os.dup2(listening.fileno(), 3)
# It may have been that one already.
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(words[0], words)
