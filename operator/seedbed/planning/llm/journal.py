"""What is kept of each call to a planning LLM: the prompt before it is sent, and what became of it.

Two artifacts a call (`engine.naming.call_key`), each written once. The prompt's is the fence: who finds it
there does not call. The reply's is what the engine goes on with, so a reply that is stored is never asked for
again. Times are for people: nothing is decided by them but how long to wait after a failure.
"""

from typing import Annotated, Literal

from pydantic import Field

from seedbed.api.common import Model
from seedbed.planning.contract import Proposal
from seedbed.planning.llm.capability import Capability, Message

FORMAT: Literal[1] = 1


class Prompted(Model):
    """A call that is about to be made."""

    format: Literal[1] = FORMAT
    index: int = Field(description="The proposal that is asked for.")
    call: int = Field(description="Calls for it so far, this one counted.")
    turn: Literal["First", "Repair"]
    batch: int = Field(description="How many proposals the answer may hold.")
    visible: int = Field(description="Experiments 1 to this one are in the prompt with their outcome.")
    provider: str = Field(description="The server, in words.")
    model: str
    capability: Capability = Field(description="How the server is asked.")
    version: str = Field(description="Of the prompt's templates.")
    messages: list[Message]
    cut: list[str] = Field(default_factory=list, description="What was left out of the prompt for length.")
    prompt_tokens: int = Field(description="The most that the prompt can cost.")
    max_tokens: int = Field(description="The most that the answer can cost.")
    asked_at: float = Field(description="Seconds since the epoch.")
    holder: str


class Replied(Model):
    """What became of it; `proposals` are those that the engine goes on with."""

    format: Literal[1] = FORMAT
    index: int
    call: int
    outcome: Literal["Proposed", "Stopped", "Invalid", "Failed"]
    proposals: list[Proposal] = Field(default_factory=list)
    stop: str | None = None
    problems: list[str] = Field(default_factory=list, description="Invalid: a sentence a mistake.")
    reason: str | None = Field(default=None, description="Failed: its class, CamelCase.")
    message: str | None = Field(default=None, description="Failed: what happened.")
    advice: str | None = Field(default=None, description="Failed: what to do about it.")
    wait: float | None = Field(
        default=None,
        description="Failed: seconds until another call may help; null: it would fail the same way.",
    )
    learned: Capability | None = Field(
        default=None, description="What the server turned out to be able to do."
    )
    text: str | None = Field(default=None, description="Of the answer, as it came.")
    answered_by: str | None = Field(default=None, description="The model, in the server's words.")
    finish_reason: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated: bool = Field(default=False, description="The server did not count: tokens are an upper bound.")
    latency: Annotated[float, Field(ge=0)] = 0.0
    replied_at: float = Field(description="Seconds since the epoch.")

    @property
    def tokens(self) -> int:
        """Prompt and answer together."""
        return self.prompt_tokens + self.completion_tokens


class Call(Model):
    """Both sides of a call; without `replied` it was lost, or is under way."""

    prompted: Prompted
    replied: Replied | None = None
