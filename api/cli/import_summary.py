"""What an import came to, for people and for programs."""

from collections.abc import Sequence

import msgspec

from application.history.importing import BadLine, Tally

STOPPED, REJECTED, INTERRUPTED = 1, 3, 130


class ImportSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One run of ``import``; durations are in seconds.

    ``records`` counts by type, ``appended`` and ``duplicates`` count events (a
    video is two), ``rejected`` lines.  ``stopped_at`` is the bad line that ended
    the run, ``problem`` what ended it otherwise.  ``caught_up`` tells whether
    the read models know all of it, None if nobody waited for them.
    """

    records: dict[str, int]
    appended: int
    duplicates: int
    rejected: int
    rejected_files: Sequence[str]
    seconds: float
    records_per_second: int
    stopped_at: BadLine | None = None
    interrupted: bool = False
    caught_up: bool | None = None
    waited_seconds: float = 0.0
    problem: str | None = None

    @property
    def exit_status(self) -> int:
        """0 if all was imported; what else is worst decides."""
        if self.interrupted:
            return INTERRUPTED
        if self.problem or self.stopped_at:
            return STOPPED
        return REJECTED if self.rejected else 0

    def as_json(self) -> str:
        """One object on one line."""
        return msgspec.json.encode(self).decode()

    def as_text(self) -> str:
        """A few lines that begin with what they tell."""
        of_type = ", ".join(f"{count:,} {name}s" for name, count in self.records.items())
        lines = [
            f"records     {sum(self.records.values()):,} ({of_type})",
            f"appended    {self.appended:,} events",
            f"duplicates  {self.duplicates:,} events",
            f"rejected    {self.rejected:,} lines{''.join(f', in {path}' for path in self.rejected_files)}",
            f"seconds     {self.seconds:.1f} ({self.records_per_second:,} records/s)",
        ]
        if self.caught_up:
            lines.append(f"read models know it all after {self.waited_seconds:.1f} s more")
        return "\n".join(lines)


def summary_of(tally: Tally, seconds: float, rejected_files: Sequence[str]) -> ImportSummary:
    """What was imported within ``seconds``."""
    return ImportSummary(
        records=tally.records,
        appended=tally.appended,
        duplicates=tally.duplicates,
        rejected=tally.rejected,
        rejected_files=rejected_files,
        seconds=round(seconds, 3),
        records_per_second=round(tally.total / seconds) if seconds else 0,
    )
