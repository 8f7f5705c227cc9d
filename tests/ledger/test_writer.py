"""Group commit: what gathers goes together, and nobody's failure is another's."""

import asyncio
import threading

from ledger import AuditEntry, Ledger, Writer


def _audit(name: str, ledger: Ledger) -> None:
    ledger.audit(AuditEntry(actor="user:ann", action=name, outcome="done"))


async def test_writes_that_wait_are_committed_together(ledger: Ledger):
    writer = Writer(ledger)
    entered, go_on = threading.Event(), threading.Event()
    commits: list[int] = []
    commit = writer._commit
    writer._commit = lambda calls: (commits.append(len(calls)), commit(calls))[1]  # type: ignore[method-assign]

    def block(_: Ledger) -> None:
        entered.set()
        assert go_on.wait(10)

    first = asyncio.create_task(writer.write(block))
    await asyncio.to_thread(entered.wait, 10)
    rest = [
        asyncio.create_task(writer.write(lambda ledger, name=name: _audit(name, ledger)))
        for name in map(str, range(20))
    ]
    await asyncio.sleep(0)  # every task runs to where it waits
    assert len(writer._waiting) == 20
    go_on.set()
    await asyncio.gather(first, *rest)
    await writer.close()

    assert commits == [1, 20]
    assert len(ledger.audited()) == 20


async def test_a_write_that_fails_takes_back_only_itself(ledger: Ledger):
    writer = Writer(ledger)

    def fails(ledger: Ledger) -> None:
        _audit("taken back", ledger)
        raise RuntimeError("no")

    results = await asyncio.gather(
        writer.write(lambda ledger: _audit("kept", ledger)),
        writer.write(fails),
        writer.write(lambda ledger: _audit("kept too", ledger)),
        return_exceptions=True,
    )
    await writer.close()

    assert [isinstance(result, Exception) for result in results] == [False, True, False]
    assert [entry.action for entry in ledger.audited()] == ["kept too", "kept"]


async def test_a_caller_that_gives_up_does_not_stop_its_write(ledger: Ledger):
    writer = Writer(ledger)
    task = asyncio.create_task(writer.write(lambda ledger: _audit("kept", ledger)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await writer.close()

    assert [entry.action for entry in ledger.audited()] == ["kept"]


async def test_reads_run_beside_a_write(ledger: Ledger):
    writer = Writer(ledger)
    entered, go_on = threading.Event(), threading.Event()

    def block(ledger: Ledger) -> None:
        _audit("slow", ledger)
        entered.set()
        assert go_on.wait(10)

    slow = asyncio.create_task(writer.write(block))
    await asyncio.to_thread(entered.wait, 10)
    seen = await writer.read(lambda ledger: ledger.audited())
    go_on.set()
    await slow
    await writer.close()

    assert seen == ()
