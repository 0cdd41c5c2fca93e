"""A door between the indexers and Elasticsearch that can misbehave while the server behind it is well.

In: HTTP requests. Out: the server's answers, or what the door's mood makes of them: errors, delays, no answer, an
answer that is lost after the server has done the work, a bulk request of which half is refused.
"""

import asyncio
import json
from typing import Any, Literal

from embedded import ports
from tests.soak.loopback_web import LoopThread

DoorMood = Literal["open", "429", "503", "silent", "slow", "lost", "half"]
SLOW_SECONDS = 6.0
REFUSED = {"type": "es_rejected_execution_exception", "reason": "rejected by the door"}


class FaultyDoor:
    """The door; `mood` may be changed at any time."""

    def __init__(self, thread: LoopThread, port: int) -> None:
        """`port`: Elasticsearch's, on this machine."""
        self.mood: DoorMood = "open"
        self._behind = port
        own = ports.choose_ports({"the door": 0})[0]
        self.url = f"http://127.0.0.1:{own}"
        thread.listen("127.0.0.1", own, self._connected)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers request after request: a connection that is closed between two would be a fault of ours."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                answer = await self._pass(head, await reader.readexactly(_length(head)))
                if not answer:
                    break
                writer.write(answer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # who asked is gone
        finally:
            writer.close()

    async def _pass(self, head: bytes, body: bytes) -> bytes:
        mood = self.mood
        while self.mood == "silent":
            await asyncio.sleep(0.2)
            mood = "lost"
        if mood == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        if mood in ("429", "503"):
            return _json_answer(int(mood), {"error": REFUSED, "status": int(mood)})
        if mood == "half" and b"/_bulk" in head.partition(b"\r\n")[0]:
            return await self._half(head, body)
        answer = await self._ask(head, body)
        return b"" if mood == "lost" else answer

    async def _half(self, head: bytes, body: bytes) -> bytes:
        """Every second document is refused, as by a full queue; the others are written."""
        lines = body.splitlines(keepends=True)
        pairs = [b"".join(lines[at : at + 2]) for at in range(0, len(lines), 2)]
        answer = await self._ask(head, b"".join(pairs[::2]))
        told_head, _, told_body = answer.partition(b"\r\n\r\n")
        told = json.loads(dechunked(told_body) if b"chunked" in told_head.lower() else told_body)
        items: list[Any] = list(told["items"])
        for at in range(1, len(pairs), 2):
            action = next(iter(json.loads(lines[2 * at])))
            items.insert(at, {action: {**json.loads(lines[2 * at])[action], "status": 429, "error": REFUSED}})
        return _json_answer(200, {**told, "errors": True, "items": items})

    async def _ask(self, head: bytes, body: bytes) -> bytes:
        """The server's whole answer; b"" where there is none."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._behind)
        except OSError:
            return b""
        first, *lines = head.rstrip().split(b"\r\n")
        kept = [each for each in lines if not each.lower().startswith((b"connection:", b"content-length:"))]
        kept += [b"Connection: close", b"Content-Length: %d" % len(body)]
        try:
            writer.write(b"\r\n".join([first, *kept]) + b"\r\n\r\n" + body)
            return without_close(await reader.read(-1))
        finally:
            writer.close()


def without_close(answer: bytes) -> bytes:
    """The answer as on a connection that stays."""
    head, end, body = answer.partition(b"\r\n\r\n")
    kept = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join(kept) + end + body


def dechunked(body: bytes) -> bytes:
    """A body that was sent in chunks (RFC 9112, 7.1) as one."""
    parts: list[bytes] = []
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        parts.append(rest[:length])
        body = rest[length + 2 :] if length else b""
    return b"".join(parts)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def _json_answer(status: int, body: object) -> bytes:
    """An answer as Elasticsearch gives it; its client refuses one without the product's name."""
    text = json.dumps(body).encode()
    head = f"HTTP/1.1 {status} Said\r\nX-elastic-product: Elasticsearch\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(text)}\r\n\r\n".encode() + text
