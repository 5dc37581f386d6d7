"""The form of a model's endpoint, and what of it may not be: no key, no address where a cloud hands out credentials."""

from typing import Any

from django import forms
from django.conf import settings

from llm.keys import OWN_NAME, PREFIX, is_set, may_be_named
from llm.models import ModelEndpoint
from llm.server_addresses import host_of, problem_with, problem_with_host, resolved

TESTED = ("base_url", "model", "key_variable", "context_tokens", "answer_tokens")  # a change of these ends what a test has found
_LABELS = {
    "name": "Name",
    "base_url": "Address",
    "model": "Model",
    "key_variable": "Variable of the key",
    "tier": "Tier",
    "context_tokens": "Tokens of context",
    "answer_tokens": "Tokens of an answer",
    "first_token_seconds": "Seconds until the first word",
    "total_seconds": "Seconds for a whole reply",
    "concurrent": "Calls at once",
    "notes": "Notes",
}
_BOUNDS: dict[str, tuple[float, float]] = {
    "context_tokens": (512, 2_000_000),
    "answer_tokens": (16, 100_000),
    "first_token_seconds": (0.1, 600),
    "total_seconds": (0.1, 600),
    "concurrent": (1, 10_000),
}


class EndpointForm(forms.ModelForm):
    """All of an endpoint but its place in the tier and whether it is on."""

    notes = forms.CharField(required=False, max_length=4000)

    class Meta:
        model = ModelEndpoint
        fields = tuple(_LABELS)
        labels = _LABELS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound and self.instance.pk is None:
            self.initial["total_seconds"] = min(settings.LLM_TIMEOUT_SECONDS, 30.0)
        for name, field in self.fields.items():
            label = _LABELS[name].lower()
            field.error_messages |= {
                "required": f"Please fill in: {label}.",
                "invalid": f"Please give a number: {label}.",
                "invalid_choice": "Please choose the tier.",
                "max_length": f"That is too long: {label}.",
                "unique": "Another endpoint has that name. Please give this one a name of its own.",
            }
            if name in _BOUNDS:
                low, high = _BOUNDS[name]
                said = f"Please give a number from {low:g} to {high:,g}: {label}."
                field.validators = [Within(low, high, said)]

    def clean_base_url(self) -> str:
        address = str(self.cleaned_data["base_url"]).strip().rstrip("/")
        if problem := problem_with(address) or problem_with_host(address, resolved(address)):
            raise forms.ValidationError(problem)
        return address

    def clean_key_variable(self) -> str:
        variable = str(self.cleaned_data["key_variable"]).strip()
        if not may_be_named(variable):
            raise forms.ValidationError(
                f"Please give the name of a variable that begins with {PREFIX}, such as {PREFIX}MISTRAL, or {OWN_NAME}. The key itself does "
                "not belong here: it stands in the environment of this program. If you have just typed one here, replace it at its provider."
            )
        return variable

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("answer_tokens", 0) * 2 > given.get("context_tokens", 2_000_000):
            raise forms.ValidationError("An answer may take half of the context at most; the rest is for the evidence.")
        if given.get("first_token_seconds", 0.0) > given.get("total_seconds", 600.0):
            raise forms.ValidationError("The seconds until the first word cannot be more than those for the whole reply.")
        if given.get("total_seconds", 0.0) > settings.LLM_TIMEOUT_SECONDS:
            longest = settings.LLM_TIMEOUT_SECONDS
            raise forms.ValidationError(
                f"A whole reply may take {longest:g} seconds at most, as LLM_TIMEOUT_SECONDS says. Raise that first, and restart Whereabouts."
            )
        return given

    def problem(self) -> str:
        """All that is wrong, in sentences; "" if nothing is."""
        return " ".join(dict.fromkeys(str(message) for errors in self.errors.values() for message in errors))

    def typed(self) -> dict[str, str]:
        """What the fields show: a text in the field of the variable that is no name of one is not shown again, for it may be a key."""
        values = {name: self[name].value() for name in self.fields}
        if self.is_bound and "key_variable" in self.errors:
            values["key_variable"] = ""
        return {name: "" if value is None else str(value) for name, value in values.items()}

    def changed(self) -> list[str]:
        """The fields whose values are others than before; only of a valid form."""
        return [name for name in self.fields if self.cleaned_data[name] != self.initial.get(name)]

    def changes(self) -> str:
        """What was changed, for the audit: the host and not the whole address, the name of a variable and never a key."""
        told = {"base_url": host_of, "notes": lambda _: "…"}
        parts = [f"{_LABELS[name].lower()}: {told.get(name, str)(self.cleaned_data[name]) or 'none'}" for name in self.changed()]
        return "; ".join(parts)


class Within:
    """A validator with a sentence of its own."""

    def __init__(self, low: float, high: float, said: str) -> None:
        self.low, self.high, self.said = low, high, said

    def __call__(self, value: float) -> None:
        if not self.low <= value <= self.high:  # also for what is not a number
            raise forms.ValidationError(self.said)


def lacks_key(endpoint: ModelEndpoint) -> bool:
    """Whether this process does not know the key that an endpoint is to use; it is passed over then."""
    return not is_set(endpoint.key_variable)
