"""Every way in which a call to a model server fails; the planner puts them in a status.

    ModelFailure
    ├── NoSuchProvider    no model server of that name is set up
    ├── ModelNotOffered   the provider is not set up for the model that the goal names
    ├── NoPrompt          no prompt for this goal can be made
    ├── RateLimited       429: too many requests                                  again, later
    ├── QuotaSpent        the account has no money or quota left
    ├── ServerFailed      5xx: the server broke or is overloaded                  again, later
    ├── TimedOut          no complete answer within the deadline                  again, later
    ├── Disconnected      the connection broke before the answer was complete     again, later
    ├── Unreachable       no connection: name, port, certificate, proxy           again, later
    ├── BadKey            401, 403, or no key where one should be
    ├── NoSuchModel       the server does not know the model
    ├── WrongAddress      what answers there is no OpenAI-compatible server
    ├── Unsupported       the server can't do what was asked for                  again, with `capability`
    ├── TooLong           prompt and answer don't fit into the model's context
    ├── BadRequest        any other 4xx
    ├── ContentFiltered   the server's filter stopped the prompt or the answer
    ├── Refused           the model declined
    ├── Empty             an answer without text                                  again, later
    ├── Truncated         the answer hit its token limit
    ├── Oversized         more text than any proposal has
    ├── Garbled           status 200, but no chat completion                      again, later
    └── ReplayEnded       a replay's journal holds no such call

The class's name is the reason. Those not marked "again" fail the same way until a person or the prompt
changes something. `providers` raises the first two, `calls` the third, `client` the others. A sentence never
holds the key, and quotes a server in one short printable line.
"""

import hashlib
from typing import TYPE_CHECKING, ClassVar

from seedbed.errors import PlannerFailed
from seedbed.planning.llm.usage import NOTHING, Usage

if TYPE_CHECKING:
    from seedbed.planning.llm.capability import Capability
    from seedbed.planning.llm.reply import Reply

FIRST_WAIT = 2.0  # seconds
LONGEST_WAIT = 600.0  # seconds; also of what a server may ask for, or it could stop a goal for good


class ModelFailure(PlannerFailed):
    """A call that gave no usable answer.

    `usage` is what it cost, or the most that it can have cost; `reply` is the answer where one came that
    can't be used; `retry_after` the seconds that the server asked for, capped.
    """

    advice: ClassVar[str]
    again: ClassVar[bool] = False

    def __init__(
        self,
        sentence: str,
        *,
        usage: Usage = NOTHING,
        retry_after: float | None = None,
        reply: "Reply | None" = None,
    ) -> None:
        super().__init__(sentence)
        self.usage = reply.usage if reply else usage
        self.retry_after = retry_after
        self.reply = reply

    @property
    def reason(self) -> str:
        """CamelCase, for a condition."""
        return type(self).__name__

    def wait(self, attempt: int, key: str) -> float | None:
        """Seconds until another call may be made at the earliest; None where it would fail the same way.

        Args:
            attempt: how many calls in a row have failed so, this one counted.
            key: what to spread over time by, such as a goal's UID.
        """
        return max(self.retry_after or 0.0, backoff(attempt, key)) if self.again else None


class NoSuchProvider(ModelFailure):
    """No model server of that name is set up."""

    advice = "name a provider that is set up, or have the owner of the machines set this one up"


class ModelNotOffered(ModelFailure):
    """The provider is not set up for the model that the goal names."""

    advice = "leave planner.model out, or have the owner of the machines add it to the provider's models"


class NoPrompt(ModelFailure):
    """No prompt for this goal can be made: it would be too long, or nothing is within the goal's limits."""

    advice = "raise planner.tokensPerCall, or the limits that the sentence names"


class RateLimited(ModelFailure):
    """Too many requests."""

    advice = "wait; if it lasts, lower budget.parallel or raise the limit at the provider"
    again = True


class QuotaSpent(ModelFailure):
    """The account has no money or quota left."""

    advice = "top up the provider's account or raise its quota"


class ServerFailed(ModelFailure):
    """The server broke or is overloaded."""

    advice = "wait; if it lasts, read the model server's log"
    again = True


class TimedOut(ModelFailure):
    """No complete answer within the deadline."""

    advice = "wait; if it lasts, use a faster model or allow a call more time"
    again = True


class Disconnected(ModelFailure):
    """The connection broke before the answer was complete."""

    advice = "wait; if it lasts, read the log of the model server and of the proxies before it"
    again = True


class Unreachable(ModelFailure):
    """No connection."""

    advice = "check the provider's address, its certificate, and the network's rules"
    again = True


class BadKey(ModelFailure):
    """The key is missing or refused."""

    advice = "put a valid key where the provider's settings say"


class NoSuchModel(ModelFailure):
    """The server does not know the model."""

    advice = "name a model that the server lists under /models"


class WrongAddress(ModelFailure):
    """What answers there is no OpenAI-compatible server."""

    advice = "give the address under which the server has /chat/completions; it mostly ends in /v1"


class Unsupported(ModelFailure):
    """The server can't do what was asked for; `capability` is what to try next, and to remember."""

    advice = "nothing: the next call asks for less"
    again = True

    def __init__(self, sentence: str, capability: "Capability") -> None:
        super().__init__(sentence)
        self.capability = capability

    def wait(self, attempt: int, key: str) -> float:
        """No reason to wait: the next call is another one."""
        return 0.0


class TooLong(ModelFailure):
    """Prompt and answer don't fit into the model's context."""

    advice = "lower planner.tokensPerCall, or use a model or server with a longer context"


class BadRequest(ModelFailure):
    """The server refuses the request for a reason of its own."""

    advice = "read what the server says; its model may lack something that the planner needs"


class ContentFiltered(ModelFailure):
    """The server's filter stopped the prompt or the answer."""

    advice = "reword the goal's text, or relax the provider's filter"


class Refused(ModelFailure):
    """The model declined."""

    advice = "reword the goal's text, or use another model"


class Empty(ModelFailure):
    """An answer without text."""

    advice = "wait; if it lasts, use another model"
    again = True


class Truncated(ModelFailure):
    """The answer hit its token limit."""

    advice = "raise planner.tokensPerCall, or use a model that reasons less"


class Oversized(ModelFailure):
    """More text than any proposal has."""

    advice = "use another model: this one does not keep to what it is asked for"


class Garbled(ModelFailure):
    """Status 200, but no chat completion."""

    advice = "wait; if it lasts, check that the server is OpenAI-compatible"
    again = True


class ReplayEnded(ModelFailure):
    """A replay's journal holds no such call."""

    advice = "run without --replay to ask the provider, or replay the journal of a goal that went this way"


def backoff(attempt: int, key: str) -> float:
    """Seconds to wait after failure number `attempt` in a row: doubling from 2 s up to 10 min.

    A hash of `key` takes up to a quarter off, so that goals that failed together don't return together, and
    yet the same goal waits the same time wherever it is played.
    """
    doubled: float = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempt - 1, 30))
    digest = hashlib.sha256(f"{key}/{attempt}".encode()).digest()
    return doubled * (1 - int.from_bytes(digest[:4], "big") / 2**34)
