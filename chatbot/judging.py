"""One reply of a model, sentence by sentence: shown while it streams if the evidence holds it, and left at the first that it does not."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing

from chatbot.attempts import NONSENSE, TOO_LONG, Attempt, Ending, Heard, Purpose
from chatbot.briefing import NOTHING_TO_ADD
from chatbot.grounding import Grounds, Verdict, check, cleaned, with_citations
from chatbot.recording import TurnRecord
from chatbot.redaction import Redaction, Restorer, has_mark
from chatbot.spoken import Spoken
from chatbot.streaming_text import SentenceStream, StreamedSentence
from chatbot.tongues import is_another
from chatbot.turn import Sentence, TextShown
from llm.client import Reply
from llm.errors import ModelError

_WORDS = re.compile(r"\w+")


class Hearing:
    """Hears one call's reply. Afterwards `heard` says how it ended.

    What is said before the first sentence that rests on evidence ("Of course!") waits for it: a reply without one is no answer.
    """

    def __init__(
        self,
        attempt: Attempt,
        grounds: Callable[[], Grounds],
        spoken: Spoken,
        record: TurnRecord,
        *,
        model: str,
        redaction: Redaction,
        language: tuple[str, str],
    ) -> None:
        self.heard = Heard(Ending.FAILED)
        self._is_over = False
        self._attempt, self._read_grounds, self._spoken, self._record, self._model = attempt, grounds, spoken, record, model
        self._restorer, self._language, self._text = redaction.restorer(), language, ""
        self._goes_on = bool(spoken.text)
        self._said = {_plain(text) for text in spoken.sentences}
        self._opening: list[tuple[Sentence, bool]] = []
        self._begun = self._goes_on

    @property
    def _grounds(self) -> Grounds:
        return self._read_grounds()

    def again(self, text: str) -> Iterator[TextShown]:
        """Yield an answer that was kept, judged anew as if a model said it; nothing of it if not all of it holds."""
        stream = SentenceStream()
        sentences = [*stream.feed(text), *stream.close()]
        if all(check(cleaned(one.text, self._grounds), self._grounds).supported for one in sentences):
            for sentence in sentences:
                yield from self._judged(sentence)
            if not self._is_over and self._spoken.text:
                self._end(Ending.WHOLE)

    async def shown(self, reply: Reply, *, seconds: float | None) -> AsyncGenerator[TextShown, None]:
        """Yield what may be shown. seconds: how long may be waited in all; None leaves that to the reply itself.

        Raises ModelError as the reply does.
        """
        try:
            async with aclosing(_sentences(reply, self._restorer, seconds, begun=self._read_grounds)) as sentences:
                async for sentence in sentences:
                    self._model = reply.model  # which of the tier's endpoints speaks is known with its first word
                    for event in self._judged(sentence):
                        yield event
                    if self._is_over:
                        return
        except TimeoutError:
            self._end(Ending.LATE)
        except ModelError as error:
            ending = Ending.TOO_LONG if error.kind == TOO_LONG else Ending.NONSENSE if error.kind in NONSENSE else Ending.FAILED
            self._end(ending, why=error.kind)
            raise
        else:
            self._finish(reply)

    def _finish(self, reply: Reply) -> None:
        for unsaid, _ in self._opening:
            self._record.considered(unsaid, shown=False, reason=str(Ending.NO_EVIDENCE), by=self._model)
        if reply.was_cut:
            self._end(Ending.CUT)
        else:
            self._end(Ending.WHOLE if self._spoken.text else Ending.NO_EVIDENCE)

    def _judged(self, raw: StreamedSentence) -> Iterator[TextShown]:
        if self._attempt.purpose is not Purpose.ANSWER and NOTHING_TO_ADD.fullmatch(raw.text):
            self._end(Ending.WHOLE if self._spoken.text else Ending.NO_EVIDENCE)
            return
        text = cleaned(raw.text, self._grounds)
        if not _plain(text) or _plain(text) in self._said:  # a model that was told to go on often begins anew
            return
        self._text += f" {text}"
        if is_another(self._text, self._language):
            self._record.considered(Sentence(text), shown=False, reason=str(Ending.WRONG_LANGUAGE), by=self._model)
            self._end(Ending.WRONG_LANGUAGE)
            return
        verdict = check(text, self._grounds) if not has_mark(text) else Verdict(False, "a mark that stands for nothing")
        if not verdict.supported:
            self._record.considered(Sentence(text, (), verdict.reason), shown=False, by=self._model)
            self._end(Ending.NOT_HELD, text, verdict.reason)
            return
        self._said.add(_plain(text))
        sentence = Sentence(with_citations(text, verdict.citations), verdict.citations, verdict.reason)
        self._opening.append((sentence, raw.starts_block and not self._goes_on))
        self._begun = self._begun or bool(verdict.claims or verdict.citations)
        while self._begun and self._opening:
            ready, starts = self._opening.pop(0)
            self._goes_on = False
            self._record.considered(ready, shown=True, by=self._model)
            yield self._spoken.show_piece(ready.text, self._spoken.cited, new_block=starts)

    def _end(self, ending: Ending, sentence: str = "", why: str = "") -> None:
        self.heard, self._is_over = Heard(ending, sentence, why), True


async def _sentences(
    reply: Reply, restorer: Restorer, seconds: float | None, *, begun: Callable[[], object]
) -> AsyncGenerator[StreamedSentence, None]:
    """The sentences of a reply as they become whole; its last, unfinished one only if the reply was not cut.

    begun: called with each piece, first when the others are on their way. Raises ModelError, and TimeoutError when the seconds are over.
    """
    stream = SentenceStream()
    until = None if seconds is None else asyncio.get_running_loop().time() + seconds
    pieces = aiter(reply)
    while True:
        try:
            piece = await (anext(pieces) if until is None else _by(until, pieces))
        except StopAsyncIteration:
            break
        begun()
        for sentence in stream.feed(restorer.feed(piece)):
            yield sentence
    if not reply.was_cut:
        for sentence in (*stream.feed(restorer.close()), *stream.close()):
            yield sentence


async def _by(until: float, pieces: AsyncIterator[str]) -> str:
    """The next piece. Around the waiting alone: a time-out around a `yield` would strike whoever works with what was yielded."""
    async with asyncio.timeout_at(until):
        return await anext(pieces)


def _plain(text: str) -> str:
    """A sentence as two are compared: its words alone."""
    return " ".join(_WORDS.findall(re.sub(r"\[\d[\d,\s]*\]", "", text).lower()))
