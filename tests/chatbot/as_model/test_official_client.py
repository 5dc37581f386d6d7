"""The official `openai` package against the application of the web process: what it makes of our replies, streams and refusals."""

import openai
import pytest

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = [{"role": "user", "content": "How long can I return an umbrella?"}]


async def test_it_lists_the_model_and_asks_it(official, shop):
    shop()
    (model,) = [model async for model in official.models.list()]
    assert await official.models.retrieve(model.id) == model
    reply = await official.chat.completions.create(model=model.id, messages=ASKED, temperature=0.3, max_tokens=50)
    (choice,) = reply.choices
    assert "30 days" in choice.message.content and choice.finish_reason == "stop" and reply.object == "chat.completion"
    assert choice.message.annotations[0].url_citation.title == "Returns"
    assert reply.model_extra["whereabouts"]["ignored"] == ["max_tokens", "temperature"]
    assert reply._request_id == reply.model_extra["whereabouts"]["turn"]


async def test_it_streams_and_puts_the_pieces_together(official, shop):
    shop()
    whole = await official.chat.completions.create(model="whereabouts", messages=ASKED)
    stream = await official.chat.completions.create(
        model="whereabouts", messages=ASKED, stream=True, stream_options={"include_usage": True}
    )
    received = [part async for part in stream]
    text = "".join(part.choices[0].delta.content or "" for part in received if part.choices)
    assert text == whole.choices[0].message.content
    assert [part.usage is not None for part in received] == [False] * (len(received) - 1) + [True]
    assert [part for part in received if part.model_extra.get("whereabouts")][-1].choices[0].finish_reason == "stop"


async def test_its_own_accumulator_takes_our_stream(official, shop):
    shop()
    async with official.chat.completions.stream(model="whereabouts", messages=ASKED) as stream:
        async for _ in stream:
            pass
        final = await stream.get_final_completion()
    assert "30 days" in final.choices[0].message.content and final.choices[0].finish_reason == "stop"


async def test_an_identity_goes_in_the_extra_body_or_the_metadata(official, shop, signed):
    from tests.factories import make_order

    shop(make_order("#K100"))
    asked = [{"role": "user", "content": "Where is my order #K100?"}]
    for more in ({"extra_body": {"whereabouts": {"identity": signed()}}}, {"metadata": {"whereabouts_identity": signed()}}):
        reply = await official.chat.completions.create(model="whereabouts", messages=asked, **more)
        assert [order["number"] for order in reply.model_extra["whereabouts"]["orders"]] == ["#K100"]


async def test_refusals_are_raised_as_its_own_errors_with_our_sentences(official, shop):
    shop()
    with pytest.raises(openai.BadRequestError, match="one answer") as refused:
        await official.chat.completions.create(model="whereabouts", messages=ASKED, n=3)
    assert refused.value.param == "n"
    with pytest.raises(openai.NotFoundError, match="only one is whereabouts") as missing:
        await official.chat.completions.create(model="gpt-4o", messages=ASKED)
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.AuthenticationError, match="API key"):
        await official.with_options(api_key="wab_wrong").models.list()


async def test_a_stream_that_breaks_raises_with_our_sentence(official, scripted):
    scripted.broken = True
    stream = await official.chat.completions.create(model="whereabouts", messages=ASKED, stream=True)
    with pytest.raises(openai.APIError, match="Please ask again"):
        [part async for part in stream]
