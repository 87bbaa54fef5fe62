"""Finished answers kept in memory, so that a question asked again costs a look-up.

A release never changes, so an answer that was made of it stays right: what is kept goes when the
pointer to the current release moves, and for no other reason than room.
"""

from collections import OrderedDict
from dataclasses import dataclass

Headers = list[tuple[bytes, bytes]]
LARGEST = 512 * 1024
"""Bytes of the largest body that is kept."""
_ASKED = 16_384
"""Questions that are remembered as asked, though not kept."""
_BESIDE = 1000
"""Bytes that an answer takes beside its body, its question and its headers."""
_REQUESTS, _LONGEST = 2048, 4096
"""Requests whose answers are at hand, and the bytes of the longest of them."""
Request = tuple[object, bytes]
"""Who sent a request, as far as the answer depends on it, and its bytes."""


@dataclass(slots=True)
class Answer:
    """A finished answer, compressed as it was asked for."""

    headers: Headers
    unchanged: Headers
    """The headers of a 304 in its place."""
    etag: str
    body: bytes
    asked: int = 0
    """Bytes of the question."""
    used: int = 0
    """How often it was found, halved each time it was spared."""

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        headers = sum(len(name) + len(value) for name, value in self.headers)
        return len(self.body) + headers + self.asked + _BESIDE


@dataclass(frozen=True, slots=True)
class Ready:
    """What is sent to a request, but for the headers of the one exchange."""

    method: str
    target: bytes
    status: int
    headers: Headers
    body: bytes
    of: Answer
    head: bytes = b""
    """The same on a connection, with the first line."""


class Kept:
    """Answers by the question as it was sent, bounded in bytes.

    What was sent to a request is at hand for the same one, byte for byte, as long as all that is
    kept stays: a dashboard asks with the same headers each time. Connections ask for it
    (`app/serving.py`).

    A question is kept when it is asked the second time. What was kept longest makes room, unless
    it was found meanwhile: that is spared, once for each time that its count can be halved. So
    questions that nobody repeats push out neither what is hot nor each other's second chance.
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self._of: object = None
        self._answers: OrderedDict[object, Answer] = OrderedDict()
        self._asked: OrderedDict[int, None] = OrderedDict()
        self._ready: dict[Request, Ready] = {}

    def at_hand(self, of: object, request: Request) -> Ready | None:
        """What was sent to the same request, from the release `of`."""
        ready = self._ready.get(request)
        if ready is None or of != self._of:
            return None
        ready.of.used += 1
        return ready

    def put_at_hand(self, of: object, request: Request, ready: Ready) -> None:
        """Have what was sent to a request, from the release `of`, at hand for the next time."""
        if of != self._of or len(request[1]) > _LONGEST:
            return
        if len(self._ready) >= _REQUESTS:
            self._ready.clear()
        self._ready[request] = ready

    def find(self, of: object, question: object) -> Answer | None:
        """The answer to a question from the release `of`, if it is kept."""
        if of != self._of:
            self._of, self.bytes = of, 0
            self._answers.clear()
            self._ready.clear()
        answer = self._answers.get(question)
        if answer is not None:
            answer.used += 1
        return answer

    def wants(self, question: object) -> bool:
        """Whether the answer to a question that was not found shall be kept."""
        name = hash(question)
        if self._asked.pop(name, self) is None:
            return True
        self._asked[name] = None
        if len(self._asked) > _ASKED:
            self._asked.popitem(last=False)
        return False

    def keep(self, of: object, question: object, answer: Answer) -> None:
        """Keep an answer, unless the current release became another since it was asked."""
        if of != self._of or question in self._answers or answer.size > self.most_bytes:
            return
        self._answers[question] = answer
        self.bytes += answer.size
        while self.bytes > self.most_bytes:
            oldest, other = next(iter(self._answers.items()))
            if other.used:
                other.used //= 2
                self._answers.move_to_end(oldest)
            else:
                del self._answers[oldest]
                self._ready.clear()
                self.bytes -= other.size
