"""An administrator gives a program a key, the program asks as it would ask a language model, and the key is taken away again."""

import openai
import pytest
from playwright.sync_api import expect

NAME = "Help centre of the journey"
POLICY = "What is your return policy?"


def test_a_program_asks_with_a_key_until_it_is_revoked(colleague, live_url):
    page = colleague("administrator")
    page.get_by_role("link", name="API keys").click()
    page.get_by_label("Name").fill(NAME)
    page.get_by_role("button", name="Make a key").click()
    shown = page.get_by_label("Key", exact=True)
    expect(shown).to_be_visible()
    key, base_url = shown.input_value(), page.locator("dl code").first.inner_text()
    assert base_url == f"{live_url}/v1"

    with openai.OpenAI(base_url=base_url, api_key=key, max_retries=0) as bot:
        (model,) = bot.models.list()
        asked = [{"role": "user", "content": POLICY}]
        whole = bot.chat.completions.create(model=model.id, messages=asked)
        assert "return" in whole.choices[0].message.content.lower()
        cited = whole.model_extra["whereabouts"]["citations"]
        assert cited and cited[0]["url"].startswith(live_url)
        parts = list(bot.chat.completions.create(model=model.id, messages=asked, stream=True))
        text = "".join(part.choices[0].delta.content or "" for part in parts)
        assert text == whole.choices[0].message.content

        page.goto(cited[0]["url"])
        expect(page.get_by_text(cited[0]["quote"][:40]).first).to_be_visible()
        page.goto("/console/conversations/")
        page.get_by_role("link", name=POLICY).first.click()
        expect(page.get_by_text(f"with the API key “{NAME}”")).to_be_visible()

        page.goto("/console/api-keys/")
        page.get_by_role("button", name=f"Revoke the key “{NAME}”").click()
        expect(page.get_by_text(f"The key “{NAME}” opens nothing any more.")).to_be_visible()
        with pytest.raises(openai.AuthenticationError, match="No valid API key"):
            bot.chat.completions.create(model=model.id, messages=asked)
