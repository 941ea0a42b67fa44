"""terminal.py PROJECT TIERGATE CONFIG [UID]: a person at a terminal, with a shell that controls jobs, and a jail in it."""

import fcntl, os, pty, re, select, struct, sys, termios, time

project, tiergate, config = sys.argv[1:4]
child, master = pty.fork()
if child == 0:
    os.chdir(project)
    if len(sys.argv) > 4:
        os.setgroups([])
        os.setgid(int(sys.argv[4]))
        os.setuid(int(sys.argv[4]))
    os.environ["PS1"] = "outside$ "
    os.execv("/bin/bash", ["bash", "--norc", "--noprofile", "-i"])
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 111, 0, 0))
seen = b""


def read(limit):
    global seen
    if select.select([master], [], [], limit)[0]:
        try:
            seen += os.read(master, 4096)
        except OSError:
            sys.exit("the terminal is gone: " + seen.decode(errors="replace"))


def expect(pattern, within=30):
    global seen
    end = time.monotonic() + within
    while time.monotonic() < end:
        found = re.search(pattern, seen)
        if found:
            seen = seen[found.end():]
            return found
        read(0.2)
    sys.exit(f"never came: {pattern!r}; what came: {seen.decode(errors='replace')!r}")


def type(text):
    os.write(master, text.encode())


run = f"{tiergate} run --config {config} --"
expect(rb"outside\$ ")
type(f"{run} sh -c 'stty size; tty; echo re\"\"ady; sleep 60'\n")
expect(rb"33 111")
expect(rb"/dev/console")
expect(rb"ready")
# Not between fork and exec of the sleep: a shell that waits for that cannot stop.
time.sleep(2)
type("\x1a")
expect(rb"Stopped")
expect(rb"outside\$ ")
type("jobs\n")
expect(rb"Stopped")
expect(rb"outside\$ ")
type("fg\n")
expect(rb"sleep 60")
time.sleep(2)
type("\x03")
expect(rb"outside\$ ")
type("echo status $?\n")
expect(rb"status 130")

# A shell inside, with jobs of its own.
type(f"{run} bash --norc --noprofile -i\n")
type("PS1='inside$ '\n")
expect(rb"inside\$ ")
type("sleep 60\n")
time.sleep(2)
type("\x1a")
expect(rb"Stopped")
# `wait` does not wait for a stopped job, and a shell does not leave while it believes to have one.
type("kill -KILL %1; while jobs -s | grep -q .; do sleep 0.1; done; echo in\"\"ner\n")
expect(rb"inner")
type("exit 5\n")
expect(rb"outside\$ ")
type("echo status $?\n")
expect(rb"status 5")

# In the middle of a pipeline, and reading from the terminal from there.
type(f"{run} sh -c 'read line; echo got $line' | cat\n")
time.sleep(1.5)
type("word\n")
expect(rb"got word")
expect(rb"outside\$ ")
type("exit\n")
