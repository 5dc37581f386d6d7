"""What has been shown of an answer so far: paragraph by paragraph, from a model or from the composed draft."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from chatbot.recording import TurnRecord
from chatbot.rendering import render_answer
from chatbot.turn import Cited, Draft, SourcesFound, TextShown, TurnEvent


@dataclass
class Spoken:
    """What has been shown of an answer so far, and the composed draft behind it.

    needs_composing: the draft must still be said. cited: what a model was offered; None while only the draft speaks.
    """

    draft: Draft
    text: str = ""
    tier: str = "none"
    model: str = ""
    needs_composing: bool = True
    cited: tuple[Cited, ...] = ()
    sentences: list[str] = field(default_factory=list)  # of a model, as shown
    _block: str = ""
    _blocks: int = 0

    def show_block(self, text: str, cited: tuple[Cited, ...]) -> TextShown:
        """Show a paragraph of its own."""
        before = "\n\n" if self.text else ""
        self._block, self._blocks = text, self._blocks + 1
        self.text += before + text
        return TextShown(before + text, render_answer(text, cited), self._blocks - 1)

    def show_piece(self, text: str, cited: tuple[Cited, ...], *, new_block: bool) -> TextShown:
        """Show a sentence, in the running paragraph unless it begins a new one."""
        self.sentences.append(text)
        if new_block or not self._blocks:
            return self.show_block(text, cited)
        glue = "\n" if text.startswith(("- ", "* ")) or (text[:1].isdigit() and text[1:3] == ". ") else " "
        self._block += glue + text
        self.text += glue + text
        return TextShown(glue + text, render_answer(self._block, cited), self._blocks - 1)

    def citations(self) -> tuple[Cited, ...]:
        """The citations the text really carries."""
        known = {c.n: c for c in (*self.draft.citations, *self.cited)}
        return tuple(c for n, c in sorted(known.items()) if f"[{n}]" in self.text)

    def compose(self, record: TurnRecord) -> Iterator[TurnEvent]:
        """Yield the draft's sources and sentences: when no model speaks, or when one fell short."""
        if not self.sentences:  # whoever was asked, none of it is theirs; that they were asked stands in the trace
            self.tier, self.model = "none", ""
        if self.draft.citations and not self.cited:
            yield SourcesFound(self.draft.citations)
        for sentence in self.draft.sentences:
            record.considered(sentence, shown=True)
            yield self.show_block(sentence.text, self.draft.citations)
