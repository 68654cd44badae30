"""`ModelCalls`: makes the calls to planning LLMs that goals' statuses claim, in the background.

One object a process. The prompt goes into the journal before the call, with a write that only the first writer
of that key succeeds in: so even two processes that believe to hold the same claim make one call. The answer
goes into the journal after it; the reconciler is woken and reads it there. A call that dies with its process
leaves a prompt without an answer, and is never made again.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.common import seconds
from seedbed.api.goal import Resources
from seedbed.api.progress import Planning
from seedbed.engine.instants import to_epoch
from seedbed.engine.naming import call_key
from seedbed.engine.observation import CallObservation
from seedbed.errors import InvalidInput, PlannerFailed, StorageFailed
from seedbed.planning.contract import ProposalRequest
from seedbed.planning.llm import client
from seedbed.planning.llm.capability import Capability
from seedbed.planning.llm.consult import Turn, answer_tokens, first_prompt, offer_of, repair_prompt
from seedbed.planning.llm.failures import ModelFailure, NoPrompt, NoProvider
from seedbed.planning.llm.journal import Call, Prompted, Replied
from seedbed.planning.llm.offer import Offer
from seedbed.planning.llm.provider import Provider
from seedbed.planning.llm.providers import Providers
from seedbed.planning.llm.reply import Reply
from seedbed.planning.llm.schema import answer_schema
from seedbed.world import Artifacts

log = logging.getLogger(__name__)

Ask = Callable[..., Awaitable[Reply]]
_Key = tuple[str, int, int]
