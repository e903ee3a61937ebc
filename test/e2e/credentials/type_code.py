"""Run a program on a terminal of its own, and type CODE when it prompts for one.

usage: type_code.py CODE PROGRAM [ARGUMENT...]
"""
import os
import pty
import select
import sys
import time

code, command = sys.argv[1], sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
said, typed, end = b"", False, time.time() + 60
while time.time() < end:
    if not select.select([fd], [], [], 1)[0]:
        continue
    try:
        part = os.read(fd, 4096)
    except OSError:  # the other end is closed
        break
    if not part:
        break
    said += part
    if b"MFA code for" in said and not typed:
        typed = True
        os.write(fd, code.encode() + b"\n")
else:
    os.kill(pid, 9)
_, status = os.waitpid(pid, 0)
sys.stdout.write(said.decode(errors="replace").replace("\r\n", "\n"))
sys.exit(os.waitstatus_to_exitcode(status) & 255)
