"""Becomes another program, after arranging to die with whoever started it.

Runs as a script, before anything of the project is imported, so that the
launcher never executes Python between ``fork`` and ``exec``:

    python -I -S trampoline.py PARENT DEATH_SIGNAL IDENTITY [NAME=value ...] -- PROGRAM [ARGUMENT ...]

``IDENTITY`` is for programs that refuse to run as root.  ``own`` changes
nothing.  ``namespace`` enters a user namespace that shows root as user 1000: no
account is made and the files stay root's.  ``nobody`` becomes that user and
keeps the one capability that reaches a data directory under ``/root``, for
containers that forbid namespaces.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1  # this and all below: linux/prctl.h, linux/capability.h, linux/sched.h
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522
CLONE_NEWUSER = 0x10000000
UID_IN_NAMESPACE = 1000

_libc = ctypes.CDLL(None, use_errno=True)


def enter_namespace() -> None:
    """Look like user 1000 to the program, like root to the file system."""
    uid, gid = os.geteuid(), os.getegid()
    _checked(_libc.unshare(CLONE_NEWUSER), "unshare")
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{UID_IN_NAMESPACE} {uid} 1")
    _write("/proc/self/gid_map", f"{UID_IN_NAMESPACE} {gid} 1")


def become_nobody() -> None:
    """Give up root, except for passing through directories of other users."""
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setresgid(nobody.pw_gid, nobody.pw_gid, nobody.pw_gid)
    _checked(_libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "prctl")
    os.setresuid(nobody.pw_uid, nobody.pw_uid, nobody.pw_uid)
    kept = 1 << CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(kept, kept, kept, 0, 0, 0)  # effective, permitted, inheritable: low halves, then high
    _checked(_libc.capset(header, sets), "capset")
    _checked(_libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0), "prctl")


def die_with(parent: int, death_signal: int) -> None:
    """Receive ``death_signal`` when the parent's thread that started us ends, be it by ``kill -9``."""
    _checked(_libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0), "prctl")
    if os.getppid() != parent:  # it ended before we could ask
        sys.exit(1)


def main(parent: str, death_signal: str, identity: str, *rest: str) -> None:
    """Become the program."""
    split = rest.index("--")
    variables, program = rest[:split], rest[split + 1 :]
    if identity == "namespace":
        enter_namespace()
    elif identity == "nobody":
        become_nobody()
    die_with(int(parent), int(death_signal))  # after the identity: a change of user clears it
    for variable in variables:
        name, _, value = variable.partition("=")
        os.putenv(name, value)
    os.execv(program[0], program)  # noqa: S606 - the point of this script


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    os.write(descriptor, text.encode())
    os.close(descriptor)


def _checked(result: int, call: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), call)


if __name__ == "__main__":
    main(*sys.argv[1:])
