"""Starts the whole platform on one data directory, keeps it running, stops it in order."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence

import msgspec

from adapters.embedded.directory import DataDirectory
from adapters.embedded.orphans import birth, boot, see_off
from adapters.embedded.ports import PortTaken, free_port, is_free, keep_or_choose
from adapters.embedded.program import Child, Program, run_once
from adapters.embedded.servers import LATE, Servers, choose_servers
from adapters.embedded.service import CannotStart, Service
from adapters.embedded.spawning import last_lines
from adapters.embedded.supervisor import Patience, Say, Supervisor
from adapters.settings import Settings

DEFAULT_PORT = 8000
CLOSING_LINES = 3
"""Of what a command that ran afterwards wrote last, to be told on: what to do next, most likely."""

REQUESTS_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to run on top of the servers.

    ``before`` are commands that must succeed, in order, before the ``children``
    start.  Of these, one that serves is waited for: it comes first, rather than
    share the processor with what may lag.  ``afterwards``
    follow once the platform serves, have their last lines told, and may fail.  ``port`` is the API's: 0
    stands for the one it had last time.
    """

    before: Sequence[Child] = ()
    children: Sequence[Child] = ()
    afterwards: Sequence[Child] = ()
    port: int = 0
    patience: Patience = Patience()


class Launcher:
    """One run of the platform, on a directory that is locked.  Main thread only: see `spawning.spawn`."""

    def __init__(self, plan: Plan, settings: Settings, directory: DataDirectory, say: Say) -> None:
        self._plan = plan
        self._settings = settings
        self._directory = directory
        self._say = say
        self._servers = Servers(here={}, elsewhere={})
        self._port = 0
        self._health_ports: Mapping[str, int] = {}
        self._supervisors = dict[str, Supervisor]()
        self._stopping = False

    @property
    def url(self) -> str:
        """Where the API answers, once it does."""
        host = self._settings.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self._port}"

    async def run(self, serving: Callable[[], None]) -> None:
        """Run until SIGINT, SIGTERM or SIGHUP; a second one kills what is still stopping.

        ``serving`` is called once all is up.  Raises `CannotStart` and `PortTaken`
        if it does not come to that; later failures are mended, not raised.
        """
        run = asyncio.current_task()
        assert run is not None
        for request in REQUESTS_TO_STOP:
            if request is signal.SIGHUP and signal.getsignal(request) is signal.SIG_IGN:
                continue  # started by nohup(1)
            asyncio.get_running_loop().add_signal_handler(request, self._asked_to_stop, run)
        try:
            await self._start()
            serving()
            await self._run_on()
        except asyncio.CancelledError:
            run.uncancel()
        finally:
            await self._stop()

    async def _start(self) -> None:
        left = self._directory.left_endpoints()
        if left.get("boot") == boot():
            await see_off(left["pids"].values())
        self._port = self._choose_port()
        self._health_ports = self._choose_health_ports()
        self._servers = choose_servers(self._settings, self._directory)
        for setting in self._servers.elsewhere:
            self._say("servers", f"{setting} is given, so that one is not run here")
        here = self._servers.here
        awaited = [self._supervise(server) for setting, server in here.items() if setting != LATE]
        await asyncio.gather(*(server.first_start() for server in awaited))
        if LATE in here:
            self._supervise(here[LATE])
        self._write_endpoints()  # even if all servers are elsewhere
        for command in self._plan.before:
            await self._run_once(command)
        for child in self._plan.children:
            supervisor = self._supervise(self._program(child))
            if child.serves:
                await supervisor.first_start()

    async def _run_on(self) -> None:
        for command in self._plan.afterwards:
            try:
                await self._run_once(command)
            except CannotStart as problem:
                self._say(command.name, str(problem))
            else:
                for line in last_lines(self._directory.logs / f"{command.name}.log", CLOSING_LINES):
                    self._say(command.name, line)
        ended, _ = await asyncio.wait([each.task for each in self._supervisors.values()], return_when="FIRST_COMPLETED")
        for task in ended:
            task.result()  # they end when told to, or by a defect

    async def _stop(self) -> None:
        """Who serves first, then who works, then what they need; each group together."""
        self._stopping = True
        serving = {child.name for child in self._plan.children if child.serves}
        servers = {server.name for server in self._servers.here.values()}
        working = self._supervisors.keys() - serving - servers
        for group in (serving, working, servers):
            await asyncio.gather(*(self._supervisors[name].stop() for name in group & self._supervisors.keys()))
        self._directory.remove_endpoints()

    def _asked_to_stop(self, run: asyncio.Task[None]) -> None:
        if self._stopping:
            for supervisor in self._supervisors.values():
                supervisor.kill()  # no longer in order
        else:
            self._stopping = True
            self._say("playhead", "stopping; asked once more, it kills what still runs")
            run.cancel()

    def _supervise(self, service: Service) -> Supervisor:
        supervisor = Supervisor(
            service,
            logs=self._directory.logs,
            say=self._say,
            started=self._write_endpoints,
            patience=self._plan.patience,
        )
        self._supervisors[service.name] = supervisor
        supervisor.start()
        return supervisor

    def _program(self, child: Child) -> Program:
        return Program(
            child,
            directory=self._directory.path,
            host=self._settings.host,
            port=self._port,
            health_port=self._health_ports.get(child.name, 0),
        )

    async def _run_once(self, child: Child) -> None:
        clock = asyncio.get_running_loop().time
        began = clock()
        await run_once(child, directory=self._directory.path, logs=self._directory.logs, port=self._port)
        self._say(child.name, f"done after {clock() - began:.2f} s")

    def _choose_port(self) -> int:
        host, asked, known = self._settings.host, self._plan.port, self._directory.ports()
        wanted = asked or known.get("api", DEFAULT_PORT)
        port = wanted if is_free(wanted, host=host) else free_port(besides=known.values())
        if asked and port != asked:
            raise PortTaken(f"port {asked} is taken: choose another one with --port")
        if port != wanted:
            self._say("api", f"port {wanted} is taken, so it listens on {port}")
        self._directory.remember_ports({**known, "api": port})
        return port

    def _choose_health_ports(self) -> Mapping[str, int]:
        known = self._directory.ports()
        chosen = keep_or_choose([child.name for child in self._plan.children if child.own_port], known)
        self._directory.remember_ports({**known, **chosen})
        return chosen

    def _write_endpoints(self) -> None:
        """Say where all is, and which processes there are; a full disk is no reason to fail, the last word stands."""
        settings = {
            **self._servers.urls,
            "PLAYHEAD_MASTER_KEY": self._settings.master_key or self._directory.secrets().master_key,
            "PLAYHEAD_HOST": self._settings.host,
            "PLAYHEAD_PORT": str(self._port),
        }
        pids = {name: each.current.process.pid for name, each in self._supervisors.items() if each.current}
        processes = {name: (pid, birth(pid)) for name, pid in pids.items()}
        endpoints = {
            "settings": settings,
            "health_ports": self._health_ports,
            "pids": processes,
            "launcher": os.getpid(),
            "boot": boot(),
        }
        try:
            self._directory.write_endpoints(endpoints)
        except OSError as problem:
            self._say("launcher", f"cannot write to {self._directory.path}: {problem.strerror}")
