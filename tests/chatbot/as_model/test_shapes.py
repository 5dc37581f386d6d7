"""The shapes of OpenAI's chat completions, held against the official package's own types."""

from openai.types import Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from chatbot.as_model import shapes
from chatbot.as_model.shapes import Head
from chatbot.turn import Answer, Cited, Outcome

HEAD = Head("chatcmpl-1", 1_795_219_200, "whereabouts")
ANSWER = Answer(
    id="1f",
    text="Yes, within **30 days** [1]. Sale items stay sold [2][1] [9].",
    outcome=Outcome.ANSWERED,
    citations=(
        Cited(1, "Returns", 3, "Returns", "within 30 days", "/policies/returns/3/"),
        Cited(2, "Sale", 1, "Sale", "stay sold", "/policies/sale/1/"),
    ),
    tier="small",
    model="tiny",
    usage={"input": 300, "cached": 100, "output": 20},
).public()
BESIDE = shapes.told_beside(ANSWER, ignored=["seed"], absolute=lambda path: f"https://help.example{path}")


def checked(kind, value):
    """The value in the package's type: every field of the reference with its type, checked as strictly as pydantic can."""
    return kind.model_validate(value, strict=True)


def test_a_whole_reply_has_the_answer_its_usage_and_what_it_rests_on():
    reply = checked(ChatCompletion, shapes.completion(HEAD, ANSWER, BESIDE))
    (choice,) = reply.choices
    assert (reply.id, reply.object, reply.model, choice.finish_reason) == ("chatcmpl-1", "chat.completion", "whereabouts", "stop")
    assert choice.message.content == ANSWER["answer"] and choice.message.role == "assistant" and choice.message.refusal is None
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.total_tokens) == (300, 20, 320)
    assert reply.usage.prompt_tokens_details.cached_tokens == 100
    beside = reply.model_extra["whereabouts"]
    assert (
        beside["turn"] == "1f" and beside["outcome"] == "answered" and beside["tier"] == "small" and beside["ignored"] == ["seed"]
    )
    assert [c["url"] for c in beside["citations"]] == [
        "https://help.example/policies/returns/3/",
        "https://help.example/policies/sale/1/",
    ]
    assert "tiny" not in str(beside), "which model words the answers, and what it costs, is the shop's business"


def test_each_mark_in_the_text_is_annotated_with_its_source():
    message = checked(ChatCompletion, shapes.completion(HEAD, ANSWER, BESIDE)).choices[0].message
    marks = [
        (message.content[a.url_citation.start_index : a.url_citation.end_index], a.url_citation.title) for a in message.annotations
    ]
    assert marks == [("[1]", "Returns"), ("[2]", "Sale"), ("[1]", "Returns")]


def test_a_stream_begins_with_the_role_and_ends_with_the_reason_and_the_usage():
    parts = [
        shapes.first_chunk(HEAD), shapes.text_chunk(HEAD, "Yes, "), shapes.last_chunk(HEAD, BESIDE), shapes.usage_chunk(HEAD, ANSWER),
    ]  # fmt: skip
    first, text, last, used = (checked(ChatCompletionChunk, part) for part in parts)
    assert first.choices[0].delta.role == "assistant" and first.choices[0].finish_reason is None
    assert text.choices[0].delta.content == "Yes, " and text.choices[0].delta.role is None
    assert last.choices[0].finish_reason == "stop" and last.choices[0].delta.content is None
    assert last.model_extra["whereabouts"] == BESIDE
    assert used.choices == [] and used.usage.total_tokens == 320
    assert {part["id"] for part in parts} == {"chatcmpl-1"} and len({part["created"] for part in parts}) == 1


def test_the_model_is_listed_as_the_shop_s():
    (model,) = shapes.model_list("whereabouts", shop="Kite & Co")["data"]
    assert checked(Model, model).owned_by == "Kite & Co"
